import { audit } from "../../../audit/audit.ts";
import { type Finding, isAtLeast, SEVERITIES, type Severity } from "../../../audit/finding.ts";
import { gatherFacts } from "../../../audit/gather.ts";
import { sarif } from "../../../audit/sarif.ts";
import { withoutClosed } from "../../../audit/softened.ts";
import { fault, isFault } from "../../../fault/fault.ts";
import { version } from "../../../home/view/version.ts";
import { openState } from "../../../state/state.ts";
import { printableJson } from "../../../text/printable.ts";
import type { CoveCommand } from "../command.ts";
import { applyFixes } from "./apply-fixes.ts";
import { auditText } from "./audit-text.ts";
import { knownToCove } from "./known-to-cove.ts";

const LIMITS = [...SEVERITIES, "never"] as const;

export const command: CoveCommand = {
  doing: () => "looking at what others can reach",
  configure: (command) => {
    command
      .option("--sarif", "a SARIF 2.1.0 log, for code scanning")
      .option("--fail-on <severity>", `exit with 1 from this on: ${LIMITS.join(", ")} (default: medium)`)
      .option("--ignore <rule...>", "leave these rules out")
      .option("--no-probe", "don't ask servers on loopback what they are, where no name says so")
      .option("--fix", "write nftables rules for review, and fix what you confirm")
      .option("-y, --yes", "with --fix: fix without asking")
      .addHelpText(
        "after",
        "\nLooks at every listener, container, the firewall's rules and Cove's own files. What others can reach and no name tells\nis asked on loopback what it is (HTTP, Redis' PING, Postgres …); nothing is logged in to.\n\nExamples:\n  cove audit\n  cove audit --json --fail-on high\n  cove audit --sarif > audit.sarif\n  cove audit --fix",
      );
  },
  run: async (context, _, options) => {
    const limit = typeof options.failOn === "string" ? options.failOn : "medium";
    if (!LIMITS.some((known) => known === limit)) {
      return fault("USAGE", `${limit} is no severity`, `--fail-on takes ${LIMITS.join(", ")}`);
    }
    const state = openState();
    if (isFault(state)) return state;
    const known = await knownToCove(state);
    state.close();
    const facts = await gatherFacts(known, { ask: options.probe !== false });
    const ignored = Array.isArray(options.ignore) ? options.ignore : [];
    const all = audit(facts).filter(({ rule }) => !ignored.includes(rule));
    // What rules of --fix keep closed is taken care of.
    const { open: findings, closed } = withoutClosed(all);

    if (options.sarif === true) context.printData(printableJson(JSON.stringify(sarif(findings, version()), null, 2)));
    else if (context.json) {
      const { firewall, seesAllProcesses } = facts;
      context.printJson({ findings, counts: counted(findings), closed, firewall, seesAllProcesses });
    } else for (const line of auditText(context, findings, facts, closed)) context.print(line);

    if (options.fix === true) {
      const failed = await applyFixes(context, all, known.folder, options.yes === true);
      if (failed !== null) return failed;
    }
    return limit !== "never" && findings.some(({ severity }) => isAtLeast(severity, limit as Severity)) ? 1 : 0;
  },
};

function counted(findings: readonly Finding[]): Record<Severity, number> {
  const of = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return { critical: of("critical"), high: of("high"), medium: of("medium"), low: of("low"), info: of("info") };
}
