import { readBody } from "./decode.ts";
import { type ApiError, isApiError, TOXIC_EXISTS, TOXIC_UNKNOWN } from "./problem.ts";
import type { Proxies } from "./proxies.ts";
import type { TcpProxy } from "./proxy.ts";
import { changeToxic, inOrder, readToxic } from "./toxic.ts";
import { printMetrics } from "./traffic.ts";

/** The version of Toxiproxy whose behaviour this is, for clients that check it. */
const VERSION = "2.12.0+cove";

export interface Answer {
  readonly status: number;
  /** Default: none. */
  readonly body?: string;
  readonly type?: string;
  /** It carries a request's id. */
  readonly id?: boolean;
  /** The methods that there are. */
  readonly allow?: string;
}

/** `params`: the path's variable parts, in their order. */
type Handle = (
  proxies: Proxies,
  params: readonly string[],
  body: string,
) => Answer | ApiError | Promise<Answer | ApiError>;

interface Route {
  /** `:` stands for a variable part. */
  readonly path: string;
  readonly methods: Readonly<Record<string, Handle>>;
}

/** Every call of the API. */
const ROUTES: readonly Route[] = [
  {
    path: "/version",
    methods: { GET: () => json(200, `{"version": "${VERSION}"}\n`, "application/json;charset=utf-8") },
  },
  { path: "/metrics", methods: { GET: metrics } },
  { path: "/reset", methods: { POST: async (proxies) => (await proxies.reset()) ?? { status: 204 } } },
  { path: "/populate", methods: { POST: populate } },
  { path: "/proxies", methods: { GET: listProxies, POST: createProxy } },
  { path: "/proxies/:", methods: { GET: showProxy, POST: updateProxy, PATCH: updateProxy, DELETE: removeProxy } },
  { path: "/proxies/:/toxics", methods: { GET: listToxics, POST: addToxic } },
  {
    path: "/proxies/:/toxics/:",
    methods: { GET: showToxic, POST: updateToxic, PATCH: updateToxic, DELETE: removeToxic },
  },
];

export interface Found {
  readonly methods: Readonly<Record<string, Handle>>;
  readonly params: readonly string[];
}

/** Null: nothing is at this path. */
export function findRoute(path: string): Found | null {
  const parts = path.split("/").slice(1);
  for (const { path: pattern, methods } of ROUTES) {
    const wanted = pattern.split("/").slice(1);
    if (wanted.length !== parts.length || wanted.some((part, n) => part !== ":" && part !== parts[n])) continue;
    const params = parts.filter((_, n) => wanted[n] === ":").map(decodePart);
    if (params.every((param) => param !== "")) return { methods, params };
  }
  return null;
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const json = (status: number, body: string, type = "application/json"): Answer => ({ status, body, type });
const value = (status: number, shown: unknown) => json(status, JSON.stringify(shown));

/** A proxy as the API shows it, keys in its order. `Logger` is there because Toxiproxy's own is. */
function shown(proxy: TcpProxy): object {
  const { listen, upstream, enabled } = proxy.state();
  return { name: proxy.name, listen, upstream, enabled, Logger: {}, toxics: inOrder(proxy.toxics()) };
}

function metrics(proxies: Proxies): Answer {
  return { status: 200, body: printMetrics(proxies.traffic()), type: "text/plain; version=0.0.4; charset=utf-8" };
}

async function populate(proxies: Proxies, _: readonly string[], body: string): Promise<Answer> {
  const read = readBody(body);
  const { proxies: made, problem } = isApiError(read)
    ? { proxies: [], problem: read }
    : await proxies.populate(read.value);
  // An empty list is null, and a problem stands beside what came of it.
  return value(problem?.status ?? 201, { ...problem, proxies: made.length === 0 ? null : made.map(shown) });
}

function listProxies(proxies: Proxies): Answer {
  return value(200, Object.fromEntries(proxies.list().map((proxy) => [proxy.name, shown(proxy)])));
}

async function createProxy(proxies: Proxies, _: readonly string[], body: string): Promise<Answer | ApiError> {
  const read = readBody(body);
  if (isApiError(read)) return read;
  const proxy = await proxies.create(read.value);
  return isApiError(proxy) ? proxy : value(201, shown(proxy));
}

function showProxy(proxies: Proxies, [name = ""]: readonly string[]): Answer | ApiError {
  const proxy = proxies.find(name);
  return isApiError(proxy) ? proxy : value(200, shown(proxy));
}

async function updateProxy(proxies: Proxies, [name = ""]: readonly string[], body: string): Promise<Answer | ApiError> {
  const proxy = proxies.find(name);
  if (isApiError(proxy)) return proxy;
  const read = readBody(body);
  if (isApiError(read)) return read;
  return (await proxies.change(proxy, read.value)) ?? value(200, shown(proxy));
}

async function removeProxy(proxies: Proxies, [name = ""]: readonly string[]): Promise<Answer | ApiError> {
  const proxy = proxies.find(name);
  return isApiError(proxy) ? proxy : ((await proxies.remove(proxy)) ?? { status: 204 });
}

function listToxics(proxies: Proxies, [name = ""]: readonly string[]): Answer | ApiError {
  const proxy = proxies.find(name);
  return isApiError(proxy) ? proxy : value(200, inOrder(proxy.toxics()));
}

async function addToxic(proxies: Proxies, [name = ""]: readonly string[], body: string): Promise<Answer | ApiError> {
  const proxy = proxies.find(name);
  if (isApiError(proxy)) return proxy;
  const read = readBody(body);
  if (isApiError(read)) return read;
  const toxic = readToxic(read.value);
  if (isApiError(toxic)) return toxic;
  if (proxy.toxics().some((other) => other.name === toxic.name)) return TOXIC_EXISTS;
  return (await proxy.setToxics([...proxy.toxics(), toxic])) ?? value(200, toxic);
}

function findToxic(proxies: Proxies, [proxyName = "", name]: readonly string[]) {
  const proxy = proxies.find(proxyName);
  if (isApiError(proxy)) return proxy;
  const toxic = proxy.toxics().find((one) => one.name === name);
  return toxic === undefined ? TOXIC_UNKNOWN : { proxy, toxic };
}

function showToxic(proxies: Proxies, params: readonly string[]): Answer | ApiError {
  const found = findToxic(proxies, params);
  return isApiError(found) ? found : value(200, found.toxic);
}

async function updateToxic(proxies: Proxies, params: readonly string[], body: string): Promise<Answer | ApiError> {
  const found = findToxic(proxies, params);
  if (isApiError(found)) return found;
  const read = readBody(body);
  if (isApiError(read)) return read;
  const { proxy, toxic } = found;
  const changed = changeToxic(toxic, read.value);
  if (isApiError(changed)) return changed;
  const all = proxy.toxics().map((one) => (one === toxic ? changed : one));
  return (await proxy.setToxics(all)) ?? value(200, changed);
}

async function removeToxic(proxies: Proxies, params: readonly string[]): Promise<Answer | ApiError> {
  const found = findToxic(proxies, params);
  if (isApiError(found)) return found;
  const { proxy, toxic } = found;
  return (await proxy.setToxics(proxy.toxics().filter((one) => one !== toxic))) ?? { status: 204 };
}
