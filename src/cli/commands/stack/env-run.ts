import { spawn } from "node:child_process";
import { constants } from "node:os";
import { fault } from "../../../fault/fault.ts";
import { wholeCommand } from "../../../stack/process/whole-command.ts";
import type { Context } from "../../terminal/context.ts";
import type { Outcome } from "../command.ts";
import type { ServiceVariables } from "./env-variables.ts";

const PASSED_ON: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Runs a command with a service's variables and names, in this terminal and folder; its exit code is the answer. */
export async function runWith(
  { variables, giveNames }: ServiceVariables,
  words: readonly string[],
  { cwd, note }: Pick<Context, "cwd" | "note">,
): Promise<Outcome> {
  const plain = { command: words, cwd, env: Object.fromEntries(variables.map(({ name, value }) => [name, value])) };
  const { launch } = (await giveNames?.(plain, note)) ?? { launch: plain };
  const [program = "", ...args] = wholeCommand(launch);
  const { env } = launch;
  return new Promise((resolve) => {
    // npm's programs are scripts on Windows, which need its shell.
    const child = spawn(program, args, { env, stdio: "inherit", shell: process.platform === "win32" });
    // In a terminal the command gets Ctrl-C as well: this process only waits for it.
    const pass = (signal: NodeJS.Signals) => void (process.stdin.isTTY === true || child.kill(signal));
    for (const signal of PASSED_ON) process.on(signal, pass);
    const end = (outcome: Outcome) => {
      for (const signal of PASSED_ON) process.off(signal, pass);
      resolve(outcome);
    };
    child.on("error", ({ message }) =>
      end(fault("USAGE", `${program} can't be run: ${message}`, "see what there is with: command -v <program>")),
    );
    child.on("close", (code, signal) => end(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
