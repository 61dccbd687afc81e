/** Callbacks for the messages in a stream. */
export interface MessageSink {
  /** How many of the body's first bytes are wanted; -1: there is no such message. */
  readonly wants: (type: number, length: number) => number;
  /**
   * Those bytes, `bytes[from, to)`, valid during the call; `length`: of the whole body; `offset`: of the message in the
   * stream. False: they are invalid.
   */
  readonly message: (type: number, bytes: Buffer, from: number, to: number, length: number, offset: number) => boolean;
}

/**
 * Follows messages of Postgres' protocol 3: a type, four bytes of length (its own included), the body. What isn't wanted
 * is passed over. Returns a function that takes the stream's bytes, which begin at `start`; false: these are no such messages.
 */
export function messageFramer({ wants, message }: MessageSink, start = 0): (bytes: Buffer) => boolean {
  const head = Buffer.alloc(5);
  let headSize = 0;
  let type = 0;
  let length = 0;
  /** Of the body, passed over without a look. */
  let skip = 0;
  /** Wanted bytes that are still to come, and those that came. */
  let needs = 0;
  let pieces: Buffer[] = [];
  /** Offsets in the stream: of the bytes at hand, of the message at hand. */
  let base = start;
  let began = start;

  function read(bytes: Buffer): boolean {
    let at = 0;
    for (;;) {
      if (needs > 0) {
        const end = Math.min(bytes.length, at + needs);
        pieces.push(Buffer.from(bytes.subarray(at, end)));
        needs -= end - at;
        at = end;
        if (needs > 0) return true;
        const whole = Buffer.concat(pieces);
        pieces = [];
        if (!message(type, whole, 0, whole.length, length, began)) return false;
      }
      if (skip > 0) {
        const passed = Math.min(skip, bytes.length - at);
        skip -= passed;
        at += passed;
        if (skip > 0) return true;
      }
      let size: number;
      if (headSize === 0) began = base + at;
      if (headSize === 0 && bytes.length - at >= 5) {
        type = bytes[at] as number;
        size = bytes.readInt32BE(at + 1);
        at += 5;
      } else {
        while (headSize < 5 && at < bytes.length) head[headSize++] = bytes[at++] as number;
        if (headSize < 5) return true;
        headSize = 0;
        type = head[0] as number;
        size = head.readInt32BE(1);
      }
      if (size < 4) return false;
      length = size - 4;
      const want = Math.min(length, wants(type, length));
      if (want < 0) return false;
      skip = length - want;
      // All wanted bytes in one read: nothing is copied.
      if (bytes.length - at >= want) {
        if (!message(type, bytes, at, at + want, length, began)) return false;
        at += want;
      } else needs = want;
    }
  }

  return (bytes) => {
    const isRead = read(bytes);
    base += bytes.length;
    return isRead;
  };
}
