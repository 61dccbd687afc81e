import { seePorts } from "../../../ports/see.ts";
import { createContext, currentFolder } from "../../terminal/context.ts";
import { coveKnowledge } from "./cove-uses.ts";
import { portsJson } from "./ports-json.ts";

const FLAGS = /^--(json|udp|exposed|tree)$/;

/**
 * Answers `cove ports --json` and its simple variants, as scripts ask again and again; false for anything else. The
 * option parser isn't loaded for it: that takes longer than the look itself.
 */
export async function quickPorts(args: readonly string[]): Promise<boolean> {
  const [command, ...words] = args;
  const names = words.filter((word) => !FLAGS.test(word));
  const [name] = names;
  const plain = names.length === 0 || (names.length === 1 && name !== undefined && !name.startsWith("-"));
  if (command !== "ports" || !words.includes("--json") || !plain) return false;
  const asked = {
    name,
    udp: words.includes("--udp"),
    exposed: words.includes("--exposed"),
    tree: words.includes("--tree"),
  };
  const seen = await seePorts(asked, await coveKnowledge());
  createContext({ cwd: currentFolder(), json: true, color: undefined }).printJson(portsJson(seen, asked));
  return true;
}
