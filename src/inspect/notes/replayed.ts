import type { Exchange } from "../../capture/exchange.ts";
import { shortId } from "../../capture/ids.ts";

/** Points out that a request is not its client's own: a replay, or edited at a breakpoint. */
export function replayed(exchange: Exchange): string | null {
  if (exchange.protocol !== "http") return null;
  if (exchange.replayOf !== null) return `replay of ${shortId(exchange.replayOf)}`;
  return exchange.edited ? "edited on its way" : null;
}
