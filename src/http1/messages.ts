import { beginsWrong, diagnose } from "./bad-request-head.ts";
import { BROKEN, type ChunkScanner, chunkScanner, GOES_ON, type OnData } from "./chunks.ts";
import { type Framing, type HeadFault, headFault, isHeadFault, MAX_HEAD, MAX_RESPONSE_HEAD } from "./fields.ts";
import { tooLarge, wrongSoFar } from "./partial-head.ts";
import { type RequestHead, readRequestHead } from "./request-head.ts";
import { type ResponseContext, type ResponseHead, readLenient, readResponseHead } from "./response-head.ts";
import { newStatusLine } from "./status-line.ts";

/**
 * Reads the messages of one direction of a connection, as their bytes come: first a head, then its body, then the next head.
 * It keeps no bytes and copies none: it answers with places in the buffer that it is given. Where a head isn't whole, whoever
 * calls keeps its bytes and gives them again with what follows; what was looked through before is not looked through again.
 */
interface MessageReader<Head> {
  /** The head that was read last. */
  head: Head | null;
  /** What is wrong, once a call gave BROKEN. */
  fault: HeadFault | null;
  /** A body is on its way. */
  inBody: boolean;
  /**
   * Reads the body's next bytes in `bytes[from, to)`: the index after its end, GOES_ON, or BROKEN. `data` is told each run of
   * the body's own bytes, without the chunks' framing.
   */
  readonly readBody: (bytes: Buffer, from: number, to: number, data?: OnData) => number;
  /** The trailer lines behind the chunked body that was read last, each with its CRLF; mostly empty. */
  readonly trailers: () => string;
  /** A body that only the end of the connection ends, or none: that end is no fault. */
  readonly endsWithConnection: () => boolean;
}

export interface RequestReader extends MessageReader<RequestHead> {
  /** Reads a head that begins at `from`: the index after it, GOES_ON, or BROKEN. */
  readonly readHead: (bytes: Buffer, from: number, to: number) => number;
  /** Takes a head that was read elsewhere: its body comes next. */
  readonly begin: (head: RequestHead) => void;
  /** The body is another one, of `length` bytes: somebody edits the request. */
  readonly replaceBody: (length: number) => void;
}

export interface ResponseReader extends MessageReader<ResponseHead> {
  /** The same; `context` is what was asked, and `most` bytes are the longest head that is waited for. */
  readonly readHead: (bytes: Buffer, from: number, to: number, context: ResponseContext) => number;
}

/** What is left of a body. */
interface BodyState {
  framing: Framing;
  left: number;
  chunks: ChunkScanner | null;
}

const CRLF_CRLF = Buffer.from("\r\n\r\n");
const LF_LF = Buffer.from("\n\n");
const LF_CRLF = Buffer.from("\n\r\n");
const CR = 0x0d;
const LF = 0x0a;

/** A reader of what clients send. `most`: bytes of the longest head that it takes. */
export function requestReader(most: number = MAX_HEAD): RequestReader {
  const body: BodyState = { framing: "none", left: 0, chunks: null };
  /** How much of a head that isn't whole was looked through, from its first byte. */
  let searched = 0;

  function readHead(bytes: Buffer, from: number, to: number): number {
    const start = pastEmptyLines(bytes, from, to);
    // Nearly all heads come whole, in one read.
    if (searched === 0) {
      const end = readRequestHead(bytes, start, Math.min(to, start + most), reader);
      if (end !== GOES_ON) return taken(end);
    }
    const end = endAfter(bytes, CRLF_CRLF, start + Math.max(0, searched - 3), to);
    if (end !== -1 && end - start <= most) return taken(readWhole(bytes, start, end));
    const read = bytes.subarray(0, to);
    // The verdict is the same however the head was cut into reads.
    const partial = end === -1 && to - start < most;
    const wrong =
      start === to
        ? null
        : partial
          ? wrongSoFar(read, start)
          : (beginsWrong(read[start] ?? 0) ?? tooLarge(read, start));
    if (wrong !== null) return broken(reader, wrong);
    searched = to - start;
    return GOES_ON;
  }

  /** A head whose empty line was found. */
  function readWhole(bytes: Buffer, start: number, end: number): number {
    const read = readRequestHead(bytes, start, end, reader);
    if (read === GOES_ON) reader.fault = diagnose(bytes.toString("latin1", start, end));
    return read === GOES_ON ? BROKEN : read;
  }

  function taken(end: number): number {
    searched = 0;
    if (end !== BROKEN && reader.head !== null) begin(reader, body, reader.head, false);
    return end;
  }

  const reader: RequestReader = {
    head: null,
    fault: null,
    inBody: false,
    readHead,
    readBody: (bytes, from, to, data) => readBody(reader, body, bytes, from, to, data),
    trailers: () => trailersOf(body),
    endsWithConnection: () => !reader.inBody,
    begin: (head) => begin(reader, body, head, false),
    replaceBody: (length) => {
      body.framing = length > 0 ? "sized" : "none";
      body.left = length;
      reader.inBody = length > 0;
    },
  };
  return reader;
}

/** A reader of what services send. */
export function responseReader(most: number = MAX_RESPONSE_HEAD): ResponseReader {
  const status = newStatusLine();
  const body: BodyState = { framing: "none", left: 0, chunks: null };
  let searched = 0;

  function readHead(bytes: Buffer, from: number, to: number, context: ResponseContext): number {
    // A line end too many after the body before it, as old servers send.
    const start = pastEmptyLines(bytes, from, to);
    // Nearly all heads come whole, in one read. One in the canonical form holds no LF by itself, so it can't end before.
    if (searched === 0) {
      const end = readResponseHead(bytes, start, Math.min(to, start + most), context, status, reader);
      if (end !== GOES_ON) return taken(end);
    }
    if (!maybeResponse(bytes, start, to)) return broken(reader, headFault(502, "bytes that are no HTTP response"));
    const since = start + Math.max(0, searched - 3);
    const end = earliest(
      endAfter(bytes, CRLF_CRLF, since, to),
      endAfter(bytes, LF_LF, since, to),
      endAfter(bytes, LF_CRLF, since, to),
    );
    if (end === -1 ? to - start >= most : end - start > most) {
      return broken(reader, headFault(502, `a response head over ${most} bytes`));
    }
    if (end !== -1) return taken(readWhole(bytes, start, end, context));
    searched = to - start;
    return GOES_ON;
  }

  /** A head whose empty line was found. */
  function readWhole(bytes: Buffer, start: number, end: number, context: ResponseContext): number {
    const read = readResponseHead(bytes, start, end, context, status, reader);
    if (read !== GOES_ON) return read;
    const head = readLenient(bytes.toString("latin1", start, end), context);
    if (isHeadFault(head)) return broken(reader, head);
    reader.head = head;
    return end;
  }

  function taken(end: number): number {
    searched = 0;
    if (end !== BROKEN && reader.head !== null) begin(reader, body, reader.head, true);
    return end;
  }

  const reader: ResponseReader = {
    head: null,
    fault: null,
    inBody: false,
    readHead,
    readBody: (bytes, from, to, data) => readBody(reader, body, bytes, from, to, data),
    trailers: () => trailersOf(body),
    endsWithConnection: () => !reader.inBody || body.framing === "close",
  };
  return reader;
}

function trailersOf({ framing, chunks }: BodyState): string {
  return framing === "chunked" ? (chunks?.trailers() ?? "") : "";
}

function broken(reader: MessageReader<unknown>, fault: HeadFault): number {
  reader.fault = fault;
  return BROKEN;
}

function begin<Head extends { framing: Framing; length: number }>(
  reader: MessageReader<Head>,
  body: BodyState,
  head: Head,
  lenient: boolean,
): void {
  reader.head = head;
  reader.inBody = head.framing !== "none";
  body.framing = head.framing;
  body.left = head.length;
  if (head.framing !== "chunked") return;
  if (body.chunks === null) body.chunks = chunkScanner(lenient);
  else body.chunks.reset();
}

function readBody(
  reader: MessageReader<unknown>,
  body: BodyState,
  bytes: Buffer,
  from: number,
  to: number,
  data: OnData | undefined,
): number {
  let end = from;
  if (body.framing === "sized") {
    const there = Math.min(to - from, body.left);
    if (there > 0) data?.(from, from + there);
    body.left -= there;
    end = body.left === 0 ? from + there : GOES_ON;
  } else if (body.framing === "chunked") {
    end = body.chunks?.scan(bytes, from, to, data) ?? BROKEN;
    if (end === BROKEN) return broken(reader, headFault(400, "a chunked body that breaks the rules"));
  } else if (body.framing === "close") {
    if (from < to) data?.(from, to);
    end = GOES_ON;
  }
  if (end !== GOES_ON) reader.inBody = false;
  return end;
}

/** RFC 9112 §2.2: an empty line before a message is passed over; here at most two, since nobody needs more. */
function pastEmptyLines(bytes: Buffer, from: number, to: number): number {
  let start = from;
  while (start < from + 4 && start + 1 < to && bytes[start] === CR && bytes[start + 1] === LF) start += 2;
  return start;
}

/** The index after `what` in `bytes[from, to)`, or -1. The buffer may hold older bytes beyond `to`. */
function endAfter(bytes: Buffer, what: Buffer, from: number, to: number): number {
  const at = bytes.indexOf(what, from);
  return at === -1 || at + what.length > to ? -1 : at + what.length;
}

function earliest(...ends: number[]): number {
  let first = -1;
  for (const end of ends) if (end !== -1 && (first === -1 || end < first)) first = end;
  return first;
}

const BEGINNINGS = ["HTTP/", "ICY "];

/** Whether what is there can become a status line. */
function maybeResponse(bytes: Buffer, from: number, to: number): boolean {
  const text = bytes.toString("latin1", from, Math.min(to, from + 5)).toUpperCase();
  return (
    text.startsWith("\r") ||
    text.startsWith("\n") ||
    BEGINNINGS.some((one) => one.startsWith(text) || text.startsWith(one))
  );
}
