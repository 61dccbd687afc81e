import type { Address } from "../../address/address.ts";
import { formatAddress } from "../../address/parse.ts";
import type { AnyKind } from "./kind.ts";

/** What a consumer may be told of a service: `${db.host}` in a config, and the values of variables. */
export interface EdgeFacts {
  readonly host: string;
  readonly port: string;
  /** `host:port`. */
  readonly address: string;
  /** With user, password and database, where those are known. */
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  /** A JDBC URL, user and password included. */
  readonly jdbc?: string;
  /** The same without them, for frameworks that take them apart. */
  readonly jdbcPlain?: string;
  /** A connection string of ADO.NET (Npgsql, MySqlConnector, StackExchange.Redis). */
  readonly ado?: string;
  /** Its URL at Cove's door, for code that runs in a browser. */
  readonly door?: string;
}

export type FactName = keyof EdgeFacts;

/** What a config may name; the others are values of variables alone. */
export const isPublicFact = (fact: FactName): boolean => fact !== "jdbcPlain";

/** What kind of server it is, as far as its facts go: by the scheme of its URL. */
export type Family = "http" | "postgres" | "mysql" | "redis" | "mongodb" | "amqp" | "tcp";

const PLACE: readonly FactName[] = ["host", "port", "address", "url"];
const LOGIN: readonly FactName[] = ["user", "password", "database"];
const JAVA: readonly FactName[] = ["jdbc", "jdbcPlain"];

/** The facts that a service of each family can have. */
export const FACTS: Readonly<Record<Family, readonly FactName[]>> = {
  http: [...PLACE, "door"],
  postgres: [...PLACE, ...LOGIN, ...JAVA, "ado"],
  mysql: [...PLACE, ...LOGIN, ...JAVA, "ado"],
  redis: [...PLACE, ...LOGIN, "ado"],
  mongodb: [...PLACE, ...LOGIN],
  amqp: [...PLACE, ...LOGIN],
  tcp: PLACE,
};

export function familyOf(kind: Pick<AnyKind, "protocol" | "scheme">, options: unknown): Family {
  const protocol = kind.protocol(options);
  const scheme = kind.scheme?.(options)?.toLowerCase() ?? "";
  if (protocol === "tcp") {
    if (/^(mysql2?|mariadb)$/.test(scheme)) return "mysql";
    if (/^mongodb/.test(scheme)) return "mongodb";
    if (/^amqps?$/.test(scheme)) return "amqp";
  }
  return protocol;
}

/** The facts of a service as its consumer reaches it: at `at`, by a URL that may hold user, password and database. */
export function factsOf(family: Family, at: Address, url: string, door?: string): EdgeFacts {
  const login = family === "http" || family === "tcp" ? {} : loginIn(url);
  const isSql = family === "postgres" || family === "mysql";
  // A database's URL alone helps nobody who doesn't know which one.
  const strings = isSql && Object.keys(login).length > 0 ? sqlStrings(family, at, login) : {};
  return {
    ...{ host: at.host, port: String(at.port), address: formatAddress(at), url },
    ...login,
    ...strings,
    ...(family === "redis" && { ado: redisString(at, login) }),
    ...(door !== undefined && { door }),
  };
}

interface Login {
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
}

function loginIn(url: string): Login {
  const [, scheme, authority = "", path = ""] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)\/?([^?#]*)/i.exec(url) ?? [];
  if (scheme === undefined) return {};
  const end = authority.lastIndexOf("@");
  const [user = "", ...password] = end === -1 ? [] : authority.slice(0, end).split(":");
  return {
    ...(user !== "" && { user: decoded(user) }),
    ...(password.length > 0 && { password: decoded(password.join(":")) }),
    ...(path !== "" && { database: decoded(path) }),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function sqlStrings(
  family: "postgres" | "mysql",
  at: Address,
  { user, password, database }: Login,
): Pick<EdgeFacts, "jdbc" | "jdbcPlain" | "ado"> {
  const path = database === undefined ? "" : encodeURIComponent(database);
  const jdbcPlain = `jdbc:${family === "mysql" ? "mysql" : "postgresql"}://${formatAddress(at)}/${path}`;
  const query = [
    ...(user === undefined ? [] : [`user=${escaped(user)}`]),
    ...(password === undefined ? [] : [`password=${escaped(password)}`]),
  ].join("&");
  const ado = [
    `${family === "mysql" ? "Server" : "Host"}=${at.host}`,
    `Port=${at.port}`,
    ...(user === undefined ? [] : [`${family === "mysql" ? "User ID" : "Username"}=${adoValue(user)}`]),
    ...(password === undefined ? [] : [`Password=${adoValue(password)}`]),
    ...(database === undefined ? [] : [`Database=${adoValue(database)}`]),
  ].join(";");
  return { jdbcPlain, jdbc: query === "" ? jdbcPlain : `${jdbcPlain}?${query}`, ado };
}

/** Quotes too, between which such a URL often stands. */
const escaped = (text: string): string => encodeURIComponent(text).replaceAll("'", "%27");

/** Quoted where it needs to be (DbConnectionStringBuilder). */
const adoValue = (text: string): string =>
  /^[\w.@-][\w.@ -]*[\w.@-]$|^[\w.@-]$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;

function redisString(at: Address, { user, password, database }: Login): string {
  return [
    formatAddress(at),
    ...(user === undefined ? [] : [`user=${user}`]),
    ...(password === undefined ? [] : [`password=${password}`]),
    ...(database === undefined ? [] : [`defaultDatabase=${database}`]),
  ].join(",");
}
