import type { Command } from "../../../node_modules/commander/typings/index.d.ts";
import { isPort } from "../../address/ports.ts";
import { type Fault, fault } from "../../fault/fault.ts";

interface Range {
  readonly most: number;
  /** A command line that is right: the hint. */
  readonly example: string;
}

/** An option that takes a whole number from 0 to `most`. Faults: USAGE. */
export function wholeNumber(value: unknown, option: string, { most, example }: Range): number | Fault {
  const number = Number(value);
  if (/^\d+$/.test(String(value)) && number <= most) return number;
  const kind = Number.isInteger(number) ? `whole number from 0 to ${most}` : "whole number";
  return fault("USAGE", `${option} takes a ${kind}, not ${value}`, `for example: ${example}`);
}

/** What `--port` was given; undefined where it wasn't. */
export function portOption(value: unknown): number | undefined | Fault {
  if (value === undefined) return undefined;
  const port = Number(value);
  if (Number.isInteger(port) && port > 0 && isPort(port)) return port;
  return fault(
    "USAGE",
    `--port takes a number from 1 to 65535, not ${String(value)}`,
    "leave it out and Cove chooses one that never clashes",
  );
}

/** `--stack`, of every command that is about one stack. */
export function stackOption(command: Command): Command {
  return command.option("--stack <stack>", "a stack by its name or folder; default: this folder's");
}

/** `--stack` and `--all`, of every command that is about what passed in stacks. */
export function scopeOptions(command: Command): Command {
  return stackOption(command).option("--all", "every project's");
}

/** Options that stand before the command as well as behind it. */
export function globalOptions(command: Command): Command {
  return command
    .option("-C, --cwd <dir>", "work in this folder")
    .option("--json", "answer in JSON")
    .option("--color", "use colours, also in a pipe")
    .option("--no-color", "use no colours");
}
