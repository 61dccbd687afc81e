import { type Field, newField } from "./field.ts";
import { huffmanDecode } from "./huffman.ts";
import { STATIC_TABLE } from "./static-table.ts";

/** RFC 9113 §6.5.2: a table's size as long as nobody says otherwise, bytes. */
export const DEFAULT_TABLE_SIZE = 4096;

/** `ok`; `too large`: the list is over its bound, and the table is as the peer thinks; `broken`: a COMPRESSION_ERROR. */
export type Decoded = "ok" | "too large" | "broken";

/**
 * Decodes header blocks (RFC 7541). What a block costs is bounded by its own length and by `maxList`: beyond that no field is
 * handed on, and the strings of those that no table keeps aren't made.
 */
export interface HpackDecoder {
  /** Decodes the block in `bytes[from, to)`: `take` gets each field in order. */
  readonly decode: (bytes: Buffer, from: number, to: number, take: (field: Field) => void) => Decoded;
  /** Bytes that its table counts now. */
  readonly tableSize: () => number;
}

const STATIC_FIELDS: readonly Field[] = STATIC_TABLE.map(([name, value]) => newField(name, value));
const FIRST_DYNAMIC = STATIC_FIELDS.length + 1;
/** Five more bytes of an integer reach beyond 2^32: no length or index is that large. */
const MOST_INTEGER_BYTES = 5;

interface DecoderState {
  /** The newest last; those before `oldest` are gone. */
  entries: Field[];
  oldest: number;
  size: number;
  /** What the peer says it uses, at most what this side allows. */
  limit: number;
  readonly most: number;
  bytes: Buffer;
  at: number;
  to: number;
}

/**
 * @param maxList Bytes of the largest list of fields, each counted with 32 more (RFC 9113 §10.5.1).
 * @param tableSize The largest dynamic table that this side allows, bytes.
 */
export function hpackDecoder(maxList: number, tableSize: number = DEFAULT_TABLE_SIZE): HpackDecoder {
  const state: DecoderState = {
    ...{ entries: [], oldest: 0, size: 0, limit: tableSize, most: tableSize },
    ...{ bytes: Buffer.alloc(0), at: 0, to: 0 },
  };
  return {
    decode: (bytes, from, to, take) => {
      state.bytes = bytes;
      state.at = from;
      state.to = to;
      const done = decodeBlock(state, maxList, take);
      state.bytes = NOTHING;
      return done;
    },
    tableSize: () => state.size,
  };
}

const NOTHING = Buffer.alloc(0);

function decodeBlock(state: DecoderState, maxList: number, take: (field: Field) => void): Decoded {
  let list = 0;
  let begun = false;
  while (state.at < state.to) {
    const first = state.bytes[state.at] ?? 0;
    if (first >= 0x20 && first < 0x40) {
      // RFC 7541 §4.2: a change of size stands at a block's beginning.
      if (begun || !resize(state)) return "broken";
      continue;
    }
    begun = true;
    const field = first >= 0x80 ? indexed(state, integer(state, 0x7f)) : literal(state, first, list > maxList);
    if (field === null) return "broken";
    list += field.size;
    if (list <= maxList) take(field);
  }
  return list > maxList ? "too large" : "ok";
}

function indexed({ entries, oldest }: DecoderState, index: number): Field | null {
  if (index < FIRST_DYNAMIC) return STATIC_FIELDS[index - 1] ?? null;
  const at = entries.length - 1 - (index - FIRST_DYNAMIC);
  return at >= oldest ? (entries[at] ?? null) : null;
}

/** A field whose value, and mostly whose name, stands in the block. `skip`: nobody wants it. */
function literal(state: DecoderState, first: number, skip: boolean): Field | null {
  const keeps = first >= 0x40;
  const index = integer(state, keeps ? 0x3f : 0x0f);
  if (index === -1) return null;
  const name = index === 0 ? string(state) : (indexed(state, index)?.name ?? null);
  const value = name === null ? null : string(state);
  if (name === null || value === null) return null;
  if (skip && !keeps) return { name: "", value: "", line: "", size: name.length + value.length + 32, meaning: 0 };
  const field = newField(name, value);
  if (keeps) insert(state, field);
  return field;
}

function insert(state: DecoderState, field: Field): void {
  evict(state, state.limit - field.size);
  // RFC 7541 §4.4: one larger than the table leaves it empty.
  if (field.size > state.limit) return;
  state.entries.push(field);
  state.size += field.size;
}

/** Drops the oldest entries until the table counts `size` bytes at the most. */
function evict(state: DecoderState, size: number): void {
  const { entries } = state;
  while (state.size > Math.max(0, size)) {
    state.size -= entries[state.oldest]?.size ?? 0;
    state.oldest++;
  }
  // Moved now and then, not each time.
  if (state.oldest > 64 && state.oldest * 2 > entries.length) {
    state.entries = entries.slice(state.oldest);
    state.oldest = 0;
  }
}

function resize(state: DecoderState): boolean {
  const limit = integer(state, 0x1f);
  if (limit === -1 || limit > state.most) return false;
  state.limit = limit;
  evict(state, limit);
  return true;
}

/** RFC 7541 §5.1: a number that begins in the low bits of the next byte; -1: it doesn't end, or is absurd. */
function integer(state: DecoderState, mask: number): number {
  const { bytes, to } = state;
  let value = (bytes[state.at++] ?? 0) & mask;
  if (value < mask) return value;
  let factor = 1;
  for (let n = 0; n < MOST_INTEGER_BYTES && state.at < to; n++) {
    const byte = bytes[state.at++] ?? 0;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
    factor *= 128;
  }
  return -1;
}

/** RFC 7541 §5.2: a length, and that many bytes, as they are or by the Huffman code. */
function string(state: DecoderState): string | null {
  const { bytes, to } = state;
  if (state.at >= to) return null;
  const coded = (bytes[state.at] ?? 0) >= 0x80;
  const length = integer(state, 0x7f);
  const from = state.at;
  if (length === -1 || from + length > to) return null;
  state.at = from + length;
  return coded ? huffmanDecode(bytes, from, state.at) : bytes.toString("latin1", from, state.at);
}
