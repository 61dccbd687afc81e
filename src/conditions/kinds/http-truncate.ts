import { defineKind } from "./define.ts";
import { checkMatch, type HttpCondition, MATCH } from "./http-match.ts";

/** A message ends within its body as if that were all: a clean close. Its last byte never passes, however short it is. */
export interface HttpTruncate extends HttpCondition {
  readonly kind: "http-truncate";
  /** Bytes of the body that pass. Default: half of it, or 1,000 where its length isn't known. */
  readonly bytes?: number;
}

/**
 * Ends answers with a clean close after `bytes` of the body. Default: half of it, or 1,000 bytes where its length isn't known.
 * However short a message is, its last byte never passes. Throws CoveError (CONDITION_INVALID).
 *
 * @example
 * import { httpTruncate, relay } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [httpTruncate({ path: "/feed" })] });
 */
export const httpTruncate = defineKind<HttpTruncate>({
  kind: "http-truncate",
  about: "closes the connection cleanly within an answer's body",
  direction: "down",
  fields: { bytes: { type: "size", place: "main", about: "of the body that pass; half of it if left out" }, ...MATCH },
  check: checkMatch,
  harm: ({ bytes }) => ({ cut: { bytes, how: "close" } }),
});
