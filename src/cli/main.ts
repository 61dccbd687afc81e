import { version } from "../home/view/version.ts";
import { type PlainLine, readPlainLine } from "./plain.ts";
import { endWithOutput } from "./terminal/output-lost.ts";

endWithOutput();
const args = process.argv.slice(2);
const plain = readPlainLine(args);

if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
  // The one answer that scripts wait for: nothing else is loaded for it.
  process.stdout.write(`${version()}\n`);
} else if (args[0] === "__complete") {
  const [{ answerShell }, { COMMANDS }] = await Promise.all([
    import("./completion/answer.ts"),
    import("./commands.ts"),
  ]);
  await answerShell(COMMANDS, args.slice(1));
  // A home that doesn't answer is waited for no longer.
  process.exit(0);
} else if (plain !== null) {
  process.exitCode = await runPlain(plain);
} else if (!(args[0] === "ports" && args.includes("--json") && (await quickly()))) {
  const { runProgram } = await import("./program.ts");
  process.exitCode = await runProgram(args);
}

async function runPlain({ command: name, words, options }: PlainLine): Promise<number> {
  const [{ command }, { exitCodeOf, outcomeOf }, { createContext, currentFolder }] = await Promise.all([
    name === "run" ? import("./commands/stack/run.ts") : import("./commands/stack/status.ts"),
    import("./run-command.ts"),
    import("./terminal/context.ts"),
  ]);
  const context = createContext({ cwd: currentFolder(), json: options.json === true, color: undefined, command: name });
  return exitCodeOf(context, await outcomeOf(command, context, words, options));
}

/** True when it has been answered. */
async function quickly(): Promise<boolean> {
  const { quickPorts } = await import("./commands/ports/quick.ts");
  return quickPorts(args);
}
