import { defineKind } from "./define.ts";
import { checkMatch, type HttpCondition, MATCH } from "./http-match.ts";

/** Bits of bodies are flipped; lengths, heads and chunk sizes stay. At least one bit of every body that it is drawn for. */
export interface HttpCorrupt extends HttpCondition {
  readonly kind: "http-corrupt";
  /** Share of bytes. */
  readonly rate: number;
}

/**
 * Flips one bit in a share of `rate` (default 0.01) of the bytes of answers' bodies, and in one of each at least.
 * Lengths, heads and chunk sizes stay. Throws CoveError (CONDITION_INVALID).
 *
 * @example
 * import { httpCorrupt, relay } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [httpCorrupt({ rate: 0.05 })] });
 */
export const httpCorrupt = defineKind<HttpCorrupt>({
  kind: "http-corrupt",
  about: "flips bits in answers' bodies",
  direction: "down",
  fields: {
    rate: { type: "share", place: "main", default: 0.01, about: "share of bytes in which a bit is flipped" },
    ...MATCH,
  },
  check: checkMatch,
  harm: ({ rate }) => ({ corrupt: rate }),
});
