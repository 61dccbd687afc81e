import type { CapturedBody } from "../../capture/body.ts";
import { CAPTURE_ALL } from "../../capture/edge.ts";
import type { ExchangeError, HttpExchange, Message, Messages, RefusedHead } from "../../capture/exchange.ts";
import { micros } from "../micros.ts";
import { bodyOfRequest } from "./post-data.ts";
import type { HarEntry } from "./shape.ts";
import { timesOf } from "./timings.ts";

/** An entry of an archive as an exchange without an edge: plain data that can cross threads. */
export interface ImportedExchange
  extends Pick<HttpExchange, "method" | "target" | "host" | "status" | "requestHead" | "responseHead" | "refusedHead">,
    Pick<HttpExchange, "requestBody" | "responseBody" | "messages"> {
  /** Epoch ms; 0 for times before 1970. */
  readonly at: number;
  /** ms since `at`. */
  readonly times: Pick<HttpExchange, "queued" | "connected" | "firstByte" | "ended">;
  readonly error: ExchangeError | null;
}

/** Characters of a head: longer ones are rejected. */
const HEAD_MOST = 1024 * 1024;
/** Bytes of all of a WebSocket's messages that are kept: the last ones. */
const MESSAGES_MOST = 8 * 1024 * 1024;

/** Throws where it is too large for an exchange. */
export function exchangeOf(entry: HarEntry): ImportedExchange {
  const { request, response } = entry;
  const url = new URL(request.url);
  const at = Math.max(0, Date.parse(entry.startedDateTime));
  const target = url.pathname + url.search;
  const requestBytes = bodyOfRequest(request.postData);
  const responseBytes = bodyOfResponse(response);
  const status = response?.status ?? 0;
  const times = timesOf(Math.max(0, entry.time ?? 0), present(entry.timings));
  return {
    ...{ at, method: request.method, target, host: url.host },
    status: status < 100 ? null : status,
    requestHead: requestHeadOf(entry, url.host, target, requestBytes),
    responseHead: status < 100 ? null : responseHeadOf(response, status, responseBytes),
    refusedHead: refusedHeadOf(response),
    requestBody: kept(requestBytes, requestBytes?.length ?? 0),
    responseBody: kept(responseBytes, response?.content?.size ?? 0),
    messages: messagesOf(entry, at),
    times: { ...times, firstByte: status < 100 ? null : times.firstByte },
    error:
      status < 100
        ? { code: response?._error || "failed", message: entry.comment || "the archive holds no response" }
        : null,
  };
}

function requestHeadOf({ request }: HarEntry, host: string, target: string, body: Buffer | null): string {
  const { headers, method } = request;
  const fields = [...(hasHost(headers) ? [] : [{ name: "Host", value: host }]), ...(headers ?? [])];
  return headOf(`${method} ${target} HTTP/1.1`, fields, { length: body?.length ?? null, coded: true });
}

/** Archives hold what browsers made of a body: with its codings undone. */
function responseHeadOf(response: HarEntry["response"], status: number, body: Buffer | null): string {
  const text = (response?.statusText ?? "").replace(/[^\x20-\x7e]/g, "");
  const fields = response?.headers ?? [];
  return headOf(`HTTP/1.1 ${status} ${text}`, fields, { length: body?.length ?? null, coded: false });
}

function refusedHeadOf(response: HarEntry["response"]): RefusedHead | null {
  const head = response?._refusedHead;
  return head == null ? null : { text: latin1(head.text), reason: head.reason };
}

function present(timings: HarEntry["timings"]): Parameters<typeof timesOf>[1] {
  const entries = Object.entries(timings ?? {}).filter(([, ms]) => ms != null);
  return Object.fromEntries(entries) as Parameters<typeof timesOf>[1];
}

type Fields = NonNullable<HarEntry["request"]["headers"]>;

function hasHost(headers: Fields | null | undefined): boolean {
  return headers?.some(({ name }) => name.toLowerCase() === "host") ?? false;
}

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** A head as HTTP/1.1 would have had it: HTTP/2's own fields (`:path`) and framing go, the length is the body's. */
function headOf(start: string, headers: Fields, body: { length: number | null; coded: boolean }): string {
  const lines = [start];
  for (const { name, value } of headers) {
    if (!NAME.test(name) || /^(?:content-length|transfer-encoding)$/i.test(name)) continue;
    if (!body.coded && /^content-encoding$/i.test(name)) continue;
    // Chrome joins fields of one name, such as Set-Cookie, with line breaks.
    for (const one of value.split(/[\r\n]+/)) lines.push(`${name}: ${latin1(one.replaceAll("\0", ""))}`);
  }
  if (body.length !== null) lines.push(`Content-Length: ${body.length}`);
  const head = `${lines.join("\r\n")}\r\n\r\n`;
  if (head.length > HEAD_MOST) throw new Error("a head has more than 1 MiB");
  return head;
}

/** Heads are kept as bytes. */
function latin1(text: string): string {
  return /^[\0-\xff]*$/.test(text) ? text : Buffer.from(text).toString("latin1");
}

function bodyOfResponse(response: HarEntry["response"]): Buffer | null {
  const { text, encoding, size } = response?.content ?? {};
  if (text == null || text === "") return (size ?? 0) > 0 ? Buffer.alloc(0) : null;
  return encoding === "base64" ? Buffer.from(text, "base64") : Buffer.from(text);
}

/** `size`: as it is stated; where the archive has less, it counts as cut. */
function kept(bytes: Buffer | null, size: number): CapturedBody | null {
  if (bytes === null) return null;
  // An archive's bodies don't come from traffic: they aren't bounded by what may be kept a second.
  const first = bytes.subarray(0, CAPTURE_ALL.bodies);
  return {
    size: bytes.length === 0 ? size : bytes.length,
    keptSize: first.length,
    kept: first.length === 0 ? [] : [first],
  };
}

function messagesOf({ _webSocketMessages: said }: HarEntry, start: number): Messages | null {
  if (said == null) return null;
  const messages = said.map(({ type, time, opcode, data }): Message => {
    const binary = opcode === 2;
    const bytes = Buffer.from(data, binary ? "base64" : "utf8");
    const way = type === "send" ? "up" : "down";
    return {
      way,
      at: micros(Math.max(0, time * 1000 - start)),
      kind: binary ? "binary" : "text",
      size: bytes.length,
      data: bytes,
    };
  });
  let from = messages.length;
  for (let left = MESSAGES_MOST; from > 0; from--) {
    left -= messages[from - 1]?.data.length ?? 0;
    if (left < 0) break;
  }
  return { kept: messages.slice(from), total: messages.length };
}
