import { bindGuard } from "../../../confine/bind/guarded-launch.ts";
import { fault, isFault } from "../../../fault/fault.ts";
import { portOption } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";

export const command: CoveCommand = {
  configure: (command) => {
    command
      .argument("<command...>", "the program and its arguments, after --")
      .option("--name <name>", "its name; default: package.json's, else the folder's")
      .option("--port <port>", "this port and no other")
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
    const common = { ...(port !== undefined && { port }), restart: { when: "never", max: 0 } } as const;
    const line = words.length === 1 ? (words[0] ?? "") : words;
    return runSingle(context, {
      service: { kind, options: { command: line }, common },
      name: typeof options.name === "string" ? options.name : undefined,
      show: "output",
    });
  },
};
