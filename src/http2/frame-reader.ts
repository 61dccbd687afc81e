import { BROKEN, GOES_ON } from "../http1/chunks.ts";
import { DEFAULT_MAX_FRAME, ERROR, FLAG, FRAME, FRAME_HEAD } from "./frames.ts";

/** A header block over this many bytes is refused before it is decoded: what it may mean is bounded to less. */
const MAX_BLOCK = 64 * 1024;
/** CONTINUATION frames that one block may have: an empty one costs its sender nothing, and none of them ends anything. */
export const MAX_FRAGMENTS = 32;

/** Part of a header block that goes on in the next frame: there is nothing to do for it. */
export const PARTIAL = 0xff;

/** A frame as it was read; the same object for each. */
export interface Frame {
  /** {@link FRAME}; a whole header block is `headers`, whatever frames it came in; PARTIAL: more of it is to come. */
  type: number;
  flags: number;
  stream: number;
  /** Bytes of the payload as flow control counts them: padding too. */
  length: number;
  /** Its content without padding and priority: `bytes[from, to)`, valid until the next read. */
  bytes: Buffer;
  from: number;
  to: number;
  /** An {@link ERROR} of its stream alone, `ERROR.none` mostly: the connection goes on, and its header block counts. */
  error: number;
}

/** What a connection can't go on after. */
export interface FrameFault {
  readonly error: number;
  readonly reason: string;
}

/**
 * Reads the frames of one direction of a connection: it knows their form (RFC 9113 §4 and §6: sizes, padding, which stream
 * they may name, header blocks in one piece), and nothing of streams' states. It keeps only a header block that comes in
 * several frames.
 */
export interface FrameReader {
  readonly frame: Frame;
  /** What is wrong, once `read` gave BROKEN. */
  fault: FrameFault | null;
  /** A header block isn't whole: no other frame may come. */
  inBlock: boolean;
  /** Reads the frame that begins at `from`: the index after it, GOES_ON where `bytes[from, to)` hold only part of it, or BROKEN. */
  readonly read: (bytes: Buffer, from: number, to: number) => number;
}

interface Block {
  /** Its fragments so far, with those that the last block left behind them. */
  bytes: Buffer;
  length: number;
  fragments: number;
  stream: number;
  flags: number;
  error: number;
}

/** `maxFrame`: the largest payload that this side allowed its peer, bytes. */
export function frameReader(maxFrame: number = DEFAULT_MAX_FRAME): FrameReader {
  const nothing = Buffer.alloc(0);
  const frame: Frame = { type: 0, flags: 0, stream: 0, length: 0, bytes: nothing, from: 0, to: 0, error: ERROR.none };
  const block: Block = { bytes: nothing, length: 0, fragments: 0, stream: 0, flags: 0, error: ERROR.none };

  const reader: FrameReader = {
    frame,
    fault: null,
    inBlock: false,
    read: (bytes, from, to) => {
      if (to - from < FRAME_HEAD) return GOES_ON;
      const length = ((bytes[from] ?? 0) << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0);
      frame.type = bytes[from + 3] ?? 0;
      frame.flags = bytes[from + 4] ?? 0;
      frame.stream = bytes.readUInt32BE(from + 5) & 0x7fff_ffff;
      // Judged by its head: what is wrong is not waited for.
      const wrong = headFault(frame, length, maxFrame, reader.inBlock ? block.stream : 0);
      if (wrong !== null) return broken(reader, wrong);
      const end = from + FRAME_HEAD + length;
      if (end > to) return GOES_ON;
      frame.length = length;
      frame.bytes = bytes;
      frame.from = from + FRAME_HEAD;
      frame.to = end;
      frame.error = ERROR.none;
      const fault = content(reader, block);
      return fault === null ? end : broken(reader, fault);
    },
  };
  return reader;
}

function broken(reader: FrameReader, fault: FrameFault): number {
  reader.fault = fault;
  return BROKEN;
}

/** What a frame's head may not say. `open`: the stream whose header block isn't whole. */
function headFault({ type, stream }: Frame, length: number, maxFrame: number, open: number): FrameFault | null {
  if (length > maxFrame) return { error: ERROR.frameSize, reason: `a frame over ${maxFrame} bytes` };
  if (open !== 0 && (type !== FRAME.continuation || stream !== open)) return protocol("a frame within a header block");
  switch (type) {
    case FRAME.data:
    case FRAME.headers:
    case FRAME.priority:
      return stream === 0 ? protocol("a frame of a stream on stream 0") : null;
    case FRAME.reset:
      if (length !== 4) return size("RST_STREAM");
      return stream === 0 ? protocol("RST_STREAM on stream 0") : null;
    case FRAME.settings:
      if (stream !== 0) return protocol("SETTINGS on a stream");
      return length % 6 === 0 ? null : size("SETTINGS");
    case FRAME.push:
      return protocol("PUSH_PROMISE, which nobody allowed");
    case FRAME.ping:
      if (stream !== 0) return protocol("PING on a stream");
      return length === 8 ? null : size("PING");
    case FRAME.goAway:
      if (stream !== 0) return protocol("GOAWAY on a stream");
      return length >= 8 ? null : size("GOAWAY");
    case FRAME.window:
      return length === 4 ? null : size("WINDOW_UPDATE");
    case FRAME.continuation:
      return open === 0 ? protocol("CONTINUATION without HEADERS") : null;
    default:
      return null;
  }
}

/** Takes padding and priority off, gathers header blocks, and checks what is left. */
function content(reader: FrameReader, block: Block): FrameFault | null {
  const { frame } = reader;
  switch (frame.type) {
    case FRAME.data:
      return withoutPadding(frame);
    case FRAME.headers: {
      const wrong = withoutPadding(frame) ?? withoutPriority(frame);
      if (wrong !== null || (frame.flags & FLAG.endHeaders) !== 0) return wrong;
      Object.assign(block, { length: 0, fragments: 0, stream: frame.stream, flags: frame.flags, error: frame.error });
      reader.inBlock = true;
      return addFragment(frame, block);
    }
    case FRAME.continuation: {
      const wrong = addFragment(frame, block);
      if (wrong !== null || (frame.flags & FLAG.endHeaders) === 0) return wrong;
      reader.inBlock = false;
      Object.assign(frame, { type: FRAME.headers, flags: block.flags, error: block.error });
      Object.assign(frame, { bytes: block.bytes, from: 0, to: block.length });
      return null;
    }
    case FRAME.priority:
      if (frame.length !== 5) frame.error = ERROR.frameSize;
      else if (dependsOnItself(frame)) frame.error = ERROR.protocol;
      return null;
    case FRAME.settings:
      return (frame.flags & FLAG.ack) !== 0 && frame.length > 0 ? size("an acknowledgement of SETTINGS") : null;
    case FRAME.window:
      if ((frame.bytes.readUInt32BE(frame.from) & 0x7fff_ffff) !== 0) return null;
      if (frame.stream === 0) return protocol("a WINDOW_UPDATE by nothing");
      frame.error = ERROR.protocol;
      return null;
    default:
      return null;
  }
}

function withoutPadding(frame: Frame): FrameFault | null {
  if ((frame.flags & FLAG.padded) === 0) return null;
  if (frame.from === frame.to) return size("a padded frame");
  const padding = frame.bytes[frame.from++] ?? 0;
  frame.to -= padding;
  return frame.to < frame.from ? protocol("more padding than payload") : null;
}

/** RFC 9113 §5.3: priorities have no meaning any more, but they have a form. */
function withoutPriority(frame: Frame): FrameFault | null {
  if ((frame.flags & FLAG.priority) === 0) return null;
  if (frame.to - frame.from < 5) return size("HEADERS with a priority");
  if (dependsOnItself(frame)) frame.error = ERROR.protocol;
  frame.from += 5;
  return null;
}

function dependsOnItself({ bytes, from, stream }: Frame): boolean {
  return (bytes.readUInt32BE(from) & 0x7fff_ffff) === stream;
}

function addFragment(frame: Frame, block: Block): FrameFault | null {
  const size = frame.to - frame.from;
  if (block.length + size > MAX_BLOCK || ++block.fragments > MAX_FRAGMENTS) {
    return { error: ERROR.enhanceYourCalm, reason: "a header block that doesn't end" };
  }
  if (block.length + size > block.bytes.length) {
    const larger = Buffer.allocUnsafeSlow(Math.min(MAX_BLOCK, Math.max(4096, 2 * (block.length + size))));
    block.bytes.copy(larger, 0, 0, block.length);
    block.bytes = larger;
  }
  frame.bytes.copy(block.bytes, block.length, frame.from, frame.to);
  block.length += size;
  frame.type = PARTIAL;
  return null;
}

function protocol(reason: string): FrameFault {
  return { error: ERROR.protocol, reason };
}

function size(what: string): FrameFault {
  return { error: ERROR.frameSize, reason: `${what} of a size that it can't have` };
}
