import { type CapturedBody, keptBytes } from "../../capture/body.ts";
import type { Test } from "./filter-test.ts";

/** Of each body, bytes: a search has to let others have their turn. */
const MOST = 4 * 1024 * 1024;

/** Finds a text in all that was said: heads, bodies as kept, messages, SQL and its parameters and rows. Case doesn't matter. */
export function fullText(word: string): Test {
  const pattern = new RegExp(escaped(word), "i");
  // Heads and bodies are looked through as bytes: beyond ASCII it is UTF-8's bytes of either case that have to be there.
  const raw = /^[\0-\x7f]*$/.test(word) ? pattern : new RegExp([...word].map(eitherCase).join(""));
  const inBody = (body: CapturedBody | null) =>
    body !== null && body.keptSize > 0 && raw.test(keptBytes(body).toString("latin1", 0, MOST));

  return (exchange) => {
    if (exchange.error !== null && (pattern.test(exchange.error.message) || pattern.test(exchange.error.code)))
      return true;
    switch (exchange.protocol) {
      case "http":
        return (
          raw.test(exchange.requestHead) ||
          (exchange.responseHead !== null && raw.test(exchange.responseHead)) ||
          (exchange.refusedHead !== null && raw.test(exchange.refusedHead.text)) ||
          inBody(exchange.requestBody) ||
          inBody(exchange.responseBody) ||
          (exchange.messages?.kept.some(({ data }) => raw.test(data.toString("latin1", 0, MOST))) ?? false)
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
