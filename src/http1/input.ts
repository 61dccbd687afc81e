/**
 * Bytes that came and are not dealt with yet: `bytes[from, to)`. While they are dealt with they lie in the buffer that they
 * were read into (borrowed); what is left afterwards is copied once, into a buffer of its own that grows by doubling.
 */
export interface Input {
  bytes: Buffer;
  from: number;
  to: number;
  /** `bytes` belongs to the socket: it's valid until the next read. */
  borrowed: boolean;
  /** Kept for the next time that bytes have to wait. */
  own: Buffer;
}

const NOTHING = Buffer.alloc(0);
/** A buffer of one's own begins with this size, bytes; an empty one that grew beyond it is given back. */
const SMALL = 4 * 1024;

export function newInput(): Input {
  return { bytes: NOTHING, from: 0, to: 0, borrowed: false, own: NOTHING };
}

export function inputLength({ from, to }: Input): number {
  return to - from;
}

/** Takes the `length` bytes at the start of `bytes`: in place where nothing waits, else behind what waits. */
export function lend(input: Input, bytes: Buffer, length: number): void {
  if (input.from < input.to) return append(input, bytes, length);
  input.bytes = bytes;
  input.from = 0;
  input.to = length;
  input.borrowed = true;
}

/** The event is over: what was not dealt with gets a buffer of its own. */
export function keepRest(input: Input): void {
  if (!input.borrowed) {
    if (input.from === input.to) clear(input);
    return;
  }
  const { bytes, from, to } = input;
  clear(input);
  if (from === to) return;
  reserve(input, to - from);
  bytes.copy(input.own, 0, from, to);
  input.to = to - from;
}

/** Nothing waits any more. */
export function clear(input: Input): void {
  if (input.own.length > SMALL) input.own = NOTHING;
  input.bytes = input.own;
  input.from = 0;
  input.to = 0;
  input.borrowed = false;
}

/** Puts bytes of anyone's behind those that wait. */
export function append(input: Input, bytes: Uint8Array, length = bytes.length): void {
  keepRest(input);
  const there = input.to - input.from;
  reserve(input, there + length);
  input.own.set(length === bytes.length ? bytes : bytes.subarray(0, length), input.to);
  input.to += length;
}

/** Room for `size` bytes from `from` on, those that wait moved to the start or into a larger buffer where there is none. */
function reserve(input: Input, size: number): void {
  if (input.from + size <= input.own.length) {
    input.bytes = input.own;
    return;
  }
  const { own, from, to } = input;
  if (size > own.length) input.own = Buffer.allocUnsafeSlow(Math.max(SMALL, 2 ** Math.ceil(Math.log2(size))));
  own.copy(input.own, 0, from, to);
  input.bytes = input.own;
  input.from = 0;
  input.to = to - from;
}
