import { isUtf8 } from "node:buffer";

/** Bytes as text where they are UTF-8, cut at any place; null for other bytes. */
export function textOf(bytes: Buffer): string | null {
  const whole = wholeEnd(bytes);
  if (!isUtf8(bytes.subarray(0, whole))) return null;
  const text = bytes.toString("utf8", 0, whole);
  // Control signs other than blanks are no text.
  return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? null : text;
}

/** Where the last whole character ends: a cut may have gone through one. */
function wholeEnd(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte < 0xc0) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needs > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
