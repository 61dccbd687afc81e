import { type Finding, isClosedByCove, milder, type Severity } from "./finding.ts";
import type { Reach } from "./netfilter/reach.ts";

/** How bad it is behind the firewall, and what to say of that. */
export function behindFirewall(
  worst: Severity,
  reach: Reach,
  name: string | null,
): { severity: Severity; text: string } {
  const wall = name ?? "the firewall";
  switch (reach.letIn) {
    case "everyone":
      return { severity: worst, text: "" };
    case "nobody":
      return { severity: "info", text: ` But ${closedBy(reach)} lets nobody in.` };
    case "some":
      return {
        severity: /^everyone/.test(reach.who ?? "") ? worst : milder(worst),
        text: ` ${capital(wall)} lets in ${reach.who}.`,
      };
    case "unknown":
      return {
        severity: worst,
        text: ` Whether ${wall} lets others in is not known${reach.who === null ? "" : `: ${reach.who}`}.`,
      };
  }
}

function closedBy({ tables }: Reach): string {
  return tables.length === 0 ? "the firewall" : `the firewall (table ${tables.join(", ")})`;
}

function capital(text: string): string {
  return text === "the firewall" ? "The firewall" : text;
}

/** Findings that still want something done, and ports that rules of `cove audit --fix` keep closed. */
export function withoutClosed(findings: readonly Finding[]): { open: Finding[]; closed: Finding[] } {
  return { open: findings.filter((one) => !isClosedByCove(one)), closed: findings.filter(isClosedByCove) };
}
