import { randomBytes } from "node:crypto";
import type { Exchange } from "./exchange.ts";

/** Crockford's base 32: no I, L, O, U. */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** Of this home: what one home's ids have in common. */
const HOME = base32(randomBytes(5).readUIntBE(0, 5), 8);
const TRACE_PREFIX = `${randomBytes(8).toString("hex")}000000`;
const SPAN_PREFIX = randomBytes(3).toString("hex");

/**
 * An exchange's id: a ULID (26 digits: 48 bits of time, then 80 that tell it from others), so that ids sort by time.
 * Its last eight digits are the exchange's number: any tail that has no more than zeros before it means the same.
 */
export function idOf({ at, seq }: Pick<Exchange, "at" | "seq">): string {
  // Times before 1970 (in an imported archive) sort first.
  return base32(Math.max(0, Math.floor(at)), 10) + HOME + base32(seq, 8);
}

/** What people type: the last digits, at least four of them. */
export function shortId(seq: number): string {
  let digits = 4;
  while (32 ** digits <= seq) digits++;
  return base32(seq, digits);
}

/** The number in an id or in its tail; null where it is neither, or of another home. */
export function seqOf(id: string): number | null {
  const text = id.toUpperCase();
  if (!/^[0-9A-HJKMNP-TV-Z]{1,26}$/.test(text)) return null;
  if (text.length === 26 && text.slice(10, 18) !== HOME) return null;
  if (text.length > 8 && text.length !== 26) return null;
  let seq = 0;
  for (const digit of text.slice(-8)) seq = seq * 32 + DIGITS.indexOf(digit);
  return seq;
}

function base32(value: number, digits: number): string {
  let text = "";
  for (let rest = value; text.length < digits; rest = Math.floor(rest / 32)) text = DIGITS[rest % 32] + text;
  return text;
}

/** The span that an exchange is: 16 hex digits. */
export function spanIdOf(seq: number): string {
  return SPAN_PREFIX + hex(seq);
}

/** The number of the exchange that is this span; null for spans that aren't this home's. */
export function seqOfSpan(spanId: string): number | null {
  return spanId.startsWith(SPAN_PREFIX) ? Number.parseInt(spanId.slice(SPAN_PREFIX.length), 16) : null;
}

/** The trace that an exchange began: 32 hex digits. */
function ownTraceId(seq: number): string {
  return TRACE_PREFIX + hex(seq);
}

/** An exchange as far as its trace is asked for. */
interface Traced extends Pick<Exchange, "seq"> {
  readonly trace: Pick<Exchange["trace"], "traceId">;
}

export function traceIdOf({ trace, seq }: Traced): string {
  return trace.traceId ?? ownTraceId(seq);
}

/** Whether an exchange is of this trace; cheap, for walks over all of them. */
export function inTrace(id: string): (exchange: Traced) => boolean {
  const root = id.startsWith(TRACE_PREFIX) ? Number.parseInt(id.slice(TRACE_PREFIX.length), 16) : -1;
  return ({ trace, seq }) => (trace.traceId === null ? seq === root : trace.traceId === id);
}

/** The last three digits of all numbers, and the others of the last one that was asked for: numbers come in a row. */
const LAST_DIGITS = Array.from({ length: 4_096 }, (_, n) => n.toString(16).padStart(3, "0"));
let others = { of: 0, text: "0000000" };

/** Ten digits. */
function hex(seq: number): string {
  const rest = Math.floor(seq / 4_096);
  if (rest !== others.of) others = { of: rest, text: rest.toString(16).padStart(7, "0") };
  return others.text + LAST_DIGITS[seq % 4_096];
}
