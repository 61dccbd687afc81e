import { defineKind } from "./define.ts";
import { checkMatch, type HttpCondition, MATCH } from "./http-match.ts";

/** Cove answers requests with a status instead of the service, which never gets them. The connection goes on. */
export interface HttpStatus extends HttpCondition {
  readonly kind: "http-status";
  readonly status: number;
}

/**
 * Answers requests with `status` (200 to 599) instead of the service, which never gets them. `path`, `method` and
 * `host` say which requests; `probability` is drawn for each. Throws CoveError (CONDITION_INVALID).
 *
 * @example
 * import { httpStatus, relay } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [httpStatus({ status: 503, path: "/orders/*", method: "GET", probability: 0.2 })] });
 */
export const httpStatus = defineKind<HttpStatus, "status">({
  kind: "http-status",
  about: "answers requests with a status instead of the service",
  direction: "down",
  fields: {
    status: { type: "count", place: "main", min: 200, max: 599, required: true, about: "200 to 599" },
    ...MATCH,
  },
  check: checkMatch,
  harm: ({ status }) => ({ answer: status }),
});
