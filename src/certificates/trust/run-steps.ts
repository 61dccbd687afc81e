import { spawn } from "node:child_process";
import { type Fault, fault } from "../../fault/fault.ts";
import { findProgram, type Step, type Surroundings } from "../stores/store.ts";

/** The command that carries out a step for this user: with sudo where root is wanted. Null: there's no way to become root. */
export function commandOf({ command, privileged }: Step, where: Surroundings): readonly [string, ...string[]] | null {
  if (!privileged || process.geteuid === undefined || process.geteuid() === 0) return command;
  return findProgram("sudo", where) === null ? null : ["sudo", ...command];
}

/** Carries out steps in order, up to the first that fails. Fault: TRUST_FAILED, with what the program said. */
export async function runSteps(steps: readonly Step[], where: Surroundings): Promise<Fault | null> {
  for (const step of steps) {
    const command = commandOf(step, where);
    const shown = (command ?? step.command).join(" ");
    const hint = `run as root: ${step.command.join(" ")}`;
    if (command === null) return fault("TRUST_FAILED", `only root may ${step.says}, and there is no sudo`, hint);
    const { code, said } = await run(command, where);
    if (code === 0) continue;
    return fault(
      "TRUST_FAILED",
      `${shown} failed${said === "" ? "" : `: ${said}`}`,
      step.privileged ? hint : "see what it says, and run cove trust again",
    );
  }
  return null;
}

/** sudo asks at the terminal; what programs print is kept for the case that they fail. */
async function run(
  [program, ...args]: readonly [string, ...string[]],
  { env }: Surroundings,
): Promise<{ code: number | null; said: string }> {
  const path = findProgram(program, { env }) ?? program;
  const child = spawn(path, args, { stdio: ["inherit", "pipe", "pipe"], env: { ...env } });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4_000);
    });
  }
  return await new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: 1, said: error.message }));
    child.once("close", (code) => resolve({ code, said: said.trim().split("\n").at(-1) ?? "" }));
  });
}
