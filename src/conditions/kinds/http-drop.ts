import { defineKind } from "./define.ts";
import { checkMatch, type HttpCondition, MATCH } from "./http-match.ts";

/** Requests get lost: nothing answers, and the connection stays open, until the client gives up. */
export interface HttpDrop extends HttpCondition {
  readonly kind: "http-drop";
}

export const httpDrop = defineKind<HttpDrop>({
  kind: "http-drop",
  about: "loses requests: nothing answers, the connection stays open",
  direction: "up",
  fields: { ...MATCH },
  check: checkMatch,
  harm: () => ({ drop: true }),
});
