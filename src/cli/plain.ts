import type { Options } from "./commands/command.ts";

/** A command line whose meaning is plain without the option parser. */
export interface PlainLine {
  readonly command: "status" | "run";
  readonly words: readonly string[];
  readonly options: Options;
}

/**
 * Reads what people and scripts type all day: `cove`, `cove status`, both with `--json`, and
 * `cove run [--name NAME] [--port PORT] -- COMMAND …`. Null for everything else, also for what is wrong: that is the option
 * parser's, which takes longer to load than these take to answer.
 */
export function readPlainLine(args: readonly string[]): PlainLine | null {
  if (args[0] === "run") return readRun(args);
  const words = args.filter((word) => word !== "--json");
  const isStatus = words.length === 0 || (words.length === 1 && words[0] === "status");
  return isStatus ? { command: "status", words: [], options: { json: args.includes("--json") } } : null;
}

function readRun(args: readonly string[]): PlainLine | null {
  const dashes = args.indexOf("--");
  const words = args.slice(dashes + 1);
  const given = args.slice(1, dashes);
  if (dashes === -1 || words.length === 0 || given.length % 2 === 1) return null;
  const options: Record<string, string> = {};
  for (let at = 0; at < given.length; at += 2) {
    const [name = "", value = ""] = given.slice(at);
    if (!/^--(name|port)$/.test(name) || value === "" || value.startsWith("-")) return null;
    options[name.slice(2)] = value;
  }
  return { command: "run", words, options };
}
