import type { Exchange } from "../../capture/exchange.ts";

/** Points out what a service sent for a request that was answered by then: work in the background, a timer that it left. */
export function afterAnswer({ trace }: Exchange): string | null {
  return trace.afterEnd === true ? "after its answer" : null;
}
