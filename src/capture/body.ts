/** A body as it was kept: its first bytes up to the edge's limit. */
export interface CapturedBody {
  /** All bytes that passed, framing not counted. */
  size: number;
  readonly kept: Buffer[];
  keptSize: number;
}

/** Fewer bytes than this are copied together with others into one slab: a small body costs no allocation of its own. */
const SLAB = 64 * 1024;
let slab = Buffer.allocUnsafeSlow(SLAB);
let used = 0;

/**
 * All bodies together: as much as the ring holds at once, then so many bytes a second. A load test's gigabytes would be
 * garbage a moment later, and memory is given back more slowly than that: of what is beyond it only the size is kept.
 */
const BURST = 128 * 1024 * 1024;
const PER_MS = (32 * 1024 * 1024) / 1_000;
let credit = BURST;
let filled = 0;

function allowed(wanted: number): number {
  if (credit < wanted) {
    const now = performance.now();
    credit = Math.min(BURST, credit + (now - filled) * PER_MS);
    filled = now;
  }
  const given = Math.min(wanted, Math.floor(credit));
  credit -= given;
  return given;
}

/** Adds `bytes[from, to)` to a body, of which `most` bytes are kept. Returns how many were. The bytes are copied. */
export function keep(body: CapturedBody, bytes: Buffer, from: number, to: number, most: number): number {
  const wanted = Math.min(most - body.keptSize, to - from);
  // What is kept is the beginning, without a hole.
  const whole = body.keptSize === body.size;
  body.size += to - from;
  const room = wanted > 0 && whole ? allowed(wanted) : 0;
  if (room <= 0) return 0;
  body.keptSize += room;
  body.kept.push(copy(bytes, from, from + room));
  return room;
}

export function newBody(): CapturedBody {
  return { size: 0, kept: [], keptSize: 0 };
}

/** All that was kept, in one. */
export function keptBytes(body: CapturedBody | null): Buffer {
  if (body === null || body.kept.length === 0) return Buffer.alloc(0);
  const [first] = body.kept;
  return body.kept.length === 1 && first !== undefined ? first : Buffer.concat(body.kept);
}

/** True where bytes are missing. */
export function isCut(body: CapturedBody | null): boolean {
  return body !== null && body.keptSize < body.size;
}

function copy(bytes: Buffer, from: number, to: number): Buffer {
  const length = to - from;
  if (length > SLAB / 4) return Buffer.from(bytes.subarray(from, to));
  if (length > SLAB - used) {
    slab = Buffer.allocUnsafeSlow(SLAB);
    used = 0;
  }
  bytes.copy(slab, used, from, to);
  const kept = slab.subarray(used, used + length);
  used += length;
  return kept;
}
