import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { json } from "node:stream/consumers";
import { type Fault, fault, isFault } from "../../fault/fault.ts";

/** How to reach a home's API. */
export interface HomeAddress {
  /** Unix socket or named pipe. */
  readonly socket: string;
  readonly token: string;
}

export interface CallOptions {
  readonly body?: unknown;
  /** A body that is JSON already. */
  readonly json?: Buffer;
  /** How long to wait for the answer's head, ms. Default 10,000. */
  readonly timeout?: number;
}

const DEFAULT_TIMEOUT = 10_000;
/** For a request without TLS. Else Node derives one from `host`, with a regular expression that takes 5 ms to compile. */
export const NO_SERVER_NAME = { servername: "" };

/** Sends one request over home's socket; resolves with the response, or null where no home listens. */
export function send(
  home: HomeAddress,
  method: string,
  path: string,
  { body, json, timeout = DEFAULT_TIMEOUT }: CallOptions = {},
): Promise<IncomingMessage | Fault | null> {
  const bytes = json ?? (body === undefined ? undefined : Buffer.from(JSON.stringify(body)));
  return new Promise((resolve) => {
    const sent: ClientRequest = request({
      socketPath: home.socket,
      method,
      path,
      agent: false,
      ...NO_SERVER_NAME,
      headers: {
        host: "cove.localhost",
        authorization: `Bearer ${home.token}`,
        accept: "application/json",
        ...(bytes && { "content-type": "application/json", "content-length": bytes.length }),
      },
    });
    const timer = setTimeout(() => {
      resolve(unreachable(`home did not answer ${method} ${path} within ${timeout / 1000} s`));
      sent.destroy();
    }, timeout);
    sent.on("response", (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    sent.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const nobody = error.code === "ENOENT" || error.code === "ECONNREFUSED";
      resolve(nobody ? null : brokenOff(`${method} ${path} (${error.code ?? error.message})`));
    });
    sent.end(bytes);
  });
}

/** Sends one request and reads its JSON answer; null where no home listens. */
export async function callIfRunning<T>(
  home: HomeAddress,
  method: string,
  path: string,
  options?: CallOptions,
): Promise<T | Fault | null> {
  const response = await send(home, method, path, options);
  if (response === null || isFault(response)) return response;
  const chunks: Buffer[] = [];
  let answer: unknown;
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
    answer = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return brokenOff(`its answer to ${method} ${path}`);
  }
  if ((response.statusCode ?? 500) < 400) return answer as T;
  const error = (answer as { error?: unknown } | null)?.error;
  return isFault(error) ? error : fault("INTERNAL", `home answered ${method} ${path} with ${response.statusCode}`);
}

/** As {@link callIfRunning}; a home that has gone is a fault. */
export async function call<T>(
  home: HomeAddress,
  method: string,
  path: string,
  options?: CallOptions,
): Promise<T | Fault> {
  return (await callIfRunning<T>(home, method, path, options)) ?? unreachable("home is not running any more");
}

function brokenOff(what: string): Fault {
  return { ...unreachable(`home broke off ${what}`), detail: { brokenOff: true } };
}

export function unreachable(message: string, hint = "see home.log in the state folder, or run: cove doctor"): Fault {
  return fault("HOME_UNREACHABLE", message, hint);
}

/** The fault that a response which isn't read as one answer (a stream) was refused with. */
export async function refusedBy(response: IncomingMessage): Promise<Fault> {
  const { error } = (await json(response)) as { error?: unknown };
  return isFault(error) ? error : unreachable(`home answered with ${response.statusCode}`);
}
