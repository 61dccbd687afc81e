import { randomBytes, randomInt } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Address } from "../address/address.ts";
import { type Fault, isFault } from "../fault/fault.ts";
import { isStrangersHost } from "../guard/host.ts";
import type { Peer } from "../guard/peer.ts";
import { listen } from "../machine/listen.ts";
import { type ApiError, isApiError, notAllowed } from "./problem.ts";
import { createProxies, type Populated } from "./proxies.ts";
import type { TcpProxy } from "./proxy.ts";
import { type Answer, findRoute } from "./routes.ts";
import { createLedger } from "./traffic.ts";

/** Toxiproxy's own port. */
export const TOXIPROXY_PORT = 8474;
/** A body may have this size, bytes: some ten thousand proxies. */
const BODY_MOST = 4 * 1024 * 1024;
const TEXT = "text/plain; charset=utf-8";

export interface ToxiproxyOptions {
  /** Default 127.0.0.1. Anything but loopback needs `expose`. */
  readonly host?: string;
  /** Default 8474; 0: any free one. */
  readonly port?: number;
  /** Seeds all random draws (jitter, toxicity): the same seed, the same run. Default: random. */
  readonly seed?: number;
  /** Others may reach it and its proxies: no address, Host or user is refused. Default: loopback alone. */
  readonly expose?: boolean;
  /** Judges a connection, to the API or to a proxy, before a byte of it is read. Default: all are let in. */
  readonly admit?: (client: Socket, to: "api" | "proxy") => Peer | null;
  /** Proxies from elsewhere that are shown as well. */
  readonly given?: () => readonly TcpProxy[];
}

/** Toxiproxy's HTTP API over Cove's relays. */
export interface Toxiproxy {
  readonly address: Address;
  readonly seed: number;
  /** As POST /populate does: a list of proxies. */
  readonly populate: (proxies: unknown) => Promise<Populated>;
  /** Ends its proxies, cuts their connections and frees all ports. */
  readonly close: () => Promise<void>;
}

/** Opens the API. Faults: PORT_TAKEN, which names the holder; PORT_PRIVILEGED, ADDRESS_INVALID. */
export async function openToxiproxy(options: ToxiproxyOptions = {}): Promise<Toxiproxy | Fault> {
  const { host = "127.0.0.1", port = TOXIPROXY_PORT, seed = randomInt(2 ** 32), expose = false, admit } = options;
  const rules = {
    expose,
    seed,
    ledger: createLedger(),
    ...(admit !== undefined && { admit: (client: Socket) => admit(client, "proxy") }),
  };
  const proxies = createProxies(rules, options.given);
  /** Changes come one after another: each finds what the one before left. */
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const turn = last.then(run);
    last = turn.catch(() => {});
    return turn;
  };

  async function answer(request: IncomingMessage): Promise<Answer | ApiError> {
    const stranger = refuseOutsiders(request, expose);
    if (stranger !== null) return stranger;
    const { method = "", url = "/" } = request;
    // Some clients join a base URL that ends in a slash with a path.
    const found = findRoute(url.replace(/[?#].*$/s, "").replace(/\/{2,}/g, "/"));
    if (found === null) return { status: 404, body: "404 page not found\n", type: TEXT };
    const handle = Object.hasOwn(found.methods, method) ? found.methods[method] : undefined;
    if (handle === undefined) return { status: 405, allow: Object.keys(found.methods).join(", ") };
    if (request.headers["user-agent"]?.startsWith("Mozilla/")) {
      return { status: 403, body: "User agent not allowed\n", type: TEXT, id: true };
    }
    const body = await readText(request);
    if (isApiError(body)) return body;
    const given = await inTurn(async () => await handle(proxies, found.params, body));
    return isApiError(given) ? given : { ...given, id: true };
  }

  const server = createServer((request, response) => {
    answer(request)
      .catch((error: unknown): ApiError => {
        // A client that left in the middle of its body is no failure.
        if (request.complete) console.error(`${request.method} ${request.url}:`, error);
        return { error: "Cove failed at this request", status: 500 };
      })
      .then((given) => {
        const { status, body = "", type, id, allow } = isApiError(given) ? asAnswer(given) : given;
        if (type !== undefined) response.setHeader("Content-Type", type);
        if (type === TEXT) response.setHeader("X-Content-Type-Options", "nosniff");
        if (id === true) response.setHeader("X-Toxiproxy-Request-Id", requestId());
        if (allow !== undefined) response.setHeader("Allow", allow);
        // Not by writeHead: only so is the length of the body said.
        response.statusCode = status;
        response.end(body);
      });
  });
  server.keepAliveTimeout = 60_000;
  server.on("connection", (socket: Socket) => {
    if (admit?.(socket, "api") === null) socket.resetAndDestroy();
  });
  const address = await listen(
    server,
    { host, port },
    { taken: "end that process, or choose another port: --port 8475" },
  );
  if (isFault(address)) return address;
  return {
    address,
    seed,
    populate: (wanted) => inTurn(() => proxies.populate(wanted)),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await inTurn(() => proxies.close());
      await closed;
    },
  };
}

/** Refuses pages: those that send an Origin, and those of a rebound name. */
function refuseOutsiders({ headers, socket }: IncomingMessage, expose: boolean): ApiError | null {
  const { origin, host = "" } = headers;
  if (origin !== undefined) return notAllowed(`pages may not ask this, and ${origin} is one`);
  const name = host.toLowerCase().replace(/:\d*$/, "");
  if (expose || name === socket.localAddress || !isStrangersHost(name)) return null;
  return { error: `${host} is not a name of this machine: use 127.0.0.1:${socket.localPort}`, status: 421 };
}

/** Errors are JSON that says it were text, with a line feed behind it: Go's http.Error. */
function asAnswer({ error, status }: ApiError): Answer {
  return { status, body: `${JSON.stringify({ error, status })}\n`, type: TEXT, id: true };
}

/** As long and of the same letters as Toxiproxy's: base32hex. */
function requestId(): string {
  return Array.from(randomBytes(20), (byte) => (byte & 31).toString(32)).join("");
}

/** The whole body. One that is too large is read to its end and thrown away: its sender listens only then. */
async function readText(request: IncomingMessage): Promise<string | ApiError> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_MOST) chunks.length = 0;
    else chunks.push(chunk);
  }
  if (size > BODY_MOST) return { error: "bad request body: it is larger than 4 MiB", status: 413 };
  return Buffer.concat(chunks).toString();
}
