import { type Body, isCut, keptBytes } from "../body.ts";
import { fieldOf } from "../heads.ts";
import type { Redactor } from "../redact/redactor.ts";
import type { BodyView } from "./body-view.ts";
import { hideBytes, hideText, textOf } from "./plain.ts";

/** Of bytes that are shown as base64. */
const MOST_BASE64 = 64 * 1024;

/** A body for people. `head`: that of its message. */
export async function bodyViewOf(body: Body, head: string, redactor: Redactor): Promise<BodyView> {
  const bytes = keptBytes(body);
  const text = textOf(bytes);
  const shown = text === null ? null : hideText(text, redactor);
  return {
    ...{ size: body.size, kept: body.keptSize, cut: isCut(body) },
    type: fieldOf(head, "content-type") ?? "",
    coding: null,
    form: text === null ? "binary" : "text",
    ...{ text: shown, raw: shown },
    base64: text === null ? hideBytes(bytes.subarray(0, MOST_BASE64), redactor) : null,
    ...{ dimensions: null, parts: null, fields: null, frames: null, events: null, graphql: null, problem: null },
  };
}
