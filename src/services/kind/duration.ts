import { z } from "zod";

const FORMS = "must be a number of milliseconds or a text such as 500ms, 10s or 2m";
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A span of time: a number of ms, or `500ms`, `10s`, `2m`, `1h`. Comes out in ms. */
export const duration = z
  .union([z.number().min(0, { error: FORMS }), z.string().regex(/^\d+(\.\d+)?(ms|s|m|h)$/, { error: FORMS })], {
    error: FORMS,
  })
  .transform((value) => {
    if (typeof value === "number") return value;
    const unit = value.replace(/^[\d.]+/, "");
    return Number.parseFloat(value) * (UNITS[unit] ?? 1);
  });
