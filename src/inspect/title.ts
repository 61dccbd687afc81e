import type { Exchange } from "../capture/exchange.ts";
import { type Redactor, redactorOf } from "./redact/redactor.ts";

/** The longest title, characters. */
const LONGEST = 300;
/** A column's name far behind says that what is in front is a password. */
const MOST_SQL = 16 * 1024;

/** What an exchange is, in one line: `POST /orders`, `SELECT * FROM orders`, `GET session:12`. Credentials are hidden. */
export function titleOf(exchange: Exchange, redactor: Redactor = redactorOf(exchange.edge.policy)): string {
  switch (exchange.protocol) {
    case "http":
      return cut(`${exchange.method} ${redactor.target(exchange.target)}`);
    case "postgres":
      return cut(oneLine(redactor.sql(exchange.sql.slice(0, MOST_SQL))) || "empty query");
    case "redis":
      return cut(
        oneLine([exchange.command, ...redactor.redis(exchange.command, exchange.args.slice(0, 20))].join(" ")),
      );
    case "tcp":
      return exchange.what === "tls" ? "TLS connection" : "connection";
  }
}

function oneLine(text: string): string {
  return text.replace(/[\s\0]+/g, " ").trim();
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
