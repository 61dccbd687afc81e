import { type CapturedBody, isCut, keptBytes } from "../../capture/body.ts";
import { fieldOf } from "../../capture/heads.ts";
import type { Redactor } from "../redact/redactor.ts";
import { decodeText } from "./bytes/charset.ts";
import { type Decoded, undoCodings } from "./bytes/codings.ts";
import { parseMediaType } from "./bytes/media-type.ts";
import { sniff } from "./bytes/sniff.ts";
import type { BodyView } from "./forms/body-view.ts";
import type { Content } from "./forms/form.ts";
import { FORMS } from "./forms/forms.ts";
import { isJson } from "./forms/json.ts";

/** Bytes that a body may grow to when its codings are undone: more is a bomb, or nothing to read. */
const MOST_DECODED = 8 * 1024 * 1024;
/** Text that is laid out, bytes: the event loop waits meanwhile, and a page has to carry it. The whole can be fetched. */
const MOST_TEXT = 256 * 1024;

/**
 * A body for people: codings undone, laid out by its form, credentials hidden. `head`: that of its message; `most`: bytes of
 * text that are looked at.
 */
export async function bodyViewOf(
  body: CapturedBody,
  head: string,
  redactor: Redactor,
  most: number = MOST_TEXT,
): Promise<BodyView> {
  const decoded = await undoCodings(keptBytes(body), fieldOf(head, "content-encoding"), MOST_DECODED);
  return viewOf(body, decoded, head, redactor, most);
}

/** The same, of a body whose codings are undone already. */
export function viewOf(
  body: CapturedBody,
  { bytes, coding, cut, problem }: Decoded,
  head: string,
  redactor: Redactor,
  most: number,
): BodyView {
  const type = fieldOf(head, "content-type") ?? "";
  const stated = parseMediaType(type);
  const looks = stated.type === "" || stated.type === "application/octet-stream" ? sniff(bytes) : "";
  const media = looks === "" ? stated : { ...stated, type: looks };
  const part = bytes.length > most ? bytes.subarray(0, most) : bytes;
  const whole = !cut && part.length === bytes.length;
  let said: string | null | undefined;
  const content: Content = {
    ...{ bytes, media, redactor },
    whole: !isCut(body) && whole,
    text: () => {
      said ??= decodeText(part, media.parameters.get("charset"), isText(media.type));
      return said;
    },
  };
  const base = {
    ...{ size: body.size, kept: body.keptSize, cut: isCut(body), whole, type, coding },
    ...{ text: null, raw: null, base64: null, dimensions: null, parts: null },
    ...{ fields: null, frames: null, events: null, graphql: null },
  };
  for (const form of FORMS) {
    const view = form.fits(content) ? form.view(content) : null;
    if (view === null) continue;
    const long = said != null && part.length < bytes.length ? `the first ${most / 1024} KiB are shown` : null;
    const problems = [problem, view.problem, long].filter((one) => one != null);
    return { ...base, ...view, problem: problems.length === 0 ? null : problems.join("; ") };
  }
  return { ...base, form: "binary", problem };
}

function isText(type: string): boolean {
  return type.startsWith("text/") || isJson(type) || /[/+]xml$/.test(type) || type.endsWith("form-urlencoded");
}
