// The command line. What people and scripts run all day is answered without the option parser, whose loading takes longer
// than the answer; everything else goes through `program.ts`.
import { version } from "../home/view/version.ts";

const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
  process.stdout.write(`${version()}\n`);
} else if (isPlainStatus()) {
  process.exitCode = await plainStatus();
} else if (!(args[0] === "ports" && args.includes("--json") && (await quickly()))) {
  const { runProgram } = await import("./program.ts");
  process.exitCode = await runProgram(args);
}

/** `cove`, `cove status`, and both with `--json`. */
function isPlainStatus(): boolean {
  const words = args.filter((word) => word !== "--json");
  return words.length === 0 || (words.length === 1 && words[0] === "status");
}

async function plainStatus(): Promise<number> {
  const [{ exitCodeOf, outcomeOf, quietPipes }, { createContext }, { command }] = await Promise.all([
    import("./run-command.ts"),
    import("./terminal/context.ts"),
    import("./commands/stack/status.ts"),
  ]);
  quietPipes();
  const context = createContext({ cwd: process.cwd(), json: args.includes("--json"), color: undefined });
  return exitCodeOf(context, await outcomeOf(command, context, [], {}));
}

/** True when it has been answered. */
async function quickly(): Promise<boolean> {
  const { quickPorts } = await import("./commands/ports/quick.ts");
  return quickPorts(args);
}
