import type { Exchange } from "../../capture/exchange.ts";
import { shortId } from "../../capture/ids.ts";

/** That a request was not its client's own: said again by hand, or edited on its way. */
export function replayed(exchange: Exchange): string | null {
  if (exchange.protocol !== "http") return null;
  if (exchange.replayOf !== null) return `replay of ${shortId(exchange.replayOf)}`;
  return exchange.edited ? "edited on its way" : null;
}
