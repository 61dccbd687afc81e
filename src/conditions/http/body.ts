import { BROKEN, type OnData } from "../../http1/chunks.ts";
import type { Framing } from "../../http1/fields.ts";
import type { RequestReader } from "../../http1/messages.ts";
import type { Harm, Output } from "../kinds/condition.ts";
import type { Random } from "../time/random.ts";

/** No more of this message passes. */
export const CUT = -3;
/** Where a body of unknown length is cut if the condition names no place, bytes. */
const CUT_DEFAULT = 1_000;

/** What finds a body's end: the reader of the message's direction, which has just read its head. */
type BodyReader = Pick<RequestReader, "readBody">;

interface BodyOptions {
  readonly reader: BodyReader;
  readonly framing: Framing;
  /** Bytes of a sized body. */
  readonly length: number;
  /** The last byte of its head where that is to pass with the body's first one; else null. */
  readonly headEnd: Buffer | null;
  readonly harm: Harm;
  readonly random: Random;
  /**
   * Where bytes that pass go. Corrupted bytes are changed in the buffer that was read: nobody else may use it.
   */
  readonly push: Output["push"];
}

/** The body of one message, and what is done to it on its way. */
export interface HarmedBody {
  readonly options: BodyOptions;
  /** Only the end of the connection ends it. */
  readonly untilClose: boolean;
  /** How many bytes of data pass before the cut; Infinity: it isn't cut. */
  readonly cutAt: number;
  /** Told of each run of data in `bytes`; made once, not for each read. */
  readonly onData: OnData;
  /** What is read now. */
  bytes: Buffer;
  /** Bytes of data so far, without the chunks' framing. */
  passed: number;
  /** The byte of the data in which a bit is flipped next; Infinity: none. */
  flipAt: number;
  /** Where `bytes` is cut; -1: not in these. */
  cut: number;
  /**
   * The last byte that came, if the body is to be cut and ends with the connection: it is kept until another one comes. So its last
   * byte never passes, however short it is.
   */
  kept: Buffer | null;
}

export function openBody(options: BodyOptions): HarmedBody {
  const { framing, length, harm, headEnd } = options;
  const body: HarmedBody = {
    options,
    untilClose: framing === "close",
    cutAt: whereCut(harm, framing === "sized" ? length : null),
    onData: (from, to) => harmData(body, from, to),
    bytes: Buffer.alloc(0),
    passed: 0,
    flipAt: firstFlip(options),
    cut: -1,
    kept: headEnd,
  };
  return body;
}

/** Hands bytes on. Returns where the body ends in them, GOES_ON, BROKEN (nothing was handed on) or CUT. */
export function takeBody(body: HarmedBody, bytes: Buffer, at: number): number {
  const { reader, harm } = body.options;
  body.bytes = bytes;
  const end = reader.readBody(bytes, 0, bytes.length, body.onData);
  if (end === BROKEN) return BROKEN;
  // A body that ends before the cut is cut ahead of its last byte.
  if (end >= 0 && body.cut < 0 && harm.cut !== undefined) body.cut = end - 1;
  const upTo = body.cut >= 0 ? body.cut : end >= 0 ? end : bytes.length;
  // What was kept stands before the cut.
  if (body.cut >= 0) releaseKept(body, at);
  if (upTo > 0) pass(body, upTo === bytes.length ? bytes : bytes.subarray(0, upTo), at);
  return body.cut >= 0 ? CUT : end;
}

/** Hands on the byte that was kept. */
export function releaseKept(body: HarmedBody, at: number): void {
  if (body.kept !== null) body.options.push(body.kept, at);
  body.kept = null;
}

/** Hands on, without the last byte where it may be the body's last. */
function pass(body: HarmedBody, bytes: Buffer, at: number): void {
  const { harm, push } = body.options;
  releaseKept(body, at);
  if (!body.untilClose || harm.cut === undefined || body.cut >= 0) return push(bytes, at);
  // A copy: what was read may be overwritten.
  body.kept = Buffer.from(bytes.subarray(-1));
  if (bytes.length > 1) push(bytes.subarray(0, -1), at);
}

/** Goes through a run of the body's data in `bytes`: finds the cut, and flips bits. */
function harmData(body: HarmedBody, from: number, to: number): void {
  const { bytes, passed, cutAt } = body;
  const after = passed + to - from;
  if (body.cut < 0 && after > cutAt) body.cut = from + cutAt - passed;
  while (body.flipAt < after) {
    const at = from + body.flipAt - passed;
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(body.options.random() * 8));
    body.flipAt += 1 + gap(body.options);
  }
  body.passed = after;
}

/** In every body that was drawn at least one bit is flipped, also in a short one. */
function firstFlip(options: BodyOptions): number {
  const { harm, framing, length, random } = options;
  if (harm.corrupt === undefined || harm.corrupt === 0) return Number.POSITIVE_INFINITY;
  const first = gap(options);
  if (framing !== "sized") return 0;
  return first < length ? first : Math.floor(random() * length);
}

/** Bytes between two flips: a geometric distribution, as if each byte were drawn by itself. */
function gap({ harm: { corrupt: rate = 0 }, random }: BodyOptions): number {
  return rate >= 1 ? 0 : Math.floor(Math.log(1 - random()) / Math.log(1 - rate));
}

/** `length`: the body's, null where nobody knows it. */
function whereCut({ cut }: Harm, length: number | null): number {
  if (cut === undefined) return Number.POSITIVE_INFINITY;
  if (length === null) return cut.bytes ?? CUT_DEFAULT;
  return Math.min(cut.bytes ?? length >> 1, length - 1);
}
