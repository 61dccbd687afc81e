import { BROKEN, chunkScanner, GOES_ON } from "../../http1/chunks.ts";
import type { Framing } from "../../http1/fields.ts";
import type { Harm, Output } from "../kinds/condition.ts";
import type { Random } from "../time/random.ts";

/** No more of this message passes. */
export const CUT = -3;
/** Where a body of unknown length is cut if nothing is said, bytes. */
const CUT_DEFAULT = 1_000;

/** The body of one message: finds its end, and does to it on the way what is to be done. */
export interface HarmedBody {
  /** Hands bytes on. Returns where the body ends in them, GOES_ON, BROKEN (nothing was handed on) or CUT. */
  readonly take: (bytes: Buffer, at: number) => number;
  /** Only the end of the connection ends it. */
  readonly untilClose: boolean;
  /** Hands on what was kept: the message is no longer followed. */
  readonly release: (at: number) => void;
}

interface Message {
  readonly framing: Framing;
  readonly length: number;
  /** The end of its head, which passes with the first byte of the body. */
  readonly headEnd?: Buffer | null;
}

/**
 * `push` gets what passes. Bytes are turned where they lie: they must be nobody else's. Of a body that is to be cut and ends with the
 * connection, the last byte that came is kept until another comes: however short the body is, its last byte never passes.
 */
export function openBody(
  { framing, length, headEnd = null }: Message,
  harm: Harm,
  random: Random,
  push: Output["push"],
): HarmedBody {
  const chunks = framing === "chunked" ? chunkScanner() : null;
  const sized = framing === "sized";
  const cutAt = whereCut(harm, sized ? length : null);
  let left = sized ? length : Number.POSITIVE_INFINITY;
  /** Bytes of data so far, without the chunks' sizes. */
  let passed = 0;
  /** The byte of the data of which a bit is turned next. */
  let turnAt = harm.corrupt === undefined || harm.corrupt === 0 ? Number.POSITIVE_INFINITY : gap();
  // Every body that was drawn gets its share, also a short one.
  if (turnAt !== Number.POSITIVE_INFINITY) {
    if (!sized) turnAt = 0;
    else if (turnAt >= length) turnAt = Math.floor(random() * length);
  }
  let bytes: Buffer;
  let cut = -1;

  /** Bytes between two turned ones: geometric, as if each were drawn for itself. */
  function gap(): number {
    const { corrupt: rate = 0 } = harm;
    return rate >= 1 ? 0 : Math.floor(Math.log(1 - random()) / Math.log(1 - rate));
  }

  function data(from: number, to: number): void {
    const after = passed + to - from;
    if (cut < 0 && after > cutAt) cut = from + cutAt - passed;
    while (turnAt < after) {
      const at = from + turnAt - passed;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      turnAt += 1 + gap();
    }
    passed = after;
  }

  const untilClose = !sized && chunks === null;
  let kept = headEnd;

  function release(at: number): void {
    if (kept !== null) push(kept, at);
    kept = null;
  }

  /** Hands on, without the last byte where it may be the body's. */
  function pass(passing: Buffer, at: number): void {
    release(at);
    if (!untilClose || harm.cut === undefined || cut >= 0) return push(passing, at);
    // A copy: what was read may be overwritten.
    kept = Buffer.from(passing.subarray(-1));
    if (passing.length > 1) push(passing.subarray(0, -1), at);
  }

  return {
    ...{ untilClose, release },
    take: (taken, at) => {
      bytes = taken;
      let end = GOES_ON;
      if (chunks !== null) {
        end = chunks.scan(taken, 0, taken.length, data);
        if (end === BROKEN) return BROKEN;
      } else {
        const run = Math.min(left, taken.length);
        data(0, run);
        left -= run;
        if (left === 0) end = run;
      }
      // Whatever its length: the last byte never passes.
      if (end >= 0 && cut < 0 && harm.cut !== undefined) cut = end - 1;
      const upTo = cut >= 0 ? cut : end >= 0 ? end : taken.length;
      // What was kept stands before the cut.
      if (cut >= 0) release(at);
      if (upTo > 0) pass(upTo === taken.length ? taken : taken.subarray(0, upTo), at);
      return cut >= 0 ? CUT : end;
    },
  };
}

function whereCut({ cut }: Harm, length: number | null): number {
  if (cut === undefined) return Number.POSITIVE_INFINITY;
  if (length === null) return cut.bytes ?? CUT_DEFAULT;
  return Math.min(cut.bytes ?? length >> 1, length - 1);
}
