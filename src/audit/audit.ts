import { containerFindings } from "./container-rules.ts";
import type { AuditFacts } from "./facts.ts";
import { fileFindings } from "./file-rules.ts";
import { type Finding, SEVERITIES } from "./finding.ts";
import { guardFindings } from "./guard-rules.ts";
import { listenerFindings } from "./listener-rules.ts";

/** Each group of rules. A new one is a file and a line here. */
const RULES: readonly ((facts: AuditFacts) => Finding[])[] = [
  containerFindings,
  listenerFindings,
  fileFindings,
  firewallFindings,
  guardFindings,
];

/** What can be reached from outside or by other users, worst first. */
export function audit(facts: AuditFacts): Finding[] {
  const published = new Set(facts.containers.flatMap(({ ports }) => ports.map(({ port }) => port)));
  const found = RULES.flatMap((rule) => rule(facts)).filter(
    // The engine's proxy listens for its container, which has its own finding.
    ({ rule, what, port }) =>
      !(
        rule.startsWith("exposed") &&
        port !== undefined &&
        published.has(port) &&
        /docker-proxy|rootlessport|conmon/.test(what)
      ),
  );
  return found.toSorted(
    (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || (a.port ?? 0) - (b.port ?? 0),
  );
}

/** A firewall that is off matters only where something is open. */
function firewallFindings({ firewall, listeners }: AuditFacts): Finding[] {
  const open = listeners.filter(
    ({ exposure, protocol, reach }) => exposure !== "loopback" && protocol === "tcp" && reach.letIn !== "nobody",
  ).length;
  if (firewall.state !== "open" || open === 0) return [];
  const linux = process.platform === "linux";
  return [
    {
      rule: "no-firewall",
      severity: "low",
      what: firewall.name === null ? "no firewall filters what comes in" : `${firewall.name} lets everything in`,
      why: `Nothing stands between the network and ${open === 1 ? "the port" : `the ${open} ports`} that ${open === 1 ? "is" : "are"} open.`,
      ...(linux
        ? { fix: "see the rules that would close them: cove audit --fix", command: "cove audit --fix" }
        : { fix: "switch the system's firewall on" }),
      where: firewall.name ?? "firewall",
    },
  ];
}
