import type { Exchange } from "../../capture/exchange.ts";

/** What a filter may ask beside the exchange itself. */
export interface FilterContext {
  /** The notes of its summary: `is:slow` and `is:repeated` look at them. */
  readonly notes?: (exchange: Exchange) => readonly string[];
  /** Whether it is held at a breakpoint. */
  readonly held?: (exchange: Exchange) => boolean;
}

/** Whether an exchange is what a word of a filter asks for. */
export type Test = (exchange: Exchange, context: FilterContext) => boolean;
