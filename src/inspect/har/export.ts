import type { Content, Cookie, Entry, Header, PostData, QueryString, Request, Response } from "har-format";
import type { HttpExchange, Message } from "../../capture/exchange.ts";
import { fieldOf, fieldsOf, readable, requestVersion, statusLine, urlOf } from "../../capture/heads.ts";
import { idOf, spanIdOf, traceIdOf } from "../../capture/ids.ts";
import type { Guess, LinkHow } from "../../capture/trace-link.ts";
import { printableJson } from "../../text/printable.ts";
import { undoCodings } from "../content/bytes/codings.ts";
import { parseMediaType } from "../content/bytes/media-type.ts";
import { textOf } from "../content/bytes/plain.ts";
import { exportedBody } from "../content/exported.ts";
import { micros } from "../micros.ts";
import { REVEALED, type Redactor, redactorOf } from "../redact/redactor.ts";
import { refusedHeadView } from "../redact/refused-head.ts";
import { newSlices } from "../slices.ts";
import { resourceType } from "./resource-type.ts";
import { timingsOf } from "./timings.ts";

export interface HarOptions {
  /** Of Cove. */
  readonly version: string;
  /** Credentials are written too. */
  readonly reveal?: boolean;
}

/** Bytes that a body may grow to when its codings are undone. */
const MOST_DECODED = 8 * 1024 * 1024;

/**
 * An HTTP archive (HAR 1.2, https://w3c.github.io/web-performance/specs/HAR/Overview.html), piece by piece: an entry is
 * made when its turn comes. Of an exchange that goes on, what there is so far.
 */
export async function* harText(
  exchanges: Iterable<HttpExchange> | AsyncIterable<HttpExchange>,
  options: HarOptions,
): AsyncGenerator<string> {
  const creator = { name: "Cove", version: options.version };
  yield `{"log":{"version":"1.2","creator":${JSON.stringify(creator)},"pages":[],"entries":[`;
  let between = "\n";
  const slices = newSlices();
  for await (const exchange of exchanges) {
    // Archives are looked at in terminals, too.
    yield between + printableJson(JSON.stringify(await entryOf(exchange, options.reveal === true)));
    between = ",\n";
    if (slices.isOver()) await slices.next();
  }
  yield "\n]}}\n";
}

/** What Chrome writes beside the standard's fields, and Cove's own. */
interface CoveEntry extends Entry {
  readonly _id: string;
  readonly _edge: string;
  readonly _traceId: string;
  readonly _spanId: string;
  readonly _parentSpanId?: string;
  /** How sure the parent is: `header`, `exact`, `alone`, `likely`, `none`. */
  readonly _link: LinkHow;
  /** It was sent when its parent was over. */
  readonly _afterEnd?: true;
  /** With `likely`: what it may be under instead of a parent. */
  readonly _guess?: { readonly count: number; readonly orNone: boolean; readonly spanIds: readonly string[] };
  readonly _webSocketMessages?: WebSocketMessage[];
}

interface WebSocketMessage {
  readonly type: "send" | "receive";
  /** Epoch seconds. */
  readonly time: number;
  readonly opcode: number;
  /** Base64 of binary ones. */
  readonly data: string;
}

async function entryOf(exchange: HttpExchange, reveal: boolean): Promise<CoveEntry> {
  const redactor = reveal ? REVEALED : redactorOf(exchange.edge.policy);
  const { trace, messages, error, edge, at } = exchange;
  const { time, timings } = timingsOf(exchange);
  return {
    startedDateTime: new Date(at).toISOString(),
    time,
    request: await requestOf(exchange, redactor),
    response: await responseOf(exchange, redactor),
    cache: {},
    timings,
    _resourceType: resourceType(exchange),
    ...(error !== null && { comment: redactor.text(error.message, true) }),
    ...{ _id: idOf(exchange), _edge: edge.id, _traceId: traceIdOf(exchange), _spanId: spanIdOf(exchange.seq) },
    ...(trace.parentId !== null && { _parentSpanId: trace.parentId }),
    ...(trace.afterEnd === true && { _afterEnd: true as const }),
    ...{ _link: trace.how, ...(trace.guess !== null && { _guess: guessOf(trace.guess) }) },
    ...(messages !== null && { _webSocketMessages: messages.kept.flatMap((one) => messageOf(one, at, redactor)) }),
  };
}

function guessOf({ count, orNone, candidates }: Guess): NonNullable<CoveEntry["_guess"]> {
  return { count, orNone, spanIds: candidates.map(({ seq }) => spanIdOf(seq)) };
}

async function requestOf(exchange: HttpExchange, redactor: Redactor): Promise<Request> {
  const { requestHead, requestBody, method } = exchange;
  const url = redactor.target(urlOf(exchange));
  const postData = requestBody === null ? null : await postDataOf(exchange, redactor);
  return {
    ...{ method, url, httpVersion: requestVersion(requestHead) },
    cookies: cookiesOf(requestHead, "cookie", redactor),
    headers: headersOf(requestHead, redactor),
    queryString: queryOf(url),
    headersSize: requestHead.length,
    bodySize: requestBody?.size ?? 0,
    ...(postData !== null && { postData }),
  };
}

async function responseOf(exchange: HttpExchange, redactor: Redactor): Promise<Response> {
  const { responseHead, responseBody, status, error } = exchange;
  const refusedHead = exchange.refusedHead === null ? null : refusedHeadView(exchange.refusedHead, redactor);
  const location = fieldOf(responseHead, "location");
  const { version, text } = statusLine(responseHead);
  return {
    // As Chrome does where there was no response.
    ...{ status: status ?? 0, statusText: text, httpVersion: version },
    cookies: responseHead === null ? [] : cookiesOf(responseHead, "set-cookie", redactor),
    headers: responseHead === null ? [] : headersOf(responseHead, redactor),
    content: await contentOf(exchange, redactor),
    redirectURL: location === null ? "" : redactor.target(readable(location)),
    headersSize: responseHead?.length ?? -1,
    bodySize: responseHead === null ? -1 : (responseBody?.size ?? 0),
    ...{ _transferSize: (responseHead?.length ?? 0) + (responseBody?.size ?? 0) },
    ...{ _error: error?.code ?? null },
    ...(refusedHead !== null && { comment: `refused: ${refusedHead.reason}`, _refusedHead: refusedHead }),
  };
}

async function contentOf({ responseHead, responseBody }: HttpExchange, redactor: Redactor): Promise<Content> {
  const mimeType = fieldOf(responseHead, "content-type") ?? "";
  if (responseBody === null || responseHead === null) return { size: 0, mimeType };
  const body = await exportedBody(responseBody, responseHead, redactor);
  const coding = body.coded ? fieldOf(responseHead, "content-encoding") : null;
  const { bytes } = await undoCodings(body.bytes, coding, MOST_DECODED);
  const size = coding === null ? responseBody.size : bytes.length;
  return {
    ...{ size, mimeType, ...textIn(bytes) },
    ...(coding !== null && { compression: size - responseBody.size }),
    ...(body.note !== null && { comment: body.note }),
  };
}

function textIn(bytes: Buffer): { text?: string; encoding?: "base64" } {
  if (bytes.length === 0) return {};
  const text = textOf(bytes);
  // Of text that was cut within a character only base64 says all.
  if (text !== null && Buffer.byteLength(text) === bytes.length) return { text };
  return { text: bytes.toString("base64"), encoding: "base64" };
}

async function postDataOf({ requestHead, requestBody }: HttpExchange, redactor: Redactor): Promise<PostData> {
  const mimeType = fieldOf(requestHead, "content-type") ?? "";
  const body = await exportedBody(requestBody, requestHead, redactor);
  const coding = body.coded ? fieldOf(requestHead, "content-encoding") : null;
  const { bytes } = await undoCodings(body.bytes, coding, MOST_DECODED);
  const { text = "", encoding } = textIn(bytes);
  const isForm = parseMediaType(mimeType).type === "application/x-www-form-urlencoded";
  const params = isForm ? [...new URLSearchParams(text)].map(([name, value]) => ({ name, value })) : null;
  // Forms have both, as in Chrome's archives; base64 is known to the standard for responses only.
  const postData: object = {
    ...{ mimeType, text },
    ...(params !== null && { params }),
    ...(encoding !== undefined && { _encoding: encoding }),
    ...(body.note !== null && { comment: body.note }),
  };
  return postData as PostData;
}

function headersOf(head: string, redactor: Redactor): Header[] {
  return fieldsOf(head).map(([name, value]) => ({ name, value: redactor.header(name, readable(value)) }));
}

function cookiesOf(head: string, field: "cookie" | "set-cookie", redactor: Redactor): Cookie[] {
  const values = fieldsOf(head).filter(([name]) => name.toLowerCase() === field);
  return values.flatMap(([name, value]) => {
    const pairs = redactor.header(name, readable(value)).split(/;\s*/);
    return (field === "cookie" ? pairs : pairs.slice(0, 1))
      .filter((pair) => pair !== "")
      .map((pair): Cookie => {
        const sign = pair.indexOf("=");
        return { name: sign === -1 ? "" : pair.slice(0, sign).trim(), value: pair.slice(sign + 1) };
      });
  });
}

function queryOf(url: string): QueryString[] {
  const [, query = ""] = /\?([^#]*)/.exec(url) ?? [];
  return query === "" ? [] : [...new URLSearchParams(query)].map(([name, value]) => ({ name, value }));
}

const OPCODES: Partial<Record<Message["kind"], number>> = { text: 1, binary: 2 };

function messageOf({ way, at, kind, data }: Message, start: number, redactor: Redactor): WebSocketMessage[] {
  const opcode = OPCODES[kind];
  if (opcode === undefined) return [];
  const said = kind === "text" ? data.toString("utf8") : null;
  const shown = said === null ? (redactor.bytes(data) ?? "") : redactor.any(said);
  return [{ type: way === "up" ? "send" : "receive", time: micros(start + at) / 1000, opcode, data: shown }];
}
