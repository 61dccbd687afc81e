import { beginsWrong } from "./bad-request-head.ts";
import { type HeadFault, headFault, isHeadFault, MAX_HEAD } from "./fields.ts";
import { parseRequestHead } from "./request-head.ts";

const LF = 0x0a;
const CR = 0x0d;

/** A request's head that isn't whole yet: refused as soon as it can't become one. */
export function wrongSoFar(bytes: Buffer, start: number): HeadFault | null {
  const lf = bytes.indexOf(LF, start);
  if (lf === -1) return start < bytes.length ? beginsWrong(bytes[start] ?? 0) : null;
  if (lf === 0 || bytes[lf - 1] !== CR || bytes.includes("\n\n", start)) {
    return headFault(400, "a line feed without carriage return");
  }
  const line = bytes.toString("latin1", start, lf - 1);
  // Whatever follows, a request line that is none stays one.
  const whole = parseRequestHead(`${line}\r\nHost: x\r\n\r\n`);
  return isHeadFault(whole) ? whole : null;
}

/** Which part of a head is too large. */
export function tooLarge(bytes: Buffer, start: number): HeadFault {
  const lf = bytes.indexOf(LF, start);
  const long = lf === -1 || lf - start > MAX_HEAD / 2;
  return long ? headFault(414, "a request line that is too long") : headFault(431, `a head over ${MAX_HEAD} bytes`);
}
