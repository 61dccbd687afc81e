import { version } from "../home/view/version.ts";

const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
  // The one answer that scripts wait for: nothing else is loaded for it.
  process.stdout.write(`${version()}\n`);
} else if (!(args[0] === "ports" && args.includes("--json") && (await quickly()))) {
  const { runProgram } = await import("./program.ts");
  process.exitCode = await runProgram(args);
}

/** True when it has been answered. */
async function quickly(): Promise<boolean> {
  const { quickPorts } = await import("./commands/ports/quick.ts");
  return quickPorts(args);
}
