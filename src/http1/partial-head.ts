import { isHeadFault, MAX_HEAD } from "./fields.ts";
import { parseRequestHead } from "./request-head.ts";

/** A head that isn't whole yet: refused as soon as it can't become one. */
export function wrongSoFar(bytes: Buffer, start: number): { refused: number; reason: string } | null {
  if (bytes.length - start >= MAX_HEAD) return tooLarge(bytes, start);
  const lf = bytes.indexOf(0x0a, start);
  if (lf === -1) {
    const first = bytes[start];
    // A request begins with a letter; 0x16 would be TLS.
    if (first !== undefined && first !== 0x0d && (first < 0x21 || first > 0x7e)) {
      return { refused: 400, reason: first === 0x16 ? "TLS on a plain connection" : "bytes that are no HTTP" };
    }
    return null;
  }
  if (lf === 0 || bytes[lf - 1] !== 0x0d || bytes.includes("\n\n", start)) {
    return { refused: 400, reason: "a line feed without carriage return" };
  }
  const line = bytes.toString("latin1", start, lf - 1);
  // Whatever follows, a request line that is none stays one.
  const whole = parseRequestHead(`${line}\r\nHost: x\r\n\r\n`);
  return isHeadFault(whole) ? whole : null;
}

export function tooLarge(bytes: Buffer, start: number): { refused: number; reason: string } {
  const lf = bytes.indexOf(0x0a, start);
  const long = lf === -1 || lf - start > MAX_HEAD / 2;
  return long
    ? { refused: 414, reason: "a request line that is too long" }
    : { refused: 431, reason: `a head over ${MAX_HEAD} bytes` };
}
