import { basename, extname, resolve } from "node:path";
import { type Fault, fault } from "../../../fault/fault.ts";
import { isUnreadable, readUserText } from "../../../text/user-text.ts";

/** What `play` was given: a name of the config's, or a file's name and parts. */
export interface WantedScenario {
  readonly name: string;
  readonly parts?: readonly unknown[];
}

/** Reads a scenario from a YAML or JSON file; a word without such an ending is a name. Faults: USAGE, CONDITION_INVALID. */
export async function readScenario(cwd: string, wanted: string): Promise<WantedScenario | Fault> {
  const ending = extname(wanted);
  if (!/^\.(ya?ml|json)$/.test(ending)) return { name: wanted };
  const text = readUserText(resolve(cwd, wanted));
  if (isUnreadable(text)) {
    return fault("USAGE", `${wanted} ${text.unreadable}`, "give a file, or the name of a scenario in the config");
  }
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined) {
    const { line = 1, col = 1 } = problem.linePos?.[0] ?? {};
    return fault("CONDITION_INVALID", `${wanted}:${line}:${col} ${problem.message.split("\n")[0]}`);
  }
  const value: unknown = document.toJS();
  const parts = Array.isArray(value)
    ? value
    : typeof value === "object" && value !== null && "parts" in value
      ? value.parts
      : undefined;
  if (!Array.isArray(parts)) {
    const example = "parts:\n  - { for: 5000, conditions: slow-3g }";
    return fault("CONDITION_INVALID", `${wanted} holds no list of parts`, `for example:\n${example}`);
  }
  return { name: basename(wanted, ending), parts };
}
