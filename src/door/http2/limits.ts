import { SETTING } from "../../http2/frames.ts";

/** What one connection may take of the door: in memory, in frames that ask for work and do none, and in time. */

/** Streams open at once; more are refused (REFUSED_STREAM). */
export const MAX_STREAMS = 128;
/** A stream's window: bytes of a request's body that may come before its service takes them. */
export const STREAM_WINDOW = 256 * 1024;
/** The same of a request that is held by hand: its body may be edited. */
export const HELD_MOST = 1024 * 1024;
/** The connection's window, bytes. */
export const CONNECTION_WINDOW = 1024 * 1024;
/** Bodies that wait for their services, of all streams together: beyond it the connection's window isn't given back. */
export const WAITING_MOST = 4 * 1024 * 1024;
/** A list of fields, each counted with 32 bytes more; an HTTP/1.1 head may have 16 KiB. */
export const MAX_FIELDS = 32 * 1024;
/** Streams begun in one turn of the event loop: other clients come in between. */
export const BEGIN_MOST = 64;
/** Bytes of frames gathered for one write. */
export const GATHER_MOST = 64 * 1024;
/** Frames that nobody asked for, and answers to them: a client that takes none of these isn't written to without end. */
export const OUTPUT_MOST = 256 * 1024;

/** Frames that cost their sender nothing (PING, SETTINGS, PRIORITY, empty DATA …): so many at once, and so many a second. */
export const IDLE_FRAMES = { most: 4_000, perSecond: 500 };
/** Streams that were begun and not completed by the client's doing, cancelled ones too: a page that is left cancels a hundred. */
export const BROKEN_STREAMS = { most: 1_000, perSecond: 50 };

/** A connection without streams is closed after this, ms. */
export const IDLE_TIME = 75_000;
/** The preface, or a header block, must be whole this long after its first byte, ms. */
export const HEAD_TIME = 60_000;
/** SETTINGS must be acknowledged in this time, ms. */
export const SETTINGS_TIME = 30_000;
/** After GOAWAY with an error, a client gets this long to close, ms. */
export const CLOSING_TIME = 2_000;
/** A client that closed its side and takes no bytes for this long is gone, ms. */
export const HALF_CLOSED_TIME = 3_000;

/** The door's SETTINGS. */
export const SETTINGS: readonly (readonly [number, number])[] = [
  [SETTING.maxStreams, MAX_STREAMS],
  [SETTING.initialWindow, STREAM_WINDOW],
  [SETTING.maxHeaderList, MAX_FIELDS],
  [SETTING.enableConnect, 1],
];
