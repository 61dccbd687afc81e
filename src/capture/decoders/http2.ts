import { BROKEN, GOES_ON } from "../../http1/chunks.ts";
import { isHeadFault } from "../../http1/fields.ts";
import { clear, type Input, inputLength, keepRest, lend, newInput } from "../../http1/input.ts";
import { MEANING } from "../../http2/field.ts";
import { type Frame, type FrameReader, frameReader } from "../../http2/frame-reader.ts";
import { FLAG, FRAME, PREFACE } from "../../http2/frames.ts";
import { type HpackDecoder, hpackDecoder } from "../../http2/hpack-decoder.ts";
import { newRequestFields, requestHead, takeField } from "../../http2/request-fields.ts";
import { type CapturedBody, keep, newBody } from "../body.ts";
import type { Decoder, DecoderKind, DecoderLink } from "../decoder.ts";
import type { HttpExchange } from "../exchange.ts";

/** The two may allow each other larger frames; what is larger is no longer followed. */
const MAX_FRAME = 1024 * 1024;
/** The same of lists of fields, and of tables: browsers and gRPC use 64 KiB at the most. */
const MAX_FIELDS = 256 * 1024;
const MAX_TABLE = 64 * 1024;
/** Streams whose response isn't whole. */
const STREAMS_MOST = 10_000;
const PREFACE_BYTES = Buffer.from(PREFACE, "latin1");

/** One direction of a connection. */
interface Way {
  readonly input: Input;
  readonly reader: FrameReader;
  readonly hpack: HpackDecoder;
}

/** A request whose response isn't whole. */
interface Followed {
  /** Null: the policy leaves it out, or it is none. */
  readonly exchange: HttpExchange | null;
  /** The response's head, once it came. */
  head: string | null;
}

interface Following {
  readonly link: DecoderLink;
  readonly up: Way;
  readonly down: Way;
  readonly streams: Map<number, Followed>;

  begun: boolean;
  first: boolean;
  over: boolean;
}

/** HTTP/2 without TLS on a relay, gRPC too: each stream is an exchange. */
export const http2: DecoderKind = {
  protocol: "http",
  fits: (bytes) => PREFACE.startsWith(bytes.toString("latin1", 0, PREFACE.length)) && bytes.length > 3,
  open,
};

function open(link: DecoderLink): Decoder {
  const way = (): Way => ({
    input: newInput(),
    reader: frameReader(MAX_FRAME),
    hpack: hpackDecoder(MAX_FIELDS, MAX_TABLE),
  });
  const following: Following = {
    ...{ link, up: way(), down: way(), streams: new Map() },
    ...{ begun: false, first: true, over: false },
  };
  return {
    up: (bytes, clock) => read(following, following.up, bytes, clock),
    down: (bytes, clock) => read(following, following.down, bytes, clock),
    end: () => {},
    closed: (clock, error) => {
      endAll(following, clock, error ?? "closed", "the connection ended before the response did");
    },
  };
}

function endAll(following: Following, clock: number, code: string, message: string): void {
  if (following.over) return;
  following.over = true;
  const { streams, link, up, down } = following;
  for (const { exchange } of streams.values()) {
    if (exchange !== null) link.recorder.end(exchange, clock, { code, message });
  }
  streams.clear();
  clear(up.input);
  clear(down.input);
}

function read(following: Following, way: Way, fresh: Buffer, clock: number): void {
  if (following.over) return;
  const { input, reader } = way;
  lend(input, fresh, fresh.length);
  if (way === following.up && !following.begun) {
    if (inputLength(input) < PREFACE_BYTES.length) return keepRest(input);
    following.begun = PREFACE_BYTES.equals(input.bytes.subarray(input.from, input.from + PREFACE_BYTES.length));
    if (!following.begun) return giveUp(following, clock);
    input.from += PREFACE_BYTES.length;
  }
  for (;;) {
    const end = reader.read(input.bytes, input.from, input.to);
    if (end === GOES_ON) break;
    if (end === BROKEN || !takeFrame(following, way, reader.frame, clock)) return giveUp(following, clock);
    input.from = end;
  }
  keepRest(input);
}

function giveUp(following: Following, clock: number): void {
  endAll(following, clock, "EPROTO", "what followed on the connection is not HTTP/2");
  following.link.lost("unknown");
}

/** False: it can't be followed any further. */
function takeFrame(following: Following, way: Way, frame: Frame, clock: number): boolean {
  const ends = (frame.flags & FLAG.endStream) !== 0;
  switch (frame.type) {
    case FRAME.headers:
      return way === following.up ? takeRequest(following, frame, clock) : takeResponse(following, frame, ends, clock);
    case FRAME.data:
      takeData(following, way, frame);
      if (ends && way === following.down) endStream(following, frame.stream, clock);
      return true;
    case FRAME.reset: {
      const by = way === following.up ? "consumer" : "service";
      const code = `RST_STREAM ${frame.bytes.readUInt32BE(frame.from)}`;
      endStream(following, frame.stream, clock, { code, message: `the ${by} ended the stream` });
      return true;
    }
    default:
      return true;
  }
}

function takeRequest(following: Following, frame: Frame, clock: number): boolean {
  const { up, link, streams } = following;
  const fields = newRequestFields();
  const done = up.hpack.decode(frame.bytes, frame.from, frame.to, (field) => takeField(fields, field));
  if (done === "broken" || streams.size >= STREAMS_MOST) return false;
  // Trailers of a request.
  if (streams.has(frame.stream)) return true;
  const hasBody = (frame.flags & FLAG.endStream) === 0;
  const head = requestHead(fields, hasBody, "");
  const since = following.first ? Math.min(link.accepted, clock) : clock;
  const exchange =
    done !== "ok" || head === "malformed" || isHeadFault(head)
      ? null
      : link.recorder.http(link.edge, link.caller, head, since);
  if (exchange !== null) {
    const at = following.first ? link.connected() : exchange.clock;
    exchange.connected = at === null ? null : Math.max(0, at - exchange.clock);
  }
  following.first = false;
  streams.set(frame.stream, { exchange, head: null });
  return true;
}

/** A response's head, an interim one, or its trailers, which are kept as further fields of its head. */
function takeResponse(following: Following, frame: Frame, ends: boolean, clock: number): boolean {
  const { down, link, streams } = following;
  let status = 0;
  let lines = "";
  const done = down.hpack.decode(frame.bytes, frame.from, frame.to, ({ meaning, value, line, name }) => {
    if (meaning === MEANING.status) status = Number(value);
    else if (!name.startsWith(":")) lines += line;
  });
  if (done === "broken") return false;
  const followed = streams.get(frame.stream);
  if (followed === undefined) return true;
  const { exchange } = followed;
  const isTrailer = followed.head !== null;
  if (exchange !== null) {
    exchange.firstByte ??= clock - exchange.clock;
    if (isTrailer)
      link.recorder.answered(exchange, exchange.status ?? 0, followed.head?.replace(/\r\n$/, `${lines}\r\n`) ?? "");
    else if (status >= 200) link.recorder.answered(exchange, status, `HTTP/2 ${status}\r\n${lines}\r\n`);
  }
  if (!isTrailer && status >= 200) followed.head = `HTTP/2 ${status}\r\n${lines}\r\n`;
  if (ends) endStream(following, frame.stream, clock);
  return true;
}

function takeData({ link, streams, up }: Following, way: Way, { stream, bytes, from, to }: Frame): void {
  const exchange = streams.get(stream)?.exchange ?? null;
  if (exchange === null || from === to) return;
  let body: CapturedBody;
  if (way === up) {
    exchange.requestBody ??= newBody();
    body = exchange.requestBody;
  } else {
    exchange.responseBody ??= newBody();
    body = exchange.responseBody;
  }
  link.recorder.grew(exchange, keep(body, bytes, from, to, link.edge.policy.bodies));
}

function endStream(
  { link, streams }: Following,
  stream: number,
  clock: number,
  error: { code: string; message: string } | null = null,
): void {
  const followed = streams.get(stream);
  if (followed === undefined) return;
  streams.delete(stream);
  if (followed.exchange !== null) link.recorder.end(followed.exchange, clock, error);
}
