import type { AuditFacts } from "../../../audit/facts.ts";
import type { Finding, Severity } from "../../../audit/finding.ts";
import { NFT_TABLE } from "../../../audit/nft-table.ts";
import type { Context } from "../../terminal/context.ts";
import { wrap } from "../../terminal/table.ts";

const COLOURS: Record<Severity, Parameters<Context["paint"]>[0]> = {
  critical: ["bold", "red"],
  high: "red",
  medium: "yellow",
  low: "cyan",
  info: "dim",
};
const MARGIN = 12;
/** Columns of a terminal that has no room for a margin. */
const NARROW = 50;

/** The findings for people: worst first, each with why it matters and what fixes it, then a line that sums up. */
export function auditText(
  context: Context,
  findings: readonly Finding[],
  facts: AuditFacts,
  closed: readonly Finding[],
): string[] {
  const { paint, width } = context;
  // On a narrow terminal the texts stand under the severity.
  const margin = width < NARROW ? 4 : MARGIN;
  const room = width - margin;
  const lines = findings.flatMap(({ severity, what, why, fix }) => [
    ...(margin < MARGIN ? [`  ${paint(COLOURS[severity], severity)}`] : []),
    ...wrap(what, room).map(
      (line, at) =>
        `  ${paint(COLOURS[severity], (at === 0 && margin === MARGIN ? severity : "").padEnd(margin - 4))}  ${line}`,
    ),
    ...wrap(why, room).map((line) => " ".repeat(margin) + line),
    ...wrap(`→ ${fix}`, room).map((line) => " ".repeat(margin) + paint("dim", line)),
    "",
  ]);
  return [
    ...lines,
    ...wrap(summary(findings, facts), width - 2).map((line) => `  ${line}`),
    ...closedLines(closed).flatMap((line) => wrap(line, width - 2).map((part) => `  ${part}`)),
    ...blindSpots(facts).flatMap((line) => wrap(line, width - 2).map((part) => paint("dim", `  ${part}`))),
  ];
}

function summary(findings: readonly Finding[], { listeners, firewall, containers }: AuditFacts): string {
  const reached = listeners.filter(({ exposure, reach }) => exposure !== "loopback" && reach.letIn !== "nobody").length;
  const looked = `${listeners.length} listeners${containers.length > 0 ? `, ${containers.length} containers` : ""}`;
  const wall =
    firewall.state === "filters"
      ? `${firewall.name} filters`
      : firewall.state === "open"
        ? "no firewall filters"
        : `whether a firewall filters is not known${firewall.why === undefined ? "" : ` (${firewall.why})`}`;
  if (findings.length === 0) return `Nothing is open to others. Looked at ${looked}; ${wall}.`;
  return `${findings.length} ${findings.length === 1 ? "finding" : "findings"}; ${reached} of ${looked} can be reached from outside; ${wall}.`;
}

/** Ports that the rules of `cove audit --fix` keep closed. */
function closedLines(closed: readonly Finding[]): string[] {
  if (closed.length === 0) return [];
  const ports = [...new Set(closed.map(({ port, protocol }) => `${port}${protocol === "udp" ? " (UDP)" : ""}`))].join(
    ", ",
  );
  return [`Closed by the rules of cove audit --fix (table ${NFT_TABLE}): ${ports}.`];
}

function blindSpots({ seesAllProcesses, firewall }: AuditFacts): string[] {
  const blind = [
    ...(seesAllProcesses ? [] : ["other users' processes"]),
    ...(firewall.state === "unknown" && process.geteuid?.() !== 0 ? ["the firewall's rules"] : []),
  ];
  return blind.length === 0 ? [] : [`${blind.join(" and ")} can't be seen by this user: sudo cove audit`];
}
