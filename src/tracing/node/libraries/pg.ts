import { type AnyFunction, bound, type Current, current } from "../hooks/context.ts";
import type { FollowedModule } from "../hooks/modules.ts";
import { ownSocket } from "../hooks/sockets.ts";
import { bindLast, keep, kept, methodsOf } from "./patching.ts";

interface PgQuery {
  submit: AnyFunction;
  callback?: unknown;
  emit?: AnyFunction;
  listenerCount?: (event: unknown) => number;
}

interface PgClient {
  readonly connection?: { readonly stream?: unknown };
  readonly _activeQuery?: object | null;
  readonly activeQuery?: object | null;
  readonly _queryQueue?: unknown;
  readonly queryQueue?: unknown;
}

/** What a client sends at the moment; it sends several at once only in its pipeline mode. */
const submitting = new WeakMap<object, PgQuery>();
const tapped = new WeakSet<object>();

/** pg 7 to 8, and all that is built on it: a query is of the request that hands it to the client. */
export const pg: readonly FollowedModule[] = [
  { library: "pg", path: /^pg\/lib\/client\.js$/, patch: followClient },
  { library: "pg", path: /^pg-pool\/index\.js$/, patch: (Pool) => bindLast(methodsOf(Pool), "connect") },
  {
    library: "pg",
    path: /^pg-cursor\/index\.js$/,
    patch: (Cursor) => {
      bindLast(methodsOf(Cursor), "read");
      bindLast(methodsOf(Cursor), "close");
    },
  },
];

function followClient(Client: unknown): void {
  const methods = methodsOf(Client);
  const { query } = methods;
  bindLast(methods, "connect");
  bindLast(methods, "end");
  methods.query = function (...args) {
    try {
      follow(this as PgClient);
    } catch {
      // Another version: its queries stay guesses.
    }
    return query?.apply(this, args);
  };
}

/** Each query is seen when it is put into the client's queue; some are sent within the same call. */
function follow(client: PgClient): void {
  ownSocket(client.connection?.stream, () => ownerOf(client));
  const queue = "_queryQueue" in client ? client._queryQueue : client.queryQueue;
  if (!Array.isArray(queue) || tapped.has(queue)) return;
  tapped.add(queue);
  queue.push = (...queries: unknown[]) => {
    for (const query of queries) followQuery(client, query as PgQuery);
    return Array.prototype.push.apply(queue, queries);
  };
}

function ownerOf(client: PgClient): Current {
  // Only old versions have the name without the underscore; later ones warn of its use.
  const query = submitting.get(client) ?? ("_activeQuery" in client ? client._activeQuery : client.activeQuery);
  return query == null ? null : kept(query);
}

function followQuery(client: PgClient, query: PgQuery): void {
  keep(query, current());
  const { submit, callback, emit } = query;
  query.submit = function (...args) {
    submitting.set(client, query);
    try {
      return submit.apply(this, args);
    } finally {
      submitting.delete(client);
    }
  };
  if (typeof callback === "function") query.callback = bound(callback as AnyFunction);
  if (typeof emit !== "function" || typeof query.listenerCount !== "function") return;
  const emitBound = bound(emit);
  query.emit = function (...args) {
    return query.listenerCount?.(args[0]) === 0 ? emit.apply(this, args) : emitBound.apply(this, args);
  };
}
