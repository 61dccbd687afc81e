import type { Output } from "../kinds/condition.ts";
import type { Random } from "../time/random.ts";

const CONTINUATION = 0;
/** Pings, pongs and closes have opcodes from here on (RFC 6455 §5.2). */
const CONTROL = 8;

/** The messages of one direction of a WebSocket, of which some get lost: whole ones, with all their frames. */
export interface Messages {
  readonly take: (bytes: Buffer, at: number) => void;
  /** Whether this reader may be removed here: no message is half lost, no frame's head half read. */
  readonly between: () => boolean;
}

export function openMessages(rate: () => number, random: Random, push: Output["push"]): Messages {
  /** The beginning of a frame's head. */
  let partial: Buffer | null = null;
  /** Bytes of the frame's payload that are still to come. */
  let left = 0;
  /** This frame is lost. */
  let losing = false;
  /** The message is lost. Control frames may stand between its frames. */
  let lost = false;
  /** The message's last frame was seen. */
  let last = true;

  return {
    take: (taken, at) => {
      const bytes = partial === null ? taken : Buffer.concat([partial, taken]);
      partial = null;
      /** The start of the bytes that pass and are not handed on yet. */
      let from = 0;
      let position = 0;
      const pass = () => {
        if (position > from) push(from === 0 && position === bytes.length ? bytes : bytes.subarray(from, position), at);
        from = position;
      };
      while (position < bytes.length) {
        if (left > 0) {
          const run = Math.min(left, bytes.length - position);
          left -= run;
          position += run;
          if (losing) from = position;
          continue;
        }
        const size = headSize(bytes, position);
        if (size === 0) {
          pass();
          partial = Buffer.from(bytes.subarray(position));
          return;
        }
        const first = bytes[position] ?? 0;
        const opcode = first & 0x0f;
        losing = false;
        if (opcode < CONTROL) {
          if (opcode !== CONTINUATION) lost = random() < rate();
          last = first >= 0x80;
          losing = lost;
        }
        left = payloadLength(bytes, position);
        if (losing) pass();
        position += size;
        if (losing) from = position;
      }
      pass();
    },
    between: () => partial === null && (!lost || (last && left === 0)),
  };
}

/** Bytes of a frame's head, with its mask; 0: it isn't whole. */
function headSize(bytes: Buffer, at: number): number {
  if (bytes.length - at < 2) return 0;
  const second = bytes[at + 1] ?? 0;
  const code = second & 0x7f;
  const size = 2 + (code === 126 ? 2 : code === 127 ? 8 : 0) + (second >= 0x80 ? 4 : 0);
  return bytes.length - at < size ? 0 : size;
}

function payloadLength(bytes: Buffer, at: number): number {
  const code = (bytes[at + 1] ?? 0) & 0x7f;
  if (code === 126) return bytes.readUInt16BE(at + 2);
  return code === 127 ? bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6) : code;
}
