/**
 * Text from outside (the wire, a service's log, a file) for a terminal. What a terminal would obey or what would hide or
 * reorder text is replaced by something to be seen; see https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing.
 */

/**
 * C0 but tab and line feed, DEL, C1; marks, embeddings, overrides and isolates of writing direction; separators of lines and
 * paragraphs; deprecated format controls and interlinear annotations; the byte order mark; tags; and halves of pairs.
 */
const HIDDEN_CLASS =
  "\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}\\ud800-\\udfff";
const HIDDEN = new RegExp(`[${HIDDEN_CLASS}]`, "u");
const EACH_HIDDEN = new RegExp(`[${HIDDEN_CLASS}]`, "gu");
/** Select Graphic Rendition (ECMA-48 §8.3.117): colours and weight, nothing else. */
const SGR = "\\x1b\\[[0-9;:]{0,64}m";
const SGR_OR_HIDDEN = new RegExp(`(${SGR})|[${HIDDEN_CLASS}]`, "gu");
const EACH_SGR = new RegExp(SGR, "g");
const RESET = "\x1b[0m";

/** `keep`: SGR stays. `drop`: SGR goes without a trace. `show`: SGR is replaced like any other control. */
export type Colours = "keep" | "drop" | "show";

/** Whether nothing in the text would be replaced. */
export function isPrintable(text: string): boolean {
  return !HIDDEN.test(text);
}

/**
 * The text with visible signs instead of controls: `␛` for ESC, `<U+202E>` for the right-to-left override. Line feeds and tabs
 * stay, and so do colours where `colours` says so.
 *
 * @example printable("\x1b]52;c;aGk=\x07") // "␛]52;c;aGk=␇"
 */
export function printable(text: string, colours: Colours = "show"): string {
  if (!HIDDEN.test(text)) return text;
  if (colours === "show") return text.replace(EACH_HIDDEN, visible);
  if (colours === "drop") return text.replace(EACH_SGR, "").replace(EACH_HIDDEN, visible);
  return text.replace(SGR_OR_HIDDEN, (sign, sgr: string | undefined) => sgr ?? visible(sign));
}

/** The same on one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll("\n", "⏎").replaceAll("\t", " ");
}

/** The same on one line, for names and commands: every run of white space is one blank. */
export function printableWords(text: string): string {
  return printable(text.replace(/\s+/g, " ").trim());
}

/** The same value with all texts in it printable. */
export function printableIn<T>(value: T): T {
  return mapped(value) as T;
}

function mapped(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (Array.isArray(value)) return value.map(mapped);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, mapped(part)]));
}

/** A line of a service's log: with its colours, which end with the line, or without them; a CR before its end is no text. */
export function printableLog(text: string, colours: "keep" | "drop"): string {
  const shown = printable(text.endsWith("\r") ? text.slice(0, -1) : text, colours);
  return shown.includes("\x1b") ? `${shown}${RESET}` : shown;
}

/** JSON that is safe in a terminal: the same value, but with such characters as `\u` escapes. */
export function printableJson(json: string): string {
  if (!HIDDEN.test(json)) return json;
  return json.replace(EACH_HIDDEN, (sign) =>
    Array.from({ length: sign.length }, (_, n) => `\\u${sign.charCodeAt(n).toString(16).padStart(4, "0")}`).join(""),
  );
}

function visible(sign: string): string {
  const code = sign.codePointAt(0) ?? 0;
  // Control pictures: U+2400 NUL … U+241F US, and U+2421 DEL.
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}
