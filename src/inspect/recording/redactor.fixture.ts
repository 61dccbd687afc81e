import type { Exchange } from "../../capture/exchange.ts";

/** A redaction that knows one secret; what it can't bear makes it throw. */
export function withoutCredentials(exchange: Exchange): Exchange {
  if (exchange.protocol !== "http") return exchange;
  if (exchange.target === "/broken") throw new Error("a bug");
  return { ...exchange, requestHead: exchange.requestHead.replaceAll("secret", "hidden") };
}
