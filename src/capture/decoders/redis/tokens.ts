/** Callbacks for the tokens of RESP (protocol 2 and 3). */
export interface TokenSink {
  /**
   * A line without its end: `bytes[from, to)`, its first byte the type. Returns how many bytes of payload follow it (a bulk string),
   * NONE, or BROKEN.
   */
  readonly line: (bytes: Buffer, from: number, to: number) => number;
  /** A piece of the payload. */
  readonly payload: (bytes: Buffer, from: number, to: number) => void;
  /** The payload is whole. False: what came makes no sense. */
  readonly end: () => boolean;
}

export const NONE = -1;
export const BROKEN = -2;
/** As Redis has it for inline commands. Errors and statuses are shorter. */
const MOST_LINE = 64 * 1024;

/** Where a line began in the stream, while it is told. */
export interface LinePlace {
  offset: number;
}

/** Follows lines and payloads. Returns a function that takes the stream's bytes; false: this is no RESP. */
export function tokenScanner(
  { line, payload, end }: TokenSink,
  place: LinePlace = { offset: 0 },
): (bytes: Buffer) => boolean {
  /** The beginning of a line whose end hasn't come. */
  let begun: Buffer | null = null;
  /** Of a payload; null in a line. */
  let left: number | null = null;
  /** Of the two bytes that end a payload. */
  let ending = 0;
  /** Of the bytes at hand, in the stream. */
  let base = 0;

  function read(bytes: Buffer): boolean {
    let at = 0;
    while (at < bytes.length) {
      if (left !== null) {
        const to = Math.min(bytes.length, at + left);
        if (to > at) payload(bytes, at, to);
        left -= to - at;
        at = to;
        if (left > 0) return true;
        for (; ending > 0 && at < bytes.length; ending--)
          if (bytes[at++] !== (ending === 2 ? 0x0d : 0x0a)) return false;
        if (ending > 0) return true;
        left = null;
        if (!end()) return false;
        continue;
      }
      if (begun === null) place.offset = base + at;
      const feed = bytes.indexOf(0x0a, at);
      const to = feed === -1 ? bytes.length : feed + 1;
      if (to - at + (begun?.length ?? 0) > MOST_LINE) return false;
      let text = bytes;
      let from = at;
      let until = to;
      if (begun !== null || feed === -1) {
        text = begun === null ? Buffer.from(bytes.subarray(at, to)) : Buffer.concat([begun, bytes.subarray(at, to)]);
        begun = feed === -1 ? text : null;
        from = 0;
        until = text.length;
      }
      at = to;
      if (feed === -1) return true;
      until--;
      if (until > from && text[until - 1] === 0x0d) until--;
      const follows = line(text, from, until);
      if (follows === BROKEN) return false;
      if (follows !== NONE) {
        left = follows;
        ending = 2;
      }
    }
    return true;
  }

  return (bytes) => {
    const isRead = read(bytes);
    base += bytes.length;
    return isRead;
  };
}

/** The number that a line has behind its type; null where it is none. */
export function numberIn(bytes: Buffer, from: number, to: number): number | null {
  const negative = bytes[from + 1] === 0x2d;
  let at = from + (negative ? 2 : 1);
  if (at >= to || to - at > 15) return null;
  let value = 0;
  for (; at < to; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}
