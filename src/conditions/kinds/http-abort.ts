import { defineKind } from "./define.ts";
import { checkMatch, type HttpCondition, MATCH } from "./http-match.ts";

/** A message breaks off within its body, with a real RST. Its last byte never passes, however short it is. */
export interface HttpAbort extends HttpCondition {
  readonly kind: "http-abort";
  /** Bytes of the body that pass. Default: half of it, or 1,000 where its length isn't known. */
  readonly bytes?: number;
}

/**
 * Breaks answers off with a real RST after `bytes` of the body. Default: half of it, or 1,000 bytes where its length isn't
 * known. However short a message is, its last byte never passes. Throws CoveError (CONDITION_INVALID).
 *
 * @example
 * import { httpAbort, relay } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [httpAbort({ bytes: 1_000 })] });
 */
export const httpAbort = defineKind<HttpAbort>({
  kind: "http-abort",
  about: "resets the connection within an answer's body",
  direction: "down",
  fields: { bytes: { type: "size", place: "main", about: "of the body that pass; half of it if left out" }, ...MATCH },
  check: checkMatch,
  harm: ({ bytes }) => ({ cut: { bytes, how: "reset" } }),
});
