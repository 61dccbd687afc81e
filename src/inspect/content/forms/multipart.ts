import { decodeText } from "../bytes/charset.ts";
import { parseMediaType } from "../bytes/media-type.ts";
import type { Part } from "./body-view.ts";
import type { ContentForm } from "./form.ts";
import { isJson } from "./json.ts";

const MOST_PARTS = 200;
/** Of each part's text. */
const MOST_TEXT = 64 * 1024;

/** multipart/form-data and its kin (RFC 2046 §5.1, RFC 7578). */
export const multipart: ContentForm = {
  fits: ({ media }) => media.type.startsWith("multipart/") && (media.parameters.get("boundary") ?? "") !== "",
  view: ({ bytes, media, whole, redactor }) => {
    const parts: Part[] = [];
    const between = Buffer.from(`--${media.parameters.get("boundary")}`);
    let at = bytes.indexOf(between);
    let closed = false;
    while (at !== -1 && parts.length < MOST_PARTS) {
      const start = at + between.length;
      if (bytes[start] === 0x2d && bytes[start + 1] === 0x2d) {
        closed = true;
        break;
      }
      at = bytes.indexOf(between, start);
      const section = bytes.subarray(start, at === -1 ? bytes.length : at);
      const blank = section.indexOf("\r\n\r\n");
      if (blank === -1) continue;
      const head = section.toString("utf8", 0, blank);
      // The line break ahead of a boundary is the boundary's.
      const content = section.subarray(blank + 4, at === -1 ? section.length : Math.max(blank + 4, section.length - 2));
      parts.push(partOf(head, content));
    }
    if (parts.length === 0) return null;
    const text = parts.map((part) => `${titleOf(part)}\n${part.text ?? ""}`.trimEnd()).join("\n\n");
    return { form: "multipart", text, raw: null, parts, problem: whole && !closed ? problem(parts.length) : null };

    function partOf(head: string, content: Buffer): Part {
      const disposition = parseMediaType(fieldIn(head, "content-disposition")).parameters;
      const name = disposition.get("name") ?? null;
      const filename = disposition.get("filename") ?? null;
      const { type, parameters } = parseMediaType(fieldIn(head, "content-type"));
      const said = decodeText(content.subarray(0, MOST_TEXT), parameters.get("charset"), false);
      const shown = said === null ? null : hide(name ?? "", type, said);
      return { name, filename, type: type || (said === null ? "" : "text/plain"), size: content.length, text: shown };
    }

    function hide(name: string, type: string, text: string): string {
      const shown = redactor.value(name, text, "address");
      if (shown !== text) return shown;
      return isJson(type) ? redactor.json(text) : redactor.text(text, true);
    }
  },
};

function problem(parts: number): string {
  return parts === MOST_PARTS ? `the first ${MOST_PARTS} parts are shown` : "the closing boundary is missing";
}

function titleOf({ name, filename, type, size }: Part): string {
  return [name ?? "part", filename, type, `${size} bytes`].filter((word) => word !== null && word !== "").join(", ");
}

function fieldIn(head: string, name: string): string {
  return new RegExp(`(?:^|\\r\\n)${name}:[\\t ]*([^\\r\\n]*)`, "i").exec(head)?.[1] ?? "";
}
