import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../../../audit/finding.ts";
import { nftRules } from "../../../audit/nft-rules.ts";
import { NFT_TABLE } from "../../../audit/nft-table.ts";
import { type Fault, fault } from "../../../fault/fault.ts";
import { canAsk, confirm } from "../../terminal/confirm.ts";
import type { Context } from "../../terminal/context.ts";

/** Fixes what the user confirms: permissions of Cove's own files, and a table of firewall rules. Null: all went well. */
export async function applyFixes(
  context: Context,
  findings: readonly Finding[],
  folder: string,
  yes: boolean,
): Promise<Fault | null> {
  const agreed = async (question: string) => yes || (canAsk() && (await confirm(question)));
  for (const { autofix } of findings) {
    if (autofix === undefined) continue;
    if (await agreed(`chmod ${autofix.mode.toString(8)} ${autofix.chmod}?`)) chmodSync(autofix.chmod, autofix.mode);
  }
  const rules = nftRules(findings);
  if (rules === null) {
    context.note("No port is open to others: there's nothing for a firewall to close.");
    return null;
  }
  const file = join(folder, "cove-guard.nft");
  writeFileSync(file, rules, { mode: 0o600 });
  context.note(`\n${rules}\nWritten to ${file}.`);
  if (process.platform !== "linux") {
    context.note("nftables is Linux's; close these ports in this system's own firewall.");
    return null;
  }
  const root = process.geteuid?.() === 0;
  if (!root || !(await agreed("Apply these rules now?"))) {
    context.note(`To apply them: ${root ? "" : "sudo "}nft -f ${file}`);
    return null;
  }
  const done = spawnSync("nft", ["-f", file], { encoding: "utf8" });
  if (done.error !== undefined || done.status !== 0) {
    const why = done.error === undefined ? done.stderr.trim().split("\n")[0] : "nft is not installed";
    return fault("UNSUPPORTED", `the rules were not applied: ${why}`, `they are in ${file}; see: man nft`);
  }
  context.note(`Applied. To remove them: nft delete table ${NFT_TABLE}`);
  return null;
}
