import { defineKind } from "./define.ts";
import { checkMatch, type HttpCondition, MATCH } from "./http-match.ts";

/** Requests get lost: nothing answers, and the connection stays open, until the client gives up. */
export interface HttpDrop extends HttpCondition {
  readonly kind: "http-drop";
}

/**
 * Loses requests: nothing answers, and the connection stays open. `path`, `method` and `host` say which ones. Throws
 * CoveError (CONDITION_INVALID).
 *
 * @example
 * import { httpDrop, relay } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [httpDrop({ method: "POST" })] });
 */
export const httpDrop = defineKind<HttpDrop>({
  kind: "http-drop",
  about: "loses requests: nothing answers, the connection stays open",
  direction: "up",
  fields: { ...MATCH },
  check: checkMatch,
  harm: () => ({ drop: true }),
});
