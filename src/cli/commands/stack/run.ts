import { bindGuard } from "../../../confine/bind/guarded-launch.ts";
import { fault, isFault } from "../../../fault/fault.ts";
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
        "\nThe command gets PORT and HOST, and its framework's own flags where it ignores those.\nIn a git worktree the branch stands before the name.\n\nExamples:\n  cove run -- npm run dev\n  cove run -- npx vite\n  cove run --name api -- python3 -m http.server",
      );
  },
  run: async (context, words, options) => {
    const port = portOption(options.port);
    if (isFault(port)) return port;
    if (words.join("").trim() === "") return fault("USAGE", "what is to run?", "for example: cove run -- npm run dev");
    // Its thread starts while this one loads the rest.
    void bindGuard();
    const [{ command: kind }, { runSingle }] = await Promise.all([
      import("../../../services/command/command.ts"),
      import("./single.ts"),
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
      show: "output",
    });
  },
};
