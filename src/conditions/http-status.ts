import type { Kind } from "./condition.ts";
import { checkMatch, type HttpCondition, MATCH } from "./http-match.ts";

/** Requests are answered with a status in the service's stead, which never hears of them. The connection goes on. */
export interface HttpStatus extends HttpCondition {
  readonly kind: "http-status";
  readonly status: number;
}

export const httpStatus: Kind<HttpStatus> = {
  kind: "http-status",
  about: "answers requests with a status in the service's stead",
  direction: "down",
  fields: {
    status: { type: "count", place: "main", min: 200, max: 599, default: 503, about: "the status" },
    ...MATCH,
  },
  check: checkMatch,
  harm: ({ status }) => ({ answer: status }),
};
