import { formatAddress } from "../address/parse.ts";
import { keptBytes } from "../capture/body.ts";
import { newCaller } from "../capture/caller.ts";
import { openTap } from "../capture/decoders/tap.ts";
import { CAPTURE_ALL } from "../capture/edge.ts";
import {
  type CapturedEdge,
  type Exchange,
  type ExchangeError,
  type HttpExchange,
  newPlace,
  type PostgresExchange,
  type RedisExchange,
} from "../capture/exchange.ts";
import { fieldOf, fieldsOf } from "../capture/heads.ts";
import { createRecorder } from "../capture/recorder.ts";
import { shown } from "../conditions/kinds/parse.ts";
import { type Fault, fault, orThrow } from "../fault/fault.ts";
import { undoAtOnce } from "../inspect/content/bytes/codings.ts";
import { type InProcessRelay, type InProcessRelayOptions, openInProcess } from "./in-process-relay.ts";

/** A body's size once it is decoded, bytes: at most this. */
const MOST_DECODED = 64 * 1024 * 1024;
const PROTOCOLS = ["http", "postgres", "redis"] as const;

export interface CaptureOptions extends InProcessRelayOptions {
  /** The service's protocol. Default: detected from the first bytes. */
  readonly protocol?: (typeof PROTOCOLS)[number];
  /** Bytes of each body that are kept. Default 1 MiB. */
  readonly bodies?: number;
}

/** One request and its answer. */
export interface CapturedRequest {
  readonly method: string;
  /** `/orders?page=2`. */
  readonly path: string;
  /** By name in lower case; of repeated fields the values joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** As text, decoded where it has a coding such as gzip. */
  readonly body: string;
  /** The body read as JSON. Throws SyntaxError where it is none. */
  readonly json: () => unknown;
  /** Null while there is no answer. */
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly json: () => unknown;
  } | null;
  /** From the request's first byte to the answer's last, ms; null while it is under way. */
  readonly ms: number | null;
  /** Why there is no whole answer. */
  readonly error: ExchangeError | null;
}

/** One query and its result. */
export interface CapturedQuery {
  readonly sql: string;
  readonly params: readonly (string | null)[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly rowCount: number;
  readonly ms: number | null;
  readonly error: ExchangeError | null;
}

/** A relay that records what passes. Each list is in order of start. */
export interface Capture extends InProcessRelay {
  readonly requests: readonly CapturedRequest[];
  readonly queries: readonly CapturedQuery[];
  /** Of a Redis: `["SET", "a", "1"]`. */
  readonly commands: readonly (readonly string[])[];
  /** Resolves once `count` exchanges are over. Rejects after `timeout` ms, default 5,000. */
  readonly settled: (count: number, options?: { readonly timeout?: number }) => Promise<void>;
  /** Forgets what was recorded. */
  readonly forget: () => void;
}

/**
 * A relay in this process that records what passes through it: HTTP, Postgres' and Redis' protocols. Takes conditions as
 * `relay` does, is closed as a relay is, and keeps no process running. Throws CoveError: ADDRESS_INVALID (`to`, `host`,
 * `port`), PORT_TAKEN, CONDITION_INVALID, USAGE (any other option).
 *
 * @example
 * import assert from "node:assert/strict";
 * import { once } from "node:events";
 * import { createServer } from "node:http";
 * import { capture } from "cove";
 *
 * const service = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
 * await once(service, "listening");
 * await using api = await capture({ to: service.address().port });
 * await fetch(`${api.url}/orders?page=2`);
 * await api.settled(1);
 * assert.equal(api.requests[0]?.path, "/orders?page=2");
 * assert.equal(api.requests[0]?.response?.body, "hello");
 * service.closeAllConnections();
 * service.close();
 */
export async function capture(options: CaptureOptions): Promise<Capture> {
  const { protocol, bodies } = orThrow(readCaptureOptions(options));
  const recorder = createRecorder();
  const edge: CapturedEdge = {
    ...{ id: "test→service", stack: "test", from: "test", to: "service" },
    ...{ origin: null, place: newPlace("test", "service"), policy: { ...CAPTURE_ALL, bodies } },
  };
  const opened = await openInProcess(options, {
    more: ["protocol", "bodies"],
    tap: ({ remoteAddress = "", remotePort = 0 }, { uid, inode }, clock) => {
      const caller = newCaller(formatAddress({ host: remoteAddress, port: remotePort }), uid, inode);
      return openTap(recorder, edge, caller, protocol, clock);
    },
  });

  function all<E extends Exchange>(wanted: E["protocol"]): E[] {
    const found: E[] = [];
    for (let seq = recorder.ring.oldest(); seq <= recorder.ring.newest(); seq++) {
      const exchange = recorder.ring.get(seq);
      if (exchange?.protocol === wanted) found.push(exchange as E);
    }
    return found;
  }

  let over = 0;
  const waiting = new Set<() => void>();
  recorder.listen({
    ended: () => {
      over++;
      for (const look of waiting) look();
    },
  });

  return {
    ...opened,
    get requests() {
      return all<HttpExchange>("http").map(requestOf);
    },
    get queries() {
      return all<PostgresExchange>("postgres").map(({ sql, params, rows, rowCount, ended, error }) => {
        return { sql, params, rows, rowCount, ms: ended, error };
      });
    },
    get commands() {
      return all<RedisExchange>("redis").map(({ command, args }) => [command, ...args]);
    },
    settled: (count, { timeout = 5_000 } = {}) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (over >= count) done(resolve);
        };
        const done = (how: () => void) => {
          clearTimeout(timer);
          waiting.delete(look);
          how();
        };
        const late = () => reject(new Error(`${over} of ${count} exchanges were over after ${timeout} ms`));
        const timer = setTimeout(() => done(late), timeout);
        waiting.add(look);
        look();
      }),
    forget: () => {
      recorder.clear();
      over = 0;
    },
  };
}

interface CaptureSetup {
  readonly protocol: (typeof PROTOCOLS)[number] | "tcp";
  readonly bodies: number;
}

function readCaptureOptions(options: CaptureOptions | undefined): CaptureSetup | Fault {
  const { protocol = "tcp", bodies = CAPTURE_ALL.bodies } = options ?? {};
  if (!["tcp", ...PROTOCOLS].some((known) => known === protocol)) {
    return fault(
      "USAGE",
      `protocol must be ${PROTOCOLS.join(", ")}, not ${shown(protocol)}`,
      "leave it out to have it detected",
    );
  }
  if (!(Number.isInteger(bodies) && bodies >= 0)) {
    return fault("USAGE", `bodies must be a whole number of bytes, not ${shown(bodies)}`, "leave it out for 1 MiB");
  }
  return { protocol, bodies };
}

function requestOf({ method, target, requestHead, requestBody, ...rest }: HttpExchange): CapturedRequest {
  const { responseHead, responseBody, status, ended, error } = rest;
  const body = textOf(requestHead, keptBytes(requestBody));
  return {
    ...{ method, path: target, headers: byName(requestHead), body },
    json: () => JSON.parse(body) as unknown,
    response:
      responseHead === null || status === null ? null : responseOf(status, responseHead, keptBytes(responseBody)),
    ...{ ms: ended, error },
  };
}

function responseOf(status: number, head: string, bytes: Buffer): NonNullable<CapturedRequest["response"]> {
  const body = textOf(head, bytes);
  return { ...{ status, headers: byName(head), body }, json: () => JSON.parse(body) as unknown };
}

/** A body that can't be decoded, since it is cut or coded more than once, stays as it was sent. */
function textOf(head: string, bytes: Buffer): string {
  const decoded = undoAtOnce(bytes, fieldOf(head, "content-encoding"), MOST_DECODED);
  return (decoded?.bytes ?? bytes).toString("utf8");
}

function byName(head: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, value] of fieldsOf(head)) {
    const key = name.toLowerCase();
    fields[key] = fields[key] === undefined ? value : `${fields[key]}, ${value}`;
  }
  return fields;
}
