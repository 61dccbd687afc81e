import { EDGE_VARIABLES } from "../../../services/kind/edge-variables.ts";
import type { StoreType } from "./readers/finding.ts";

/** What a variable may refer to. */
export interface Known {
  /** The app that reads it. */
  readonly self: string;
  /** The stores that it needs. */
  readonly stores: readonly { readonly name: string; readonly store: StoreType }[];
  readonly apps: readonly { readonly name: string; readonly role: string; readonly ports: readonly number[] }[];
}

interface Reference {
  readonly service: string;
  /** The value in the config: `${db.url}`. */
  readonly text: string;
  /** It goes over an edge; a URL at the door doesn't. */
  readonly needed: boolean;
}

const PORTS: Readonly<Record<string, StoreType>> = {
  ...{ 5432: "postgres", 5433: "postgres", 6379: "redis", 3306: "mysql", 27017: "mongodb", 5672: "rabbitmq" },
};
const SCHEMES: readonly (readonly [RegExp, StoreType])[] = [
  [/^(jdbc:)?postgres(ql)?(\+\w+)?:/, "postgres"],
  [/^(jdbc:)?(mysql|mariadb)(\+\w+)?:/, "mysql"],
  [/^rediss?:/, "redis"],
  [/^mongodb(\+srv)?:/, "mongodb"],
  [/^amqps?:/, "rabbitmq"],
];
/** By words in a variable's name. */
const HINTS: readonly (readonly [RegExp, readonly StoreType[]])[] = [
  [/REDIS|CACHE/, ["redis"]],
  [/MONGO/, ["mongodb"]],
  [/RABBIT|AMQP/, ["rabbitmq"]],
  [/MYSQL|MARIADB/, ["mysql"]],
  [/PG|POSTGRES/, ["postgres"]],
  [/DB|DATABASE|SQL|DATASOURCE/, ["postgres", "mysql"]],
];
/** What is built into a page's code, and runs in a browser. */
const BROWSER = /^(VITE|NEXT_PUBLIC|REACT_APP|PUBLIC|NUXT_PUBLIC|EXPO_PUBLIC|VUE_APP|GATSBY)_/;
const HERE = /^(localhost|127\.0\.0\.1|0\.0\.0\.0|\[?::1\]?|host\.docker\.internal)$/;

/** What a variable's value means in a stack; null: it says nothing of another service. `field:host` is an example by its use. */
export function referenceFor(name: string, value: string, known: Known): Reference | null {
  if (/^(PORT|HOST|NODE_ENV|COVE_\w+)$/.test(name)) return null;
  const scheme = SCHEMES.find(([pattern]) => pattern.test(value))?.[1];
  if (scheme !== undefined)
    return urlReference(
      value,
      known.stores.find(({ store }) => store === scheme),
    );
  const [url = "", ...others] = value.split(",").map((one) => one.trim());
  if (others.length > 0 && [url, ...others].every((one) => /^https?:\/\//.test(one))) {
    const found = [url, ...others].map((one) => httpReference(name, one, known)).find((one) => one !== null);
    // What an example lists for its own ports does no harm.
    return found == null ? null : { ...found, text: [found.text, url, ...others].join(",") };
  }
  if (/^https?:\/\//.test(value)) return httpReference(name, value, known);
  const dialect = dialectReference(name, value, known);
  if (dialect !== null) return dialect;
  return factReference(name, value, known);
}

/** The word for a database's kind, as those who read such a variable have it: Sequelize and TypeORM, Laravel, Knex. */
const DIALECTS: readonly (readonly [RegExp, Readonly<Record<"postgres" | "mysql", string>>])[] = [
  [/(^|_)DB_CONNECTION$/, { postgres: "pgsql", mysql: "mysql" }],
  [/(^|_)(DB|DATABASE)_CLIENT$/, { postgres: "pg", mysql: "mysql2" }],
  [/(^|_)((DB|DATABASE)_(DIALECT|TYPE)|DIALECT)$/, { postgres: "postgres", mysql: "mysql" }],
];

/** An example names another kind of database than the one that the app's packages speak to. */
function dialectReference(name: string, value: string, { stores }: Known): Reference | null {
  const words = DIALECTS.find(([pattern]) => pattern.test(name.toUpperCase()))?.[1];
  const [store, second] = stores.filter((one) => one.store === "postgres" || one.store === "mysql");
  const fits = store?.store === "postgres" ? /^(postgres(ql)?|pg(sql)?)$/ : /^(mysql2?|mariadb)$/;
  if (words === undefined || store === undefined || second !== undefined || fits.test(value)) return null;
  return { service: store.name, text: words[store.store === "postgres" ? "postgres" : "mysql"], needed: true };
}

function urlReference(value: string, store: Known["stores"][number] | undefined): Reference | null {
  if (store === undefined) return null;
  const { name: service } = store;
  const [, scheme = "", path = ""] = /^((?:jdbc:)?[\w+]+):\/\/[^/?]*(.*)$/.exec(value) ?? [];
  const query = /\?.*/.exec(path)?.[0] ?? "";
  const to = (text: string): Reference => ({ service, text, needed: true });
  if (store.store === "postgres") {
    if (scheme.startsWith("jdbc:")) return to(`\${${service}.jdbc}`);
    if (!scheme.includes("+")) return to(`\${${service}.url}${query.replace(/[?&]sslmode=\w+/, "")}`);
    const at = `\${${service}.user}:\${${service}.password}@\${${service}.address}/\${${service}.database}`;
    return to(`${scheme}://${at}${query}`);
  }
  // What runs by a command has no user of its own; MySQL's is the recipe's.
  const login = store.store === "mysql" && !scheme.startsWith("jdbc:") ? "root@" : "";
  const rest = store.store === "mysql" && !/^\/\w/.test(path) ? "/app" : path;
  return to(`${scheme}://${login}\${${service}.address}${rest}`);
}

function httpReference(name: string, value: string, { self, apps }: Known): Reference | null {
  const [, host = "", port, rest = ""] = /^https?:\/\/([^/:?#]+|\[[^\]]*\])(?::(\d+))?(.*)$/.exec(value) ?? [];
  const byName = apps.find((app) => app.name === host);
  if (byName === undefined && !HERE.test(host)) return null;
  const others = apps.filter((app) => app.name !== self);
  const isForPages = /FRONTEND|CLIENT|WEB_?URL|ORIGIN|CORS|SITE/.test(name);
  const isForServers = /API|BACKEND|SERVER|GRAPHQL|BASE_URL/.test(name);
  const wanted = others.filter(({ role }) => (isForPages ? role === "page" : isForServers ? role === "api" : false));
  const target =
    byName ?? apps.find(({ ports }) => ports.includes(Number(port))) ?? (wanted.length === 1 ? wanted[0] : undefined);
  if (target === undefined || target.name === self) return null;
  const isSeenByBrowsers = BROWSER.test(name) || isForPages;
  const text = `\${${target.name}.${isSeenByBrowsers ? "door" : "url"}}${rest}`;
  return { service: target.name, text, needed: !isSeenByBrowsers };
}

function factReference(name: string, given: string, { stores }: Known): Reference | null {
  const value = given.replace(/^field:/, "");
  const byUse = given.startsWith("field:");
  const [host = "", port = ""] = /^([\w.-]+|\[[^\]]*\]):(\d+)$/.exec(value)?.slice(1) ?? [value];
  const named = stores.find((store) => store.name === host);
  const hinted = HINTS.filter(([pattern]) => pattern.test(name.toUpperCase())).flatMap(([, types]) => types);
  const byPort = PORTS[port !== "" ? port : value];
  const isSql = (type: StoreType) => type === "postgres" || type === "mysql";
  const target =
    named ??
    stores.find(({ store }) =>
      hinted.length > 0 ? hinted.includes(store) : byUse ? isSql(store) : store === byPort,
    ) ??
    (byUse ? stores.find(({ store }) => isSql(store)) : undefined);
  if (target === undefined) return null;
  const fact = factOf(name.toUpperCase(), value, { isHere: named !== undefined || HERE.test(host), port, byUse });
  // Programs that Cove doesn't know from within have no more than a place.
  if (fact === null || (target.store !== "postgres" && !/^(host|port|address)$/.test(fact))) return null;
  if (isTold(name, fact, target, stores)) return null;
  return { service: target.name, text: `\${${target.name}.${fact}}`, needed: true };
}

interface Hint {
  readonly isHere: boolean;
  readonly port: string;
  readonly byUse: boolean;
}

function factOf(name: string, value: string, { isHere, port, byUse }: Hint): string | null {
  if (port !== "") return isHere ? "address" : null;
  if (isHere) return "host";
  if (PORTS[value] !== undefined && (/PORT/.test(name) || byUse)) return "port";
  if (byUse && /^(user|password|database)$/.test(value)) return value;
  if (/(PASS|PASSWORD|PWD)$/.test(name)) return "password";
  if (/(USER|USERNAME|LOGIN)$/.test(name)) return "user";
  return /(NAME|DATABASE|_DB|SCHEMA_NAME)$/.test(name) && !/HOSTNAME$/.test(name) ? "database" : null;
}

/** Cove sets it to the same by itself, as the only one of its type. */
function isTold(
  name: string,
  fact: string,
  { name: service, store }: Known["stores"][number],
  all: Known["stores"],
): boolean {
  if (all.filter((one) => one.store === store).length > 1) return false;
  if (store !== "postgres" && store !== "redis") return false;
  const own = name.replace(`${service.toUpperCase().replaceAll("-", "_")}_`, "<SERVICE>_");
  return EDGE_VARIABLES.some(
    (variable) =>
      (variable.name === name || variable.name === own) &&
      variable.fact === fact &&
      (variable.families === "all" || variable.families.includes(store)),
  );
}
