import { callGuard } from "../../../confine/calls/launch.ts";
import { fault, isFault } from "../../../fault/fault.ts";
import { terminals } from "../../../machine/terminals.ts";
import type { ServiceInput } from "../../../stack/plan/streams.ts";
import type { Context } from "../../terminal/context.ts";
import { portOption } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";

/** Both options fill one list, in the order of the command line; its entries begin with `=` or `?`. */
function envFileParser(): (required: boolean) => (path: string) => string[] {
  const files: string[] = [];
  return (required) => (path) => {
    files.push(`${required ? "=" : "?"}${path}`);
    return files;
  };
}

function envFilesIn(given: unknown): { path: string; required: boolean }[] {
  if (!Array.isArray(given)) return [];
  return given.map(String).map((entry) => ({ path: entry.slice(1), required: entry.startsWith("=") }));
}

export const command: CoveCommand = {
  configure: (command) => {
    const envFile = envFileParser();
    command
      .argument("<command...>", "the program and its arguments, after --")
      .option("--name <name>", "its name; default: package.json's, else the folder's")
      .option("--port <port>", "this port and no other")
      .option("--env-file <file>", "variables from this file, below the shell's; again for more files", envFile(true))
      .option("--env-file-if-exists <file>", "the same for a file that may be missing", envFile(false))
      .passThroughOptions()
      .addHelpText(
        "after",
        "\nThe command gets PORT and HOST, and its framework's own flags where it ignores those.\nIn a terminal it gets that terminal: colours, keys, prompts; Ctrl-C goes to it, a second one ends it.\nIn a pipe bytes pass both ways as they are. The exit code is the command's.\nIn a git worktree the branch stands before the name.\n\nExamples:\n  cove run -- npm run dev\n  cove run -- npx vite\n  cove run --name api -- python3 -m http.server",
      );
  },
  run: async (context, words, options) => {
    const port = portOption(options.port);
    if (isFault(port)) return port;
    if (words.join("").trim() === "") return fault("USAGE", "what is to run?", "for example: cove run -- npm run dev");
    // Its thread starts while this one loads the rest.
    void callGuard();
    const [{ command: kind }, { runSingle }, input] = await Promise.all([
      import("../../../services/command/command.ts"),
      import("./single.ts"),
      runInput(context),
    ]);
    // What was asked for once is run once; its exit code is the command's. All of it is checked by now: no need for zod.
    const files = envFilesIn(options.envFile ?? options.envFileIfExists);
    const common = {
      ...(port !== undefined && { port }),
      ...(files.length > 0 && { envFile: files }),
      ...{ restart: { when: "never", max: 0 } as const },
    };
    const line = words.length === 1 ? (words[0] ?? "") : words;
    return runSingle(context, {
      service: { kind, options: { command: line }, common },
      name: typeof options.name === "string" ? options.name : undefined,
      input,
      show: "output",
    });
  },
};

/** In a terminal the command gets one; in a pipe, this process's own input, byte by byte. */
async function runInput(context: Context): Promise<ServiceInput> {
  const { stdin, stdout, stderr } = process;
  if (stdin.isTTY !== true) return { type: "own" };
  // Its lines are passed on: a program in a session of its own can't share a terminal with the shell.
  if (stdout.isTTY !== true) return { type: "open" };
  const system = await terminals();
  if (isFault(system)) {
    context.note(`${system.message}; ${system.hint}`);
    return { type: "open" };
  }
  return {
    type: "terminal",
    errorsApart: stderr.isTTY !== true,
    columns: stdout.columns || 80,
    rows: stdout.rows || 24,
  };
}
