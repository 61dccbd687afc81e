import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type CapturedBody, newBody } from "../../capture/body.ts";
import type { HttpExchange } from "../../capture/exchange.ts";
import type { Answers, Miss } from "./answer.ts";
import { replyOf } from "./reply.ts";
import type { Asked } from "./request-key.ts";

/** A request's body may have so many bytes. */
const MOST_BODY = 64 * 1024 * 1024;

export interface MockServerOptions {
  readonly answers: Answers;
  /** What is answered from, for people: `recording checkout`. */
  readonly source: string;
  /** How to make it answer more requests. */
  readonly more: string;
  /** Answers come as late as they did when they were recorded. */
  readonly timing?: boolean;
  /** Called for each request, with a line for the log. */
  readonly log?: (line: string) => void;
}

/** A server that answers as recorded. It is returned before it listens. */
export function mockServer(options: MockServerOptions): Server {
  const { answers, timing = false, log = () => {} } = options;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (body === null) return sendJson(response, 413, { error: { message: `more than ${MOST_BODY} bytes of body` } });
    const found = answers.ask(askedOf(request, body));
    const said = `${request.method} ${request.url}`;
    if ("why" in found) {
      log(`${said} 501 not recorded: ${found.why}`);
      return sendMiss(response, said, found, options);
    }
    const { exchange, nth, of } = found;
    log(`${said} ${exchange.status}${of === 1 ? "" : ` answer ${nth} of ${of}`}`);
    await send(request, response, exchange, timing);
  }

  return createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      // The delay ends when the client has closed.
      if (response.destroyed) return;
      log(`${request.method} ${request.url} ${error instanceof Error ? error.message : error}`);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: { message: "this answer can't be given" } });
    });
  });
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  exchange: HttpExchange,
  timing: boolean,
): Promise<void> {
  const reply = await replyOf(exchange, request.method ?? "GET", request.headers["accept-encoding"]);
  const { firstByte, ended } = exchange;
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const wait = (ms: number) => sleep(ms, undefined, { signal: gone.signal });
  if (timing && firstByte !== null) await wait(firstByte);
  response.writeHead(reply.status, reply.statusText, reply.fields.flat());
  if (timing && ended !== null && firstByte !== null) {
    response.flushHeaders();
    await wait(ended - firstByte);
  }
  response.end(reply.body);
}

function sendMiss(response: ServerResponse, said: string, { why, nearest }: Miss, options: MockServerOptions): void {
  const { source, more } = options;
  // Not 404: that may have been recorded, and means that the service has no such thing.
  sendJson(response, 501, {
    error: { fault: "NOT_RECORDED", message: `${source} has no answer to ${said}: ${why}`, hint: more },
    nearest,
  });
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
  });
  response.end(text);
}

/** Null: too large. */
async function bodyOf(request: IncomingMessage): Promise<CapturedBody | null> {
  const body = newBody();
  for await (const chunk of request) {
    body.size += chunk.length;
    if (body.size > MOST_BODY) return null;
    body.kept.push(chunk);
    body.keptSize = body.size;
  }
  return body;
}

function askedOf(request: IncomingMessage, body: CapturedBody): Asked {
  const { method = "GET", url = "/", httpVersion, rawHeaders } = request;
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let n = 0; n < rawHeaders.length; n += 2) head += `${rawHeaders[n]}: ${rawHeaders[n + 1]}\r\n`;
  return { method, target: url, requestHead: `${head}\r\n`, requestBody: body };
}
