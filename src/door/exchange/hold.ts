import type { Breakpoints, Edit, HeldRequest } from "../../capture/breakpoints.ts";
import type { HttpExchange } from "../../capture/exchange.ts";
import { fieldsOf } from "../../capture/heads.ts";
import { type Fault, fault } from "../../fault/fault.ts";
import { chunkScanner } from "../../http1/chunks.ts";
import { isHeadFault } from "../../http1/fields.ts";
import { parseRequestHead, type RequestHead } from "../../http1/request-head.ts";
import { resumeReading, takeInput } from "../http1/input.ts";
import type { Route } from "../upstream/routes.ts";
import { type Client, stash } from "./client.ts";
import { recordEnd, recordWait } from "./record.ts";

/** What goes on once a request is let go: its head and what there is of its body are the client's again. */
export type GoOn = (client: Client, route: Route, head: RequestHead, rest: Buffer) => void;

/** Keeps a request back until someone lets it go, as it is or edited. */
export function holdRequest(client: Client, route: Route, rest: Buffer, breakpoints: Breakpoints, goOn: GoOn): void {
  const { exchange, head } = client;
  if (exchange === null || head === null) return;
  client.phase = "waiting";
  client.since = performance.now();
  client.held = exchange;
  stash(client, rest);
  breakpoints.hold(exchange, {
    request: () => requestOf(client, head),
    go: (edit) => letGo(client, route, head, edit, goOn),
    drop: () => {
      client.held = null;
      recordEnd(client, { code: "DROPPED", message: "held, and dropped by hand" });
      client.socket.resetAndDestroy();
    },
  });
}

function letGo(client: Client, route: Route, head: RequestHead, edit: Edit, goOn: GoOn): Fault | null {
  const changed = edited(client, head, edit);
  if ("fault" in changed) return changed;
  const { exchange } = client;
  client.held = null;
  recordWait(client);
  if (changed.head !== head && exchange !== null) note(exchange, changed.head);
  goOn(client, route, changed.head, changed.rest);
  resumeReading(client);
  return null;
}

/** The request with the edit in it, read as strictly as any. */
function edited(client: Client, head: RequestHead, edit: Edit): { head: RequestHead; rest: Buffer } | Fault {
  if (Object.keys(edit).length === 0) return { head, rest: takeInput(client) };
  const whole = bodyOf(client, head);
  if (edit.body !== undefined && whole === null) {
    return fault("REQUEST_INVALID", "the body is not whole yet, or too large to be edited", "let it go as it is");
  }
  const { method = head.method, target = head.target, headers = fieldsOf(head.text), body } = edit;
  const framing =
    body !== undefined
      ? `Content-Length: ${body.length}\r\n`
      : head.framing === "chunked"
        ? "Transfer-Encoding: chunked\r\n"
        : head.framing === "sized"
          ? `Content-Length: ${head.length}\r\n`
          : "";
  const lines = headers
    .filter(([name]) => !/^(content-length|transfer-encoding)$/i.test(name))
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `${method} ${target} HTTP/1.${head.minor}\r\n${lines.join("")}${framing}\r\n`;
  const parsed = parseRequestHead(text);
  if (isHeadFault(parsed))
    return fault("REQUEST_INVALID", `the edited request has ${parsed.reason}`, "mend it and try again");
  if (parsed.host !== head.host) {
    return fault("REQUEST_INVALID", "a held request goes to the service that it came for", "leave Host as it is");
  }
  const rest = takeInput(client);
  if (body === undefined || whole === null) return { head: parsed, rest };
  return { head: parsed, rest: Buffer.concat([body, rest.subarray(whole.end)]) };
}

/** The body, and where it ends in what came; null where it isn't whole. */
function bodyOf(client: Client, head: RequestHead): { body: Buffer; end: number } | null {
  const input = client.input ?? Buffer.alloc(0);
  if (head.framing === "none") return { body: Buffer.alloc(0), end: 0 };
  if (head.framing === "sized") {
    return input.length < head.length ? null : { body: input.subarray(0, head.length), end: head.length };
  }
  const pieces: Buffer[] = [];
  const end = chunkScanner().scan(input, 0, input.length, (from, to) => pieces.push(input.subarray(from, to)));
  return end < 0 ? null : { body: Buffer.concat(pieces), end };
}

function requestOf(client: Client, head: RequestHead): HeldRequest {
  return {
    ...{ method: head.method, target: head.target, headers: fieldsOf(head.text) },
    body: bodyOf(client, head)?.body ?? null,
  };
}

function note(exchange: HttpExchange, head: RequestHead): void {
  exchange.method = head.method;
  exchange.target = head.target;
  exchange.requestHead = head.text;
  exchange.edited = true;
}
