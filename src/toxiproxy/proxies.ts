import { readFields } from "./decode.ts";
import { type ApiError, badBody, isApiError, missingField, PROXY_EXISTS, PROXY_UNKNOWN } from "./problem.ts";
import { createProxy, differs, type ProxyRules, type TcpProxy } from "./proxy.ts";
import type { Traffic } from "./traffic.ts";

const FIELDS = { name: "string", listen: "string", upstream: "string", enabled: "bool" } as const;

interface Wanted {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
}

/** What a populate came to: the proxies up to the first problem. */
export interface Populated {
  readonly proxies: readonly TcpProxy[];
  readonly problem: ApiError | null;
}

/** Every proxy of a server. Values come as decoded JSON; what is wrong with them is a problem. */
export interface Proxies {
  /** By name. */
  readonly list: () => readonly TcpProxy[];
  readonly find: (name: string) => TcpProxy | ApiError;
  readonly create: (value: unknown) => Promise<TcpProxy | ApiError>;
  readonly change: (proxy: TcpProxy, value: unknown) => Promise<ApiError | null>;
  readonly remove: (proxy: TcpProxy) => Promise<ApiError | null>;
  /** Proxies that are the same stay as they are; others of a name are replaced. */
  readonly populate: (value: unknown) => Promise<Populated>;
  /** Every proxy enabled, every toxic gone. Ends at the first problem. */
  readonly reset: () => Promise<ApiError | null>;
  readonly traffic: () => readonly Traffic[];
  readonly close: () => Promise<void>;
}

/** `given`: proxies from elsewhere, which are there beside those that are made here. */
export function createProxies(rules: ProxyRules, given: () => readonly TcpProxy[] = () => []): Proxies {
  const own = new Map<string, TcpProxy>();

  const list = () =>
    [...own.values(), ...given().filter(({ name }) => !own.has(name))].sort((a, b) => (a.name < b.name ? -1 : 1));
  const find = (name: string) => own.get(name) ?? given().find((proxy) => proxy.name === name || proxy.alias === name);

  async function add(wanted: Wanted): Promise<TcpProxy | ApiError> {
    const proxy = createProxy(wanted.name, wanted.listen, wanted.upstream, rules);
    const failed = wanted.enabled ? await proxy.update(wanted) : null;
    if (failed !== null) return failed;
    own.set(proxy.name, proxy);
    return proxy;
  }

  async function addOrKeep(wanted: Wanted): Promise<TcpProxy | ApiError> {
    const there = find(wanted.name);
    if (there === undefined) return await add(wanted);
    const moves = await differs(there.state(), wanted, rules.expose);
    if (isApiError(moves)) return moves;
    if (!moves) return there;
    return (await there.remove()) ?? (await add(wanted));
  }

  return {
    list,
    find: (name) => find(name) ?? PROXY_UNKNOWN,
    create: async (value) => {
      const wanted = readProxy(value);
      if (isApiError(wanted)) return wanted;
      return find(wanted.name) === undefined ? await add(wanted) : PROXY_EXISTS;
    },
    change: async (proxy, value) => {
      const wanted = readFields(value, "toxiproxy.Proxy", FIELDS);
      return isApiError(wanted) ? wanted : await proxy.update({ ...proxy.state(), ...withoutName(wanted) });
    },
    remove: async (proxy) => {
      const failed = await proxy.remove();
      if (failed === null) own.delete(proxy.name);
      return failed;
    },
    populate: async (value) => {
      const wanted = readAll(value);
      if (isApiError(wanted)) return { proxies: [], problem: wanted };
      const proxies: TcpProxy[] = [];
      for (const one of wanted) {
        const proxy = await addOrKeep(one);
        if (isApiError(proxy)) return { proxies, problem: proxy };
        proxies.push(proxy);
      }
      return { proxies, problem: null };
    },
    reset: async () => {
      for (const proxy of list()) {
        const failed = await proxy.update({ ...proxy.state(), enabled: true });
        if (failed !== null) return failed;
        if (proxy.toxics().length > 0) await proxy.setToxics([]);
      }
      return null;
    },
    traffic: () => rules.ledger.sum(list().flatMap((proxy) => proxy.traffic())),
    close: async () => {
      await Promise.all([...own.values()].map((proxy) => proxy.remove()));
      own.clear();
    },
  };
}

function readProxy(value: unknown, where = ""): Wanted | ApiError {
  const given = readFields(value, "toxiproxy.Proxy", FIELDS);
  if (isApiError(given)) return given;
  const { name = "", upstream = "", listen = "", enabled = true } = given;
  if (name === "") return missingField(`name${where}`);
  if (upstream === "") return missingField(`upstream${where}`);
  return { name, listen, upstream, enabled };
}

/** All of them are read before one is made. */
function readAll(value: unknown): readonly Wanted[] | ApiError {
  if (value === null) return [];
  if (!Array.isArray(value))
    return badBody(`json: cannot unmarshal ${typeof value} into Go value of type []toxiproxy.Proxy`);
  const all: Wanted[] = [];
  for (const [n, one] of value.entries()) {
    const wanted = readProxy(one, ` at proxy ${n + 1}`);
    if (isApiError(wanted)) return wanted;
    all.push(wanted);
  }
  return all;
}

function withoutName<T extends { name?: string }>({ name: _, ...rest }: T): Omit<T, "name"> {
  return rest;
}
