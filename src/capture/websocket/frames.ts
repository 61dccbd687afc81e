export const CONTINUATION = 0;
export const TEXT = 1;
const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
const PONG = 10;

/** The longest head of a frame: two bytes, 64 bits of length, the mask. */
const MOST_HEAD = 14;

/** Callbacks for the frames in a stream. Where one of them returns false, the stream isn't read any further. */
export interface FrameSink {
  readonly begin: (opcode: number, final: boolean, compressed: boolean) => boolean;
  /** A piece of the payload, `bytes[from, to)`, still masked: `unmask` undoes that in a copy of it. */
  readonly payload: (bytes: Buffer, from: number, to: number) => void;
  readonly end: () => boolean;
}

/** Follows the frames of one direction (RFC 6455 §5.2). */
export interface FrameScanner {
  /** False: these are no frames, or the sink stopped. */
  readonly scan: (bytes: Buffer) => boolean;
  /** Takes the mask off a copy of the piece that the sink is called with, or of its beginning. */
  readonly unmask: (copy: Buffer) => void;
}

/** `masked`: whether frames of this direction have to be (those of clients), or must not be. */
export function frameScanner(masked: boolean, sink: FrameSink): FrameScanner {
  const head = Buffer.alloc(MOST_HEAD);
  let headSize = 0;
  let headNeeds = 2;
  /** Of the payload; null between frames. */
  let left: number | null = null;
  /** Bytes of the payload before the piece at hand. */
  let passed = 0;
  let maskAt = 0;

  /** The head's bytes are there as far as was asked for: asks for more, or begins the frame. */
  function readHead(): boolean {
    const [first = 0, second = 0] = head;
    const short = second & 0x7f;
    const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
    maskAt = 2 + extra;
    headNeeds = maskAt + (masked ? 4 : 0);
    if (headSize < headNeeds) return true;
    const opcode = first & 0x0f;
    const final = first >= 0x80;
    if ((first & 0x30) !== 0 || second >= 0x80 !== masked) return false;
    if (opcode > BINARY && (opcode < CLOSE || opcode > PONG)) return false;
    // §5.5: control frames are short and whole.
    if (opcode >= CLOSE && (!final || short > 125)) return false;
    let length = short;
    if (extra === 2) length = head.readUInt16BE(2);
    else if (extra === 8) length = head.readUInt32BE(2) * 2 ** 32 + head.readUInt32BE(6);
    if (length > Number.MAX_SAFE_INTEGER) return false;
    left = length;
    passed = 0;
    return sink.begin(opcode, final, (first & 0x40) !== 0);
  }

  return {
    scan: (bytes) => {
      let at = 0;
      for (;;) {
        if (left === null) {
          const end = Math.min(bytes.length, at + headNeeds - headSize);
          while (at < end) head[headSize++] = bytes[at++] as number;
          if (headSize < headNeeds) return true;
          if (!readHead()) return false;
          continue;
        }
        const end = Math.min(bytes.length, at + left);
        if (end > at) {
          sink.payload(bytes, at, end);
          left -= end - at;
          passed += end - at;
          at = end;
        }
        if (left > 0) return true;
        left = null;
        headSize = 0;
        headNeeds = 2;
        if (!sink.end()) return false;
      }
    },
    unmask: (copy) => {
      if (!masked) return;
      for (let n = 0; n < copy.length; n++) {
        copy[n] = (copy[n] as number) ^ (head[maskAt + ((passed + n) & 3)] as number);
      }
    },
  };
}
