import { OpenAPIHono, type z } from "@hono/zod-openapi";
import { type Fault, fault } from "../../../fault/fault.ts";
import type { ApiEnv } from "../access/request-guard.ts";

/** Routes whose requests are checked against their schemas: what doesn't fit is answered with REQUEST_INVALID. */
export function checkedRoutes(): OpenAPIHono<ApiEnv> {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result, c) => (result.success ? undefined : c.json({ error: invalid(result.error) }, 400)),
  });
}

/** What a route takes as its body: JSON, always. */
export function jsonBody<T extends z.ZodType>(schema: T) {
  return { required: true, content: { "application/json": { schema } } };
}

/** What a request has wrong, as one fault. */
export function invalid(error: z.ZodError): Fault {
  const [first] = error.issues;
  const where = first?.path.join(".") ?? "";
  return fault("REQUEST_INVALID", `${where === "" ? "the request" : where}: ${first?.message ?? "not as expected"}`);
}
