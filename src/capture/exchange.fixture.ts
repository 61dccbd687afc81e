import { isHeadFault } from "../http1/fields.ts";
import { parseRequestHead } from "../http1/request-head.ts";
import { keep, newBody } from "./body.ts";
import { newCaller } from "./caller.ts";
import { CAPTURE_ALL } from "./edge.ts";
import {
  type CapturedEdge,
  type ConnectionExchange,
  type HttpExchange,
  newPlace,
  type PostgresExchange,
  type RedisExchange,
} from "./exchange.ts";
import { createRecorder, type Recorder } from "./recorder.ts";

/** Exchanges as the door and the relays would have written them down. */
export interface Scene {
  readonly recorder: Recorder;
  readonly http: (said: SaidHttp) => HttpExchange;
  readonly postgres: (sql: string, more?: Partial<PostgresExchange>) => PostgresExchange;
  readonly redis: (command: string, args?: readonly string[], reply?: string) => RedisExchange;
  readonly tcp: (what?: "tls" | "unknown") => ConnectionExchange;
}

export interface SaidHttp {
  readonly method?: string;
  readonly target?: string;
  readonly host?: string;
  /** `name: value` each. */
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
  readonly status?: number;
  readonly responseHeaders?: readonly string[];
  readonly responseBody?: string | Buffer;
  /** Bytes of each body that are kept. */
  readonly most?: number;
  /** ms that it took; null: it goes on. */
  readonly ms?: number | null;
}

export function edgeFixture(from: string, to: string, redact: readonly string[] = []): CapturedEdge {
  return {
    ...{ id: `${from}→${to}`, stack: "shop", from, to },
    origin: null,
    place: newPlace("shop", to),
    policy: { ...CAPTURE_ALL, redact },
  };
}

export function scene(edge: CapturedEdge = edgeFixture("web", "api"), recorder: Recorder = createRecorder()): Scene {
  const caller = { ...newCaller("127.0.0.1:51234", null, null), looked: true };
  let clock = performance.now();
  const others = { edge, caller, bytesUp: 10, bytesDown: 20 };
  return {
    recorder,
    http: (said) => {
      const {
        host = "api.shop.localhost",
        method = "GET",
        target = "/",
        status = 200,
        most = CAPTURE_ALL.bodies,
        ms = 5,
      } = said;
      const body = bytesOf(said.body);
      const fields = [`Host: ${host}`, ...(said.headers ?? [])];
      if (body.length > 0) fields.push(`Content-Length: ${body.length}`);
      const head = parseRequestHead(`${method} ${target} HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n`);
      if (isHeadFault(head)) throw new Error(head.reason);
      const exchange = recorder.http(edge, caller, head, clock++);
      if (exchange === null) throw new Error("the policy leaves it out");
      const answer = bytesOf(said.responseBody);
      exchange.requestBody = kept(body, most);
      exchange.responseBody = kept(answer, most);
      exchange.status = status;
      const lines = [...(said.responseHeaders ?? []), `Content-Length: ${answer.length}`];
      exchange.responseHead = `HTTP/1.1 ${status} Said\r\n${lines.join("\r\n")}\r\n\r\n`;
      if (ms === null) return exchange;
      exchange.connected = 0.5;
      exchange.firstByte = ms / 2;
      recorder.end(exchange, exchange.clock + ms);
      return exchange;
    },
    postgres: (sql, more = {}) => {
      const opening = { ...others, sql, statement: null, params: [], columns: [], rows: [], rowCount: 0 };
      const rest = { tag: null, transaction: null, database: "shop", user: "cove" };
      const exchange = recorder.begin<PostgresExchange>(
        { protocol: "postgres", ...opening, ...rest, ...more },
        clock++,
      );
      recorder.end(exchange, exchange.clock + 2, more.error ?? null);
      return exchange;
    },
    redis: (command, args = [], reply = "OK") => {
      const exchange = recorder.begin<RedisExchange>({ protocol: "redis", ...others, command, args, reply }, clock++);
      recorder.end(exchange, exchange.clock + 1);
      return exchange;
    },
    tcp: (what = "tls") => recorder.begin<ConnectionExchange>({ protocol: "tcp", ...others, what }, clock++),
  };
}

function bytesOf(content: string | Buffer = ""): Buffer {
  return typeof content === "string" ? Buffer.from(content) : content;
}

function kept(bytes: Buffer, most: number) {
  if (bytes.length === 0) return null;
  const body = newBody();
  keep(body, bytes, 0, bytes.length, most);
  return body;
}
