import type { z } from "@hono/zod-openapi";
import type { FaultCode } from "../../../fault/codes.ts";
import type { Fault } from "../../../fault/fault.ts";
import { errorBody } from "./schemas.ts";

const STATUS = {
  USAGE: 400,
  ADDRESS_INVALID: 400,
  CONDITION_INVALID: 400,
  REQUEST_INVALID: 400,
  LOOP_DETECTED: 400,
  FORBIDDEN: 403,
  STACK_UNKNOWN: 404,
  SERVICE_UNKNOWN: 404,
  NAME_UNKNOWN: 404,
  FILTER_INVALID: 400,
  EXCHANGE_UNKNOWN: 404,
  NAME_TAKEN: 409,
  STACK_RUNNING: 409,
  HOME_UNREACHABLE: 503,
  STATE_LOCKED: 503,
  NOT_READY: 504,
} as const satisfies Partial<Record<FaultCode, number>>;

/** The HTTP status that fits a fault; 500 where the caller can't fix it. */
export function faultStatus(fault: Fault): (typeof STATUS)[keyof typeof STATUS] | 500 {
  const known: Partial<Record<FaultCode, (typeof STATUS)[keyof typeof STATUS]>> = STATUS;
  return known[fault.fault] ?? 500;
}

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});

const refused = json(errorBody, "Refused: the fault says why and what to do");

/** What a route answers: 200 with `ok`, or a fault with a status that fits it. */
export function answers<T extends z.ZodType>(ok: T, description: string) {
  return {
    200: json(ok, description),
    400: refused,
    401: json(errorBody, "No token, and no cookie of a browser that came by `cove open`"),
    403: json(errorBody, "The request comes from a foreign page"),
    404: refused,
    409: refused,
    500: refused,
    503: refused,
    504: refused,
  };
}
