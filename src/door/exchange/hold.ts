import type { Breakpoints, Edit, HeldRequest } from "../../capture/breakpoints.ts";
import type { HttpExchange } from "../../capture/exchange.ts";
import { fieldsOf } from "../../capture/heads.ts";
import { type Fault, fault } from "../../fault/fault.ts";
import { isHeadFault } from "../../http1/fields.ts";
import { parseRequestHead, type RequestHead } from "../../http1/request-head.ts";
import type { ProxyExchange } from "./proxy-exchange.ts";
import { recordEnd, recordWait } from "./record.ts";

/** Keeps a request back until someone lets it go, as it is or edited; then calls `goOn`. */
export function holdRequest(
  exchange: ProxyExchange,
  head: RequestHead,
  record: HttpExchange,
  breakpoints: Breakpoints,
  goOn: () => void,
): void {
  const { client } = exchange;
  exchange.state = "held";
  breakpoints.hold(record, {
    request: () => requestOf(exchange, head),
    go: (edit) => letGo(exchange, head, record, edit, goOn),
    drop: () => {
      recordEnd(exchange, { code: "DROPPED", message: "held, and dropped by hand" });
      client.cut();
    },
  });
}

export function isHeld({ state }: ProxyExchange): boolean {
  return state === "held";
}

/** Nobody can let it go any more: its client is gone. */
export function releaseHeld({ state, record, door }: ProxyExchange): void {
  if (state === "held" && record !== null) door.breakpoints?.release(record);
}

function letGo(
  exchange: ProxyExchange,
  head: RequestHead,
  record: HttpExchange,
  edit: Edit,
  goOn: () => void,
): Fault | null {
  const changed = edited(exchange, head, edit);
  if ("fault" in changed) return changed;
  recordWait(exchange);
  if (changed !== head) note(record, changed);
  exchange.head = changed;
  goOn();
  exchange.client.resume();
  return null;
}

/** The request with the edit in it, read as strictly as any; an edited body is in its place. */
function edited({ client }: ProxyExchange, head: RequestHead, edit: Edit): RequestHead | Fault {
  if (Object.keys(edit).length === 0) return head;
  if (edit.body !== undefined && client.wholeBody() === null) {
    return fault("REQUEST_INVALID", "the body is not whole yet, or too large to be edited", "let it go as it is");
  }
  const { method = head.method, target = head.target, headers = fieldsOf(head.text), body } = edit;
  const lines = headers
    .filter(([name]) => !/^(content-length|transfer-encoding)$/i.test(name))
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `${method} ${target} HTTP/1.${head.minor}\r\n${lines.join("")}${framingField(head, body)}\r\n`;
  const parsed = parseRequestHead(text);
  if (isHeadFault(parsed)) {
    return fault("REQUEST_INVALID", `the edited request has ${parsed.reason}`, "correct it and try again");
  }
  if (parsed.host !== head.host) {
    return fault("REQUEST_INVALID", "a held request goes to the service that it came for", "leave Host as it is");
  }
  if (body !== undefined) client.replaceBody(body);
  return parsed;
}

function framingField({ framing, length }: RequestHead, body: Buffer | undefined): string {
  if (body !== undefined) return `Content-Length: ${body.length}\r\n`;
  if (framing === "chunked") return "Transfer-Encoding: chunked\r\n";
  return framing === "sized" ? `Content-Length: ${length}\r\n` : "";
}

function requestOf({ client }: ProxyExchange, head: RequestHead): HeldRequest {
  return { method: head.method, target: head.target, headers: fieldsOf(head.text), body: client.wholeBody() };
}

function note(record: HttpExchange, head: RequestHead): void {
  record.method = head.method;
  record.target = head.target;
  record.requestHead = head.text;
  record.edited = true;
}
