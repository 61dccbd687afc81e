import { defineKind } from "./define.ts";
import { checkMatch, type HttpCondition, MATCH } from "./http-match.ts";

/** Requests are answered with a status in the service's stead, which never hears of them. The connection goes on. */
export interface HttpStatus extends HttpCondition {
  readonly kind: "http-status";
  readonly status: number;
}

export const httpStatus = defineKind<HttpStatus, "status">({
  kind: "http-status",
  about: "answers requests with a status in the service's stead",
  direction: "down",
  fields: {
    status: { type: "count", place: "main", min: 200, max: 599, required: true, about: "200 to 599" },
    ...MATCH,
  },
  check: checkMatch,
  harm: ({ status }) => ({ answer: status }),
});
