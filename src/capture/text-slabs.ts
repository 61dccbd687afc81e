/** Texts lie in buffers of this size, bytes; a longer one gets a buffer of its own. */
const SLAB = 256 * 1024;
/** UTF-8 takes so many bytes at the most for one of a string's units. */
const WIDEST = 3;

/**
 * Texts that are kept, but hardly ever read, as bytes outside of the garbage collector's heap: as strings, tens of thousands a
 * second would be copied about by it.
 */
export interface TextSlabs {
  /** Writes a text, and says where it is; the answer is the same object each time. */
  readonly write: (text: string) => TextPlace;
  readonly read: (place: TextPlace) => string;
  /** The texts are of no use any more: others get their buffers. */
  readonly free: () => void;
}

/** Bytes from the beginning of the first slab. */
export interface TextPlace {
  at: number;
  length: number;
}

interface Slab {
  readonly start: number;
  readonly bytes: Buffer;
}

/**
 * Buffers that were given back. New ones all the time, tens of megabytes a second, would have the garbage collector look for
 * old ones several times a second.
 */
const spare: Buffer[] = [];
const SPARE_MOST = 256;

export function textSlabs(): TextSlabs {
  const slabs: Slab[] = [];
  let last: Slab = { start: 0, bytes: Buffer.alloc(0) };
  let used = 0;
  const place: TextPlace = { at: 0, length: 0 };
  return {
    write: (text) => {
      const most = text.length * WIDEST;
      if (used + most > last.bytes.length) {
        const bytes = most > SLAB ? Buffer.allocUnsafeSlow(most) : (spare.pop() ?? Buffer.allocUnsafeSlow(SLAB));
        last = { start: last.start + last.bytes.length, bytes };
        slabs.push(last);
        used = 0;
      }
      place.at = last.start + used;
      place.length = last.bytes.write(text, used, "utf8");
      used += place.length;
      return place;
    },
    read: ({ at, length }) => {
      const slab = slabs.findLast(({ start }) => start <= at);
      return slab === undefined ? "" : slab.bytes.toString("utf8", at - slab.start, at - slab.start + length);
    },
    free: () => {
      for (const { bytes } of slabs) if (bytes.length === SLAB && spare.length < SPARE_MOST) spare.push(bytes);
      slabs.length = 0;
      last = { start: 0, bytes: Buffer.alloc(0) };
      used = 0;
    },
  };
}
