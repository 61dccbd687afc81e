import { BROKEN, chunkScanner, GOES_ON } from "../../http1/chunks.ts";
import { isHeadFault, MAX_HEAD } from "../../http1/fields.ts";
import { parseResponseHead, type ResponseHead } from "../../http1/response-head.ts";
import { writeText } from "../accept/write-text.ts";
import type { Client } from "./client.ts";
import { recordEnd, recordResponse, recordResponseBody, recordTunnel } from "./record.ts";

const HEAD_END = Buffer.from("\r\n\r\n");
/** Responses may have larger heads than requests: long cookies and policies. */
const MAX_RESPONSE_HEAD = 4 * MAX_HEAD;
/** A body's first bytes go out in one write with the head up to this size. */
const JOIN_MOST = 16 * 1024;

/** Bytes from the service. False: stop reading until the client has taken what is waiting for it. */
export function readResponse(
  client: Client,
  buffer: Buffer,
  length: number,
  finished: (client: Client) => void,
): boolean {
  if (client.phase === "tunnel") {
    client.tunnel?.down(buffer.subarray(0, length), performance.now());
    return toClient(client, buffer, 0, length);
  }
  if (client.response !== null) return passBody(client, buffer, 0, length, "", finished);

  const again = sameHead(client, buffer, length);
  if (again !== null) return answerWith(client, again, buffer, again.text.length, length, finished);
  let bytes = buffer;
  let to = length;
  if (client.responseInput !== null) {
    bytes = Buffer.concat([client.responseInput, buffer.subarray(0, length)]);
    to = bytes.length;
    client.responseInput = null;
  }
  for (let from = 0; ; ) {
    const end = bytes.indexOf(HEAD_END, from);
    // The buffer is reused: what lies beyond this read is left over from an earlier one.
    if (end === -1 || end + 4 > to) {
      if (to - from > MAX_RESPONSE_HEAD) return broken(client);
      client.responseInput = Buffer.from(bytes.subarray(from, to));
      return true;
    }
    const head = parseResponseHead(
      bytes.toString("latin1", from, end + 4),
      client.head?.method ?? "GET",
      keptSameSite(client),
    );
    if (isHeadFault(head)) return broken(client);
    from = end + 4;
    if (head.status === 101) return switchProtocols(client, head, bytes, from, to);
    if (head.status >= 200) {
      if (client.up !== null) client.up.lastHead = head;
      return answerWith(client, head, bytes, from, to, finished);
    }
    // 100 and 103 are passed on as they come; HTTP/1.0 knows no such thing.
    if (client.head?.minor === 1) client.socket.write(`HTTP/1.1 ${head.statusText}\r\n${head.fields}\r\n`, "latin1");
  }
}

function keptSameSite(client: Client): boolean {
  return client.route?.guard?.sameSite ?? false;
}

/** The head of this connection's last response, if this one begins with the same bytes: within a second it mostly does. */
function sameHead(client: Client, bytes: Buffer, length: number): ResponseHead | null {
  const last = client.up?.lastHead ?? null;
  if (last === null || client.responseInput !== null) return null;
  const { text } = last;
  // What answers HEAD has no body whatever its fields say.
  if (text.length > length || last.forHead !== (client.head?.method === "HEAD")) return null;
  // The service may answer to another name that is guarded in another way.
  if (last.sameSite !== keptSameSite(client)) return null;
  return bytes.toString("latin1", 0, text.length) === text ? last : null;
}

function answerWith(
  client: Client,
  head: ResponseHead,
  bytes: Buffer,
  from: number,
  to: number,
  finished: (client: Client) => void,
): boolean {
  client.response = head;
  recordResponse(client, head);
  client.responseLeft = head.length;
  client.responseChunks = head.framing === "chunked" ? chunkScanner() : null;
  const old = client.head?.minor === 0;
  // A response before the end of its request, or one that only a close ends, is the connection's last.
  if (!client.bodyDone || head.framing === "close" || (old && head.framing === "chunked")) client.keepAlive = false;
  if (client.keepAlive && !old) return passBody(client, bytes, from, to, head.forwarded, finished);
  const text =
    `HTTP/1.1 ${head.statusText}\r\n${head.fields}` +
    (head.framing === "chunked" && !old ? "Transfer-Encoding: chunked\r\n" : "") +
    `Connection: ${client.keepAlive ? "keep-alive" : "close"}\r\n\r\n`;
  return passBody(client, bytes, from, to, text, finished);
}

/** Passes the body in `bytes[from, to)` on, after `head` (latin1, empty once it is out). */
function passBody(
  client: Client,
  bytes: Buffer,
  from: number,
  to: number,
  head: string,
  finished: (client: Client) => void,
): boolean {
  const framing = client.response?.framing;
  const { exchange } = client;
  let end = to;
  let done = false;
  if (framing === "sized") {
    const there = to - from;
    done = there >= client.responseLeft;
    if (done) end = from + client.responseLeft;
    client.responseLeft -= end - from;
  } else if (framing === "chunked" && client.responseChunks !== null) {
    if (client.head?.minor === 0) return passUnchunked(client, bytes, from, to, head, finished);
    const data =
      exchange === null
        ? undefined
        : (start: number, end: number) => recordResponseBody(client, exchange, bytes, start, end);
    const at = client.responseChunks.scan(bytes, from, to, data);
    if (at === BROKEN) return cut(client);
    done = at !== GOES_ON;
    if (done) end = at;
  } else if (framing === "none") {
    done = true;
    end = from;
  }
  if (exchange !== null && framing !== "chunked") recordResponseBody(client, exchange, bytes, from, end);

  let flows: boolean;
  if (head === "") flows = end === from || toClient(client, bytes, from, end);
  else if (end - from <= JOIN_MOST) flows = writeText(client.socket, head + bytes.toString("latin1", from, end));
  else {
    client.socket.cork();
    client.socket.write(head, "latin1");
    client.socket.write(bytes.subarray(from, end));
    client.socket.uncork();
    flows = noteUse(client);
  }
  // Bytes after the end are no answer to anything: the connection can't be trusted with another request.
  if (done) complete(client, end < to, finished);
  return flows;
}

/** HTTP/1.0 knows no chunks: it gets their data, and the close as the end. */
function passUnchunked(
  client: Client,
  bytes: Buffer,
  from: number,
  to: number,
  head: string,
  finished: (client: Client) => void,
): boolean {
  let flows = head === "" || client.socket.write(head, "latin1");
  const { exchange } = client;
  const at = client.responseChunks?.scan(bytes, from, to, (start, end) => {
    if (exchange !== null) recordResponseBody(client, exchange, bytes, start, end);
    flows = toClient(client, bytes, start, end);
  });
  if (at === BROKEN || at === undefined) return cut(client);
  if (at !== GOES_ON) complete(client, at < to, finished);
  return flows;
}

/** Writes without a copy: the service's connection is told to read into another buffer if these bytes have to wait. */
function toClient(client: Client, bytes: Buffer, from: number, to: number): boolean {
  client.socket.write(bytes.subarray(from, to));
  return noteUse(client);
}

function noteUse(client: Client): boolean {
  if (client.socket.writableLength === 0) return true;
  if (client.up !== null) client.up.bytes.inUse = true;
  return !client.socket.writableNeedDrain;
}

/** The response is whole. */
function complete(client: Client, excess: boolean, finished: (client: Client) => void): void {
  recordEnd(client);
  const { up, response } = client;
  client.up = null;
  if (up !== null) {
    up.user = null;
    if (!excess && response?.keepAlive && client.bodyDone && !up.socket.readableEnded) {
      client.door.pool.give(up, response.keepAliveTimeout === null ? null : response.keepAliveTimeout * 1000);
      // Reading may have been stopped by this very client.
      up.socket.resume();
    } else up.socket.destroy();
  }
  finished(client);
}

function switchProtocols(client: Client, head: ResponseHead, bytes: Buffer, from: number, to: number): boolean {
  if (client.head?.upgrade === null || client.head === null) return broken(client);
  client.phase = "tunnel";
  client.response = head;
  recordResponse(client, head);
  recordTunnel(client, head);
  client.socket.write(
    `HTTP/1.1 ${head.statusText}\r\n${head.fields}Connection: Upgrade\r\nUpgrade: ${head.upgrade ?? client.head.upgrade}\r\n\r\n`,
    "latin1",
  );
  if (from < to) {
    client.tunnel?.down(bytes.subarray(from, to), performance.now());
    client.socket.write(Buffer.from(bytes.subarray(from, to)));
  }
  // What the client sent ahead of the answer belongs to the new protocol.
  if (client.input !== null) {
    client.tunnel?.up(client.input, performance.now());
    client.up?.socket.write(client.input);
  }
  client.input = null;
  if (client.ended) client.up?.socket.end();
  client.socket.resume();
  return !client.socket.writableNeedDrain;
}

/** The service said it has nothing more to send (FIN). */
export function responseEnded(
  client: Client,
  finished: (client: Client) => void,
  failed: (reason: string) => void,
): void {
  if (client.phase === "tunnel") {
    client.socket.end();
    return;
  }
  if (client.response?.framing === "close") complete(client, true, finished);
  else failed("closed");
}

/** A response that is none: a 502, by way of the failure that a closed connection is. */
function broken(client: Client): boolean {
  client.up?.socket.destroy(Object.assign(new Error("not HTTP"), { code: "EPROTO" }));
  return false;
}

/** A body that can't be trusted: the client must not take it for whole. */
function cut(client: Client): boolean {
  recordEnd(client, { code: "EPROTO", message: "the service's body broke the rules" });
  client.up?.socket.destroy();
  client.socket.resetAndDestroy();
  return false;
}
