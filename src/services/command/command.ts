import { z } from "zod";
import type { ServiceKind } from "../kind/kind.ts";
import { fixedPortOf, loopbackAdvice, withFrameworkFlags } from "./framework-flags.ts";

export interface CommandOptions {
  /** A line for the system's shell, or a program and its arguments. */
  readonly command: string | readonly string[];
  /** What it speaks. Default `http`: it gets a name at the door. */
  readonly protocol?: "http" | "tcp" | undefined;
  /** First signal of a graceful stop. Default SIGTERM. */
  readonly stopSignal?: "SIGTERM" | "SIGINT" | "SIGQUIT" | "SIGHUP" | undefined;
}

const schema: z.ZodType<CommandOptions> = z.strictObject({
  command: z
    .union([z.string().regex(/\S/), z.array(z.string()).min(1)], {
      error: "must be a line for the shell, or a list of a program and its arguments",
    })
    .describe("A line for the shell, or a program and its arguments. Known frameworks get flags for port and host"),
  protocol: z.enum(["http", "tcp"]).optional().describe("Its protocol; default http, which gets a name at the door"),
  stopSignal: z
    .enum(["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP"])
    .optional()
    .describe("First signal of a graceful stop; default SIGTERM"),
});

/** Any program that listens where PORT and HOST, or its framework's flags, tell it to. */
export const command: ServiceKind<CommandOptions> = {
  name: "command",
  schema,
  short: "command",
  protocol: ({ protocol }) => protocol ?? "http",
  label: (options) => shortened(lineOf(options)),
  ready: () => ({ type: "tcp" }),
  port: (options, cwd) => fixedPortOf(options.command, cwd),
  loopbackAdvice: ({ command: given }, at, cwd) => loopbackAdvice(given, at, cwd),
  edgeEnv: async () => ({}),
  launch: async ({ options, address, cwd, env }) => ({
    command: withFrameworkFlags(options.command, address, cwd),
    cwd,
    env,
    ...(options.stopSignal !== undefined && { stopSignal: options.stopSignal }),
  }),
};

/** As many characters as a table has room for. */
const LABEL_LENGTH = 40;

function lineOf({ command: given }: CommandOptions): string {
  return typeof given === "string" ? given : given.join(" ");
}

function shortened(text: string): string {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length <= LABEL_LENGTH ? line : `${line.slice(0, LABEL_LENGTH - 1)}…`;
}
