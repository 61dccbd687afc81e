import { isGap } from "../../text/fill-in.ts";
import type { ServiceKind, TextFill } from "../kind/kind.ts";
import { frameworkEnv } from "./framework-env.ts";
import { fixedPortOf, loopbackAdvice, recognise, withFrameworkFlags } from "./framework-flags.ts";
import type { CommandOptions } from "./options.ts";
import { ownSettingsOf } from "./own-settings.ts";
import { startFilesOf } from "./start-files.ts";

export type { CommandOptions } from "./options.ts";

/** Any program that listens where PORT and HOST, or its framework's flags, tell it to. */
export const command: ServiceKind<CommandOptions> = {
  name: "command",
  short: "command",
  protocol: ({ protocol }) => (protocol === "h2c" ? "http" : (protocol ?? "http")),
  http2: ({ protocol }) => protocol === "h2c",
  label: (options) => shortened(lineOf(options)),
  ready: () => ({ type: "tcp" }),
  port: (options, cwd) => fixedPortOf(options.command, cwd),
  hostField: (options, cwd) => recognise(options.command, cwd)?.framework?.hostField ?? null,
  loopbackAdvice: ({ command: given }, at, cwd) => loopbackAdvice(given, at, cwd),
  ownSettings: (options, cwd) => ownSettingsOf(options.command, cwd),
  filled,
  startFiles: (options, cwd) => startFilesOf(options.command, cwd),
  launch: async ({ options, address, door = null, cwd, env }) => ({
    command: withFrameworkFlags(options.command, address, cwd, door),
    cwd,
    env: frameworkEnv(options.command, address, cwd, door, env),
    ...(options.stopSignal !== undefined && { stopSignal: options.stopSignal }),
  }),
};

function filled(options: CommandOptions, fill: TextFill) {
  const { command: given } = options;
  if (typeof given === "string") return { ...options, command: fill.line(given) };
  const words: string[] = [];
  for (const word of given) {
    const text = fill.word(word);
    if (isGap(text)) return text;
    words.push(text);
  }
  return { ...options, command: words };
}

/** As many characters as a table has room for. */
const LABEL_LENGTH = 40;

function lineOf({ command: given }: CommandOptions): string {
  return typeof given === "string" ? given : given.join(" ");
}

function shortened(text: string): string {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length <= LABEL_LENGTH ? line : `${line.slice(0, LABEL_LENGTH - 1)}…`;
}
