/** HTTP/2's frames (RFC 9113 §4 to §6) as numbers, and the ways to write them: each as latin1 text, a byte a character. */

export const FRAME = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  reset: 0x3,
  settings: 0x4,
  push: 0x5,
  ping: 0x6,
  goAway: 0x7,
  window: 0x8,
  continuation: 0x9,
} as const;

export const FLAG = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

/** RFC 9113 §7. */
export const ERROR = {
  none: 0x0,
  protocol: 0x1,
  internal: 0x2,
  flowControl: 0x3,
  settingsTimeout: 0x4,
  streamClosed: 0x5,
  frameSize: 0x6,
  refusedStream: 0x7,
  cancel: 0x8,
  compression: 0x9,
  enhanceYourCalm: 0xb,
} as const;

export const SETTING = {
  tableSize: 0x1,
  enablePush: 0x2,
  maxStreams: 0x3,
  initialWindow: 0x4,
  maxFrame: 0x5,
  maxHeaderList: 0x6,
  /** RFC 8441. */
  enableConnect: 0x8,
} as const;

/** What a client's connection begins with (RFC 9113 §3.4). */
export const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
export const FRAME_HEAD = 9;
/** Payload that every receiver takes, bytes; each of the two may allow more. */
export const DEFAULT_MAX_FRAME = 16_384;
export const MOST_MAX_FRAME = 16_777_215;
export const DEFAULT_WINDOW = 65_535;
export const MAX_WINDOW = 0x7fff_ffff;

/** The nine bytes ahead of a payload of `length` bytes. */
export function frameHead(length: number, type: number, flags: number, stream: number): string {
  return String.fromCharCode(
    (length >>> 16) & 0xff,
    (length >>> 8) & 0xff,
    length & 0xff,
    type,
    flags,
    (stream >>> 24) & 0x7f,
    (stream >>> 16) & 0xff,
    (stream >>> 8) & 0xff,
    stream & 0xff,
  );
}

function uint32(value: number): string {
  return String.fromCharCode((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

/**
 * A header block (RFC 9113 §4.3) as HEADERS and, where it is larger than a frame may be, CONTINUATION.
 *
 * @param block The block as latin1 text.
 * @param maxFrame The largest payload that the peer takes, bytes.
 */
export function headersFrames(block: string, stream: number, endStream: boolean, maxFrame: number): string {
  const end = endStream ? FLAG.endStream : 0;
  if (block.length <= maxFrame) return frameHead(block.length, FRAME.headers, FLAG.endHeaders | end, stream) + block;
  let text = frameHead(maxFrame, FRAME.headers, end, stream) + block.slice(0, maxFrame);
  for (let at = maxFrame; at < block.length; at += maxFrame) {
    const part = block.slice(at, at + maxFrame);
    const last = at + maxFrame >= block.length;
    text += frameHead(part.length, FRAME.continuation, last ? FLAG.endHeaders : 0, stream) + part;
  }
  return text;
}

export function resetFrame(stream: number, error: number): string {
  return frameHead(4, FRAME.reset, 0, stream) + uint32(error);
}

export function settingsFrame(settings: readonly (readonly [number, number])[]): string {
  let text = frameHead(settings.length * 6, FRAME.settings, 0, 0);
  for (const [id, value] of settings) text += String.fromCharCode(id >>> 8, id & 0xff) + uint32(value);
  return text;
}

export const SETTINGS_ACK: string = frameHead(0, FRAME.settings, FLAG.ack, 0);

/** `opaque`: the eight bytes of the PING that it answers. */
export function pingAck(opaque: string): string {
  return frameHead(8, FRAME.ping, FLAG.ack, 0) + opaque;
}

export function goAwayFrame(lastStream: number, error: number, why = ""): string {
  return frameHead(8 + why.length, FRAME.goAway, 0, 0) + uint32(lastStream & MAX_WINDOW) + uint32(error) + why;
}

export function windowFrame(stream: number, increment: number): string {
  return frameHead(4, FRAME.window, 0, stream) + uint32(increment);
}
