import { keptBytes } from "../../capture/body.ts";
import type { HttpExchange } from "../../capture/exchange.ts";
import type { Test } from "./filter-test.ts";

/** Of one exchange's bodies and messages together, bytes: a search yields to others between exchanges. */
const MOST = 4 * 1024 * 1024;

/** Finds a text in everything that was captured: heads, bodies as kept, messages, SQL and its parameters and rows. Case doesn't matter. */
export function fullText(word: string): Test {
  const pattern = new RegExp(escaped(word), "i");
  // Heads and bodies are looked through as bytes: beyond ASCII it is UTF-8's bytes of either case that have to be there.
  const raw = /^[\0-\x7f]*$/.test(word) ? pattern : new RegExp([...word].map(eitherCase).join(""));
  const inBytes = (all: Iterable<Buffer>) => {
    let left = MOST;
    for (const bytes of all) {
      if (left <= 0) return false;
      if (raw.test(bytes.toString("latin1", 0, left))) return true;
      left -= bytes.length;
    }
    return false;
  };

  return (exchange) => {
    if (exchange.error !== null && (pattern.test(exchange.error.message) || pattern.test(exchange.error.code)))
      return true;
    switch (exchange.protocol) {
      case "http":
        return (
          raw.test(exchange.requestHead) ||
          (exchange.responseHead !== null && raw.test(exchange.responseHead)) ||
          (exchange.refusedHead !== null && raw.test(exchange.refusedHead.text)) ||
          inBytes(bytesIn(exchange))
        );
      case "postgres":
        return (
          pattern.test(exchange.sql) ||
          some(exchange.params, pattern) ||
          exchange.rows.some((row) => some(row, pattern))
        );
      case "redis":
        return (
          pattern.test(`${exchange.command} ${exchange.args.slice(0, 1000).join(" ")}`) ||
          (exchange.reply !== null && pattern.test(exchange.reply))
        );
      case "tcp":
        return pattern.test(exchange.what === "tls" ? "TLS connection" : "connection");
    }
  };
}

function* bytesIn({ requestBody, responseBody, messages }: HttpExchange): Generator<Buffer> {
  for (const body of [requestBody, responseBody]) if (body !== null && body.keptSize > 0) yield keptBytes(body);
  for (const { data } of messages?.kept ?? []) yield data;
}

function some(values: readonly (string | null)[], pattern: RegExp): boolean {
  for (const value of values) if (value !== null && pattern.test(value)) return true;
  return false;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function eitherCase(letter: string): string {
  const forms = new Set([letter, letter.toLowerCase(), letter.toUpperCase()]);
  return `(?:${[...forms].map((form) => escaped(Buffer.from(form).toString("latin1"))).join("|")})`;
}
