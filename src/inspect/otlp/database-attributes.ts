import type { Attributes } from "@opentelemetry/api";
import type { PostgresExchange, RedisExchange } from "../../capture/exchange.ts";
import type { Hide } from "./hide.ts";

/** Characters of a query in which its verb and table are looked for, while the exchange's end waits. */
const LOOKED_AT = 1_000;
/** Characters of a query that are sent. */
const MOST_TEXT = 4_096;

/** `SELECT orders`: the query's verb and the first table that it names; a command of redis by its name. */
export function databaseName(exchange: PostgresExchange | RedisExchange): string {
  if (exchange.protocol === "redis") return exchange.command;
  const verb = verbOf(exchange.sql);
  if (verb === null) return "query";
  const table = /\b(?:from|into|update|table|join)\s+(?:only\s+|if\s+(?:not\s+)?exists\s+)?"?([\w.$]+)/i.exec(
    exchange.sql,
  );
  return table?.[1] === undefined ? verb : `${verb} ${table[1]}`;
}

/** Semantic conventions of database client spans (https://opentelemetry.io/docs/specs/semconv/database). */
export function databaseAttributes(exchange: PostgresExchange | RedisExchange, hide: Hide): () => Attributes {
  const { edge, error } = exchange;
  const failure = error === null ? {} : { "error.type": error.code, "db.response.status_code": error.code };
  if (exchange.protocol === "redis") {
    const { command } = exchange;
    return () => ({
      ...{ "db.system.name": "redis", "db.operation.name": command, "server.address": edge.to },
      ...failure,
    });
  }
  const { database, rowCount } = exchange;
  const verb = verbOf(exchange.sql);
  const summary = databaseName(exchange);
  const text = shortened(exchange.sql);
  return () => ({
    ...{ "db.system.name": "postgresql", "db.query.text": hide.sql(text, edge), "db.query.summary": summary },
    ...(verb !== null && { "db.operation.name": verb }),
    ...(database !== null && { "db.namespace": database }),
    ...{ "db.response.returned_rows": rowCount, "server.address": edge.to },
    ...failure,
  });
}

function verbOf(sql: string): string | null {
  return /^\s*(?:--[^\n]*\n\s*|\/\*.*?\*\/\s*)*([a-z]+)/is.exec(sql.slice(0, LOOKED_AT))?.[1]?.toUpperCase() ?? null;
}

function shortened(sql: string): string {
  if (sql.length <= MOST_TEXT) return sql;
  // A piece of a text keeps all of it in memory; a copy doesn't.
  return `${Buffer.from(sql.slice(0, MOST_TEXT)).toString()}…`;
}
