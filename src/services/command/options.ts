import { z } from "zod";

export interface CommandOptions {
  /** A line for the system's shell, or a program and its arguments. */
  readonly command: string | readonly string[];
  /**
   * What it speaks. Default `http`: it gets a name at the door. `h2c` is HTTP as well, by HTTP/2 without TLS alone. Consumers of
   * `postgres` and `redis` get their variables.
   */
  readonly protocol?: "http" | "h2c" | "tcp" | "postgres" | "redis" | undefined;
  /** First signal of a graceful stop. Default SIGTERM. */
  readonly stopSignal?: "SIGTERM" | "SIGINT" | "SIGQUIT" | "SIGHUP" | undefined;
}

export const commandSchema: z.ZodType<CommandOptions> = z.strictObject({
  command: z
    .union([z.string().regex(/\S/), z.array(z.string()).min(1)], {
      error: "must be a line for the shell, or a list of a program and its arguments",
    })
    .describe("A line for the shell, or a program and its arguments. Known frameworks get flags for port and host"),
  protocol: z
    .enum(["http", "h2c", "tcp", "postgres", "redis"])
    .optional()
    .describe(
      "Its protocol; default http, which gets a name at the door, as h2c does, which is HTTP/2 without TLS alone",
    ),
  stopSignal: z
    .enum(["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP"])
    .optional()
    .describe("First signal of a graceful stop; default SIGTERM"),
});
