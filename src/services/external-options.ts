import { z } from "zod";
import { parseAddress } from "../address/parse.ts";
import { isFault } from "../fault/fault.ts";
import type { Protocol } from "./kind/kind.ts";

export interface ExternalOptions {
  /** `127.0.0.1:4000`, `postgres://user:secret@db.example:5432/app`, or a port of this machine. */
  readonly at: string | number;
  /** What it speaks. Default: what the URL's scheme says, else http. */
  readonly protocol?: Protocol | undefined;
}

export const externalSchema: z.ZodType<ExternalOptions> = z.strictObject({
  at: z
    .union([z.string().min(1), z.int()], { error: "must be an address, a URL or a port" })
    .superRefine((at, check) => {
      const problem = problemWith(at);
      if (problem !== null) check.addIssue({ code: "custom", message: problem });
    })
    .describe("Where it already runs: host:port, a URL, or a port of this machine"),
  protocol: z
    .enum(["http", "tcp", "postgres", "redis"])
    .optional()
    .describe("Its protocol; default: the URL's scheme, else http"),
});

function problemWith(at: string | number): string | null {
  const parsed = parseAddress(String(at));
  if (isFault(parsed)) return parsed.message;
  if (parsed.port === 0) return "names port 0, which nothing can listen on";
  if (parsed.scheme !== "https" && parsed.scheme !== "wss") return null;
  // A consumer would meet a certificate for another name than the edge's 127.0.0.1.
  return `can't be ${parsed.scheme}: an edge is plain TCP; hand the URL over in the consumer's env instead`;
}
