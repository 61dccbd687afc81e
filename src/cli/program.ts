import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Command, CommanderError } from "commander";
import { fault } from "../fault/fault.ts";
import { version } from "../home/view/version.ts";
import type { Options, Outcome } from "./commands/command.ts";
import { COMMANDS } from "./commands.ts";
import { dashedWordsLast } from "./dashed-words.ts";
import { exitCodeOf, outcomeOf, unexpected } from "./run-command.ts";
import { type Context, createContext, currentFolder } from "./terminal/context.ts";
import { globalOptions } from "./terminal/options.ts";
import { shownSigns } from "./terminal/signs.ts";
import { wrap } from "./terminal/table.ts";

const OVERVIEW = `
Start here:
  cove run -- npm run dev      any dev server, by name: http://<project>.localhost:62893
  cove up                      every service of a cove.config.ts
  cove                         what runs, where, and how it is
`;

/** Runs one command line. Returns the exit code: 0, 1 for a failure, 2 for wrong words. */
export async function runProgram(args: readonly string[]): Promise<number> {
  const [name = "status", ...rest] = helpLast(splitGlobals(args));
  const wanted = COMMANDS.find((entry) => entry.name === name);
  // Of a command that there isn't there is no help, either.
  let words = wanted === undefined && !name.startsWith("-") ? [] : rest;
  let outcome: Outcome = 0;
  let context = createContext({ cwd: currentFolder(), json: args.includes("--json"), color: undefined });

  const program = new Command("cove")
    .description("Your dev stack behind one local address, 127.0.0.1:62893")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    // What `[options]` would say of each says nothing.
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText("after", OVERVIEW)
    .exitOverride()
    .configureOutput({
      outputError: () => {},
      writeOut: (text) => void process.stdout.write(shownSigns(wrappedHelp(text))),
    })
    .showSuggestionAfterError(true)
    // `cove run -- vite --port 1`: what stands behind the command is the command's.
    .enablePositionalOptions();
  globalOptions(program);

  // Help, and what is wrong, may speak of every command; a command that is there, only of itself.
  for (const entry of wanted === undefined ? COMMANDS : [wanted]) {
    const command = program.command(entry.name).description(entry.summary).helpOption("-h, --help", "show this help");
    globalOptions(command);
    if (entry !== wanted) continue;
    const { command: loaded } = await entry.load();
    loaded.configure(command);
    if (loaded.dashedWords) words = dashedWordsLast(rest, command);
    command.action(async (...all: unknown[]) => {
      const options = command.optsWithGlobals<Options>();
      context = contextOf(entry.name, options);
      // Commander passes the arguments, then the options, then itself.
      const given = all
        .slice(0, -2)
        .flat()
        .filter((word) => word !== undefined);
      outcome = missingFolder(options) ?? (await outcomeOf(loaded, context, given.map(String), options));
    });
  }
  try {
    await program.parseAsync([name, ...words], { from: "user" });
  } catch (error) {
    outcome = await failure(error, wanted?.name);
  }
  return exitCodeOf(context, outcome);
}

function contextOf(command: string, options: Options): Context {
  const color = typeof options.color === "boolean" ? options.color : undefined;
  const cwd = typeof options.cwd === "string" ? resolve(currentFolder(), options.cwd) : currentFolder();
  return createContext({ cwd, json: options.json === true, color, command });
}

/** `-C` leads nowhere: a command would look for its project in the folders above. */
function missingFolder({ cwd }: Options): Outcome | null {
  if (typeof cwd !== "string" || existsSync(resolve(currentFolder(), cwd))) return null;
  return fault("USAGE", `there is no folder ${cwd}`, "-C takes a folder, as in: cove -C examples/shop up");
}

/** Moves options that stand before the command behind it, where commander reads them: `cove -C shop up`. */
function splitGlobals(args: readonly string[]): string[] {
  const ahead: string[] = [];
  let at = 0;
  for (; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "-C" || word === "--cwd") ahead.push(word, args[++at] ?? "");
    else if (/^(--json|--color|--no-color|--cwd=.*)$/.test(word)) ahead.push(word);
    else break;
  }
  const [name, ...rest] = args.slice(at);
  if (name === undefined) return ahead.length === 0 ? [] : ["status", ...ahead];
  return name.startsWith("-") ? [name, ...rest] : [name, ...ahead, ...rest];
}

/** `cove help down` is `cove down --help`: a command's help is in its file, which is loaded when it is called. */
function helpLast([name, ...rest]: readonly string[]): readonly string[] {
  if (name !== "help") return name === undefined ? rest : [name, ...rest];
  const about = rest.find((word) => !word.startsWith("-"));
  return about === undefined || about === "help" ? ["--help"] : [about, "--help"];
}

/** What stands below the options, in lines that fit: commander wraps all but that. */
function wrappedHelp(text: string): string {
  const room = process.stdout.isTTY ? process.stdout.columns || 80 : 80;
  const fitted = (line: string) => {
    const indent = /^ */.exec(line)?.[0] ?? "";
    // A line of columns is made as it is to stay: an example and what it does.
    if (line.length <= room || /\S {3,}\S/.test(line)) return [line];
    return wrap(line.trimStart(), room - indent.length).map((part) => indent + part);
  };
  return text.split("\n").flatMap(fitted).join("\n");
}

async function failure(error: unknown, command: string | undefined): Promise<Outcome> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    const message = error.message.replace(/^error: /, "").replace(/\n\(Did you mean (.*)\?\)/, "; did you mean $1?");
    return fault("USAGE", message, command === undefined ? "see: cove --help" : `see: cove ${command} --help`);
  }
  return await unexpected(error);
}
