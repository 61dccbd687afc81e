import { textOf } from "./plain.ts";

/** Byte order marks (the Encoding standard §6). */
const MARKS: readonly (readonly [string, readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16be", [0xfe, 0xff]],
  ["utf-16le", [0xff, 0xfe]],
];
/** `<meta charset=…>`, `<?xml encoding=…?>` within the first bytes (the HTML standard looks at 1024). */
const INSIDE = /<meta[^>]{0,200}charset\s*=\s*["']?([\w-]+)|<\?xml[^>]{0,200}encoding\s*=\s*["']([\w-]+)/i;

/** What browsers assume for old pages. */
const FALLBACK = "windows-1252";

/** Bytes as text: by their mark, by what Content-Type says, by what the text says of itself, else UTF-8. `stated`: Content-Type says that it is text. Null: it is not text. */
export function decodeText(bytes: Buffer, charset: string | undefined, stated: boolean): string | null {
  for (const [label, mark] of MARKS) if (mark.every((byte, n) => bytes[n] === byte)) return decode(bytes, label);
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    const text = decode(bytes, charset);
    if (text !== null) return text;
  }
  const utf8 = textOf(bytes);
  if (utf8 !== null) return utf8;
  if (!stated || bytes.includes(0)) return null;
  const [, html, xml] = INSIDE.exec(bytes.toString("latin1", 0, 1024)) ?? [];
  return decode(bytes, html ?? xml ?? FALLBACK) ?? decode(bytes, FALLBACK);
}

/** Null: an unknown charset. */
function decode(bytes: Buffer, label: string): string | null {
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    return null;
  }
}
