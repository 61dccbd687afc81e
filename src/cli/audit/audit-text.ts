import type { AuditFacts } from "../../guard/audit/facts.ts";
import type { Finding, Severity } from "../../guard/audit/finding.ts";
import type { Context } from "../context.ts";

const COLOURS: Record<Severity, Parameters<Context["paint"]>[0]> = {
  critical: ["bold", "red"],
  high: "red",
  medium: "yellow",
  low: "cyan",
  info: "dim",
};
const MARGIN = 12;

/** The findings for people: worst first, each with why it matters and what mends it, then a line that sums up. */
export function auditText(context: Context, findings: readonly Finding[], facts: AuditFacts): string[] {
  const { paint, width } = context;
  const lines = findings.flatMap(({ severity, what, why, fix }) => [
    `  ${paint(COLOURS[severity], severity.padEnd(MARGIN - 4))}  ${what}`,
    ...wrapped(why, width - MARGIN).map((line) => " ".repeat(MARGIN) + line),
    ...wrapped(`→ ${fix}`, width - MARGIN).map((line) => " ".repeat(MARGIN) + paint("dim", line)),
    "",
  ]);
  return [...lines, `  ${summary(findings, facts)}`, ...blindSpots(facts).map((line) => paint("dim", `  ${line}`))];
}

function summary(findings: readonly Finding[], { listeners, firewall, containers }: AuditFacts): string {
  const reached = listeners.filter(({ exposure }) => exposure !== "loopback").length;
  const looked = `${listeners.length} listeners${containers.length > 0 ? `, ${containers.length} containers` : ""}`;
  const wall =
    firewall.state === "filters"
      ? `${firewall.name} filters`
      : firewall.state === "open"
        ? "no firewall filters"
        : "the firewall can't be asked";
  if (findings.length === 0) return `Nothing is open to others. Looked at ${looked}; ${wall}.`;
  return `${findings.length} ${findings.length === 1 ? "finding" : "findings"}; ${reached} of ${looked} can be reached from outside; ${wall}.`;
}

function blindSpots({ seesAllProcesses, firewall }: AuditFacts): string[] {
  const blind = [
    ...(seesAllProcesses ? [] : ["other users' processes"]),
    ...(firewall.state === "unknown" ? ["the firewall's rules"] : []),
  ];
  return blind.length === 0 ? [] : [`${blind.join(" and ")} can't be seen by this user: sudo cove audit`];
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > Math.max(width, 40)) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
