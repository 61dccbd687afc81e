import { type CapturedBody, isCut, keptBytes } from "../../capture/body.ts";
import { REVEALED, type Redactor } from "../redact/redactor.ts";
import type { BodyView } from "./forms/body-view.ts";
import { bodyViewOf } from "./view.ts";

/** A body as it leaves Cove: in an archive, in a command to copy. */
export interface ExportedBody {
  readonly bytes: Buffer;
  /** They are as they came: its Content-Encoding still holds. */
  readonly coded: boolean;
  /** Why it differs from what was sent, in words. */
  readonly note: string | null;
}

/** Bytes of text that are searched for credentials; what is longer is left out unless they may be seen. */
const MOST = 2 * 1024 * 1024;

/** The bytes that came where there is nothing to hide in them; else the text without credentials, else nothing. */
export async function exportedBody(body: CapturedBody | null, head: string, redactor: Redactor): Promise<ExportedBody> {
  const bytes = keptBytes(body);
  if (body === null || bytes.length === 0 || redactor === REVEALED) return { bytes, coded: true, note: cutNote(body) };
  const before = redactor.hidden();
  const view = await bodyViewOf(body, head, redactor, MOST);
  return chosen(body, view, redactor.hidden() !== before);
}

/** `hides`: there is something hidden in the view. */
export function chosen(body: CapturedBody, view: BodyView, hides: boolean): ExportedBody {
  const { whole, problem, form, raw, coding } = view;
  const looked = whole && (problem === null || form === "json" || form === "image");
  if (!hides && looked) return { bytes: keptBytes(body), coded: true, note: cutNote(body) };
  if (raw !== null) {
    const note = whole ? cutNote(body) : "only its beginning, since the rest was not searched for credentials";
    return { bytes: Buffer.from(raw), coded: coding === null, note };
  }
  const note = hides
    ? "it holds credentials that can't be hidden in it"
    : "not all of it could be searched for credentials";
  return { bytes: Buffer.alloc(0), coded: false, note: `left out, since ${note}` };
}

function cutNote(body: CapturedBody | null): string | null {
  return isCut(body) ? `its first ${body?.keptSize} of ${body?.size} bytes were kept` : null;
}
