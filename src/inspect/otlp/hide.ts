import type { CapturedEdge } from "../../capture/exchange.ts";

/** Takes credentials out of what is sent; asked when a batch is, not as exchanges end. */
export interface Hide {
  readonly target: (target: string, edge: CapturedEdge) => string;
  readonly sql: (sql: string, edge: CapturedEdge) => string;
}
