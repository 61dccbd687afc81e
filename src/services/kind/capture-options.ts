import { z } from "zod";
import { readField } from "../../conditions/kinds/field.ts";

const FORMS = "must be a number of bytes or a text such as 64KB or 1MiB";
const SIZE = { type: "size", about: "" } as const;

const size = z.union([z.number(), z.string()], { error: FORMS }).transform((value, check): number => {
  const read = typeof value === "number" ? value : readField(SIZE, value);
  if (typeof read === "number" && Number.isInteger(read) && read >= 0) return read;
  check.addIssue({ code: "custom", message: FORMS });
  return z.NEVER;
});

/** How a service's exchanges are captured: `false` for not at all, or how much. */
export const captureOptions = z
  .union(
    [
      z.boolean(),
      z.strictObject({
        bodies: size.optional().describe("What is kept of each body and message: bytes, or 64KB; default 1MiB"),
        skip: z
          .array(z.string().regex(/^\//, { error: "must be a path that starts with /" }))
          .optional()
          .describe("Paths that are left out with all below them: /health (not /healthcare), /assets/. Default none"),
        redact: z
          .array(z.string().regex(/[\p{L}\p{N}]/u, { error: "must be a name, with * for anything" }))
          .optional()
          .describe(
            'More names of fields, parameters and columns whose values are hidden: "ssn", "x-internal-*". Default: credentials alone',
          ),
        slow: z
          .number()
          .min(0)
          .optional()
          .describe(
            "A query or request is pointed out as slow from this on, ms; default 1000 for HTTP, 100 for Postgres, 20 for Redis",
          ),
      }),
    ],
    { error: "must be true, false or { bodies, skip, redact, slow }" },
  )
  .transform((form) => (typeof form === "boolean" ? { on: form } : { on: true, ...form }));

type CaptureOptions = z.output<typeof captureOptions>;

/** The stack's options, for services that don't set their own; names to hide are merged. */
export function captureWithin(
  stack: CaptureOptions | undefined,
  service: CaptureOptions | undefined,
): CaptureOptions | undefined {
  if (stack === undefined || service === undefined) return service ?? stack;
  const { redact: all = [], ...rest } = { redact: undefined, ...stack };
  const { redact: own = [], ...said } = { redact: undefined, ...service };
  return { ...rest, ...said, redact: [...new Set([...all, ...own])] };
}
