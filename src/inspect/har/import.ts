import { type CapturedBody, keep, newBody } from "../../capture/body.ts";
import { newCaller } from "../../capture/caller.ts";
import { CAPTURE_ALL } from "../../capture/edge.ts";
import {
  type CapturedEdge,
  type HttpExchange,
  type Message,
  type Messages,
  newPlace,
  type RefusedHead,
} from "../../capture/exchange.ts";
import type { Recorder } from "../../capture/recorder.ts";
import { traceParentIn } from "../../capture/trace.ts";
import { type Fault, fault } from "../../fault/fault.ts";
import { bodyOfRequest } from "./post-data.ts";
import { type HarEntry, har } from "./shape.ts";
import { timesOf } from "./timings.ts";

/** Stands for whoever made an archive's requests. */
const FROM = "har";
const NO_HAR = "give it a file that a browser's network panel, mitmproxy or cove har wrote";

/**
 * Writes an archive's exchanges down as those of edges `har→HOST`, so that they can be looked at, said again, and answered
 * from. Returns how many there were. HAR_INVALID names the file, the place in it, and what is wrong there; then nothing was
 * written down.
 */
export function importHar(text: string, file: string, recorder: Recorder): number | Fault {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    return fault("HAR_INVALID", `${file} is not JSON: ${(error as Error).message}`, NO_HAR, { file });
  }
  const read = har.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = (issue?.path ?? []).map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
    const place = where === "" ? "the whole" : where.slice(1);
    return fault("HAR_INVALID", `${file} is no HTTP archive: ${place}: ${issue?.message}`, NO_HAR, {
      file,
      at: where.slice(1),
    });
  }
  const edges = new Map<string, CapturedEdge>();
  const { entries } = read.data.log;
  for (const entry of entries) add(entry, edges, recorder);
  return entries.length;
}

function edgeTo(host: string): CapturedEdge {
  return {
    ...{ id: `${FROM}→${host}`, stack: FROM, from: FROM, to: host },
    origin: null,
    place: newPlace(FROM, host),
    policy: CAPTURE_ALL,
  };
}

function add(entry: HarEntry, edges: Map<string, CapturedEdge>, recorder: Recorder): void {
  const { request, response } = entry;
  const url = new URL(request.url);
  const edge = edges.get(url.host) ?? edgeTo(url.host);
  edges.set(url.host, edge);
  const at = Date.parse(entry.startedDateTime);
  const target = url.pathname + url.search;
  const requestBytes = bodyOfRequest(request.postData);
  const requestHead = headOf(
    `${request.method} ${target} HTTP/1.1`,
    [...(hasHost(request.headers) ? [] : [{ name: "Host", value: url.host }]), ...(request.headers ?? [])],
    { length: requestBytes?.length ?? null, coded: true },
  );
  const status = response?.status ?? 0;
  const responseBytes = bodyOfResponse(response);
  const responseHead =
    status < 100
      ? null
      : headOf(
          `HTTP/1.1 ${status} ${(response?.statusText ?? "").replace(/[^\x20-\x7e]/g, "")}`,
          response?.headers ?? [],
          {
            // Archives hold what browsers made of it: undone codings.
            ...{ length: responseBytes?.length ?? null, coded: false },
          },
        );
  const clock = at - performance.timeOrigin;
  const exchange = recorder.begin<HttpExchange>(
    {
      refusedHead: refusedHeadOf(response),
      ...{ protocol: "http", edge, caller: { ...newCaller(FROM, null, null), looked: true } },
      ...{ method: request.method, target, host: url.host, requestHead, responseHead, replayOf: null, edited: false },
      status: status < 100 ? null : status,
      requestBody: kept(requestBytes, requestBytes?.length ?? 0),
      responseBody: kept(responseBytes, response?.content?.size ?? 0),
      messages: messagesOf(entry, at),
    },
    clock,
    traceParentIn(requestHead),
  );
  const { queued, connected, firstByte, ended } = timesOf(Math.max(0, entry.time ?? 0), present(entry.timings));
  Object.assign(exchange, { queued, connected, firstByte: status < 100 ? null : firstByte });
  const bytes = (exchange.requestBody?.keptSize ?? 0) + (exchange.responseBody?.keptSize ?? 0);
  const said = exchange.messages?.kept.reduce((sum, { data }) => sum + data.length, 0) ?? 0;
  recorder.grew(exchange, requestHead.length + (responseHead?.length ?? 0) + bytes + said);
  const failed = { code: response?._error || "failed", message: entry.comment || "the archive holds no response" };
  recorder.end(exchange, clock + (ended ?? 0), status < 100 ? failed : null);
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
  return `${lines.join("\r\n")}\r\n\r\n`;
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
  const body = newBody();
  keep(body, bytes, 0, bytes.length, CAPTURE_ALL.bodies);
  body.size = Math.max(body.size, bytes.length === 0 ? size : 0);
  return body;
}

function messagesOf({ _webSocketMessages: said }: HarEntry, start: number): Messages | null {
  if (said == null) return null;
  const messages = said.map(({ type, time, opcode, data }): Message => {
    const binary = opcode === 2;
    const bytes = Buffer.from(data, binary ? "base64" : "utf8");
    const way = type === "send" ? "up" : "down";
    return {
      way,
      at: Math.max(0, time * 1000 - start),
      kind: binary ? "binary" : "text",
      size: bytes.length,
      data: bytes,
    };
  });
  return { kept: messages, total: messages.length };
}
