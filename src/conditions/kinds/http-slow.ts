import { defineKind } from "./define.ts";
import { checkMatch, type HttpCondition, MATCH } from "./http-match.ts";

/** Bodies pass slowly; heads don't. */
export interface HttpSlow extends HttpCondition {
  readonly kind: "http-slow";
  /** Bytes per second. */
  readonly rate: number;
}

/**
 * Passes answers' bodies with `rate` bytes per second; heads pass at once. Another rate counts for bodies under way,
 * too. Throws CoveError (CONDITION_INVALID).
 *
 * @example
 * import { httpSlow, relay } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [httpSlow({ rate: 10_000 })] });
 */
export const httpSlow = defineKind<HttpSlow, "rate">({
  kind: "http-slow",
  about: "passes answers' bodies slowly",
  direction: "down",
  fields: { rate: { type: "rate", place: "main", min: 1, required: true, about: "bytes per second" }, ...MATCH },
  check: checkMatch,
  harm: ({ rate }) => ({ slow: rate }),
});
