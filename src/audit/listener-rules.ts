import { formatAddress } from "../address/parse.ts";
import type { DangerousTool } from "./dangerous-tools.ts";
import type { AuditFacts, AuditListener } from "./facts.ts";
import { type Finding, milder, type Severity } from "./finding.ts";
import { toolOf } from "./recognize-tool.ts";
import { behindFirewall } from "./softened.ts";

/** Services of the system that are on many machines, and meant to be reached. */
const SYSTEM =
  /^(sshd|systemd|systemd-resolve|systemd-network|avahi-daemon|cupsd|cups-browsed|dhclient|dhcpcd|NetworkManager|chronyd|ntpd|rpcbind|tailscaled|mDNSResponder|rapportd|ControlCenter|sharingd|svchost\.exe|System)$/;

/** Listeners that the network reaches, and dangerous ones that other users of this machine reach. */
export function listenerFindings(facts: AuditFacts): Finding[] {
  return facts.listeners.flatMap((listener) => {
    const tool = toolOf(listener);
    const finding =
      listener.exposure === "loopback" ? onLoopback(listener, tool, facts) : exposed(listener, tool, facts);
    return finding === null ? [] : [finding];
  });
}

function exposed(listener: AuditListener, tool: DangerousTool | undefined, facts: AuditFacts): Finding {
  const { firewall, seesAllProcesses } = facts;
  const everywhere = listener.exposure === "everywhere";
  const who = everywhere ? "every network that this machine is on" : `the network of ${listener.host}`;
  const { severity, text } = behindFirewall(severityOf(listener, tool), listener.reach, firewall.name);
  return {
    rule: tool?.rule ?? (listener.protocol === "udp" ? "exposed-udp" : "exposed-listener"),
    severity,
    what: `${nameOf(listener, tool, seesAllProcesses)} listens on ${formatAddress(listener)}${listener.protocol === "udp" ? " (UDP)" : ""}`,
    why: `Reachable from ${who}: ${tool?.why ?? "anyone there can connect to it"}.${text}`,
    ...fixFor(listener, tool, seesAllProcesses),
    where: formatAddress(listener),
    port: listener.port,
    protocol: listener.protocol,
    reach: listener.reach,
    ...(listener.pid !== null && { pid: listener.pid }),
  };
}

function severityOf({ protocol, program, uid }: AuditListener, tool: DangerousTool | undefined): Severity {
  if (tool !== undefined) return tool.exposed;
  if (program !== null && SYSTEM.test(program)) return "info";
  if (protocol === "udp") return "low";
  // What root started is mostly meant to be there; what a developer started mostly isn't.
  return uid === 0 && process.geteuid?.() !== 0 ? "low" : "medium";
}

function fixFor(
  { cove, port, program, pid }: AuditListener,
  tool: DangerousTool | undefined,
  seesAll: boolean,
): Pick<Finding, "fix" | "command"> {
  const pasted = (text: string, command: string) => ({ fix: `${text}: ${command}`, command });
  if (cove !== null)
    return pasted("let Cove keep it on loopback: add to the service in the stack's config", 'guard: { bind: "fix" }');
  if (tool !== undefined) return { fix: tool.fix };
  if (program !== null && SYSTEM.test(program)) return { fix: "switch the service off if nobody needs it" };
  if (pid === null && seesAll)
    return { fix: "it belongs to the kernel or to a process outside this container: close it there" };
  return pid === null
    ? pasted("see who holds it", `sudo cove explain ${port}`)
    : pasted("make it listen on 127.0.0.1, or end it", `cove free ${port}`);
}

/** On loopback every user of this machine connects, and nobody asks who they are. */
function onLoopback(listener: AuditListener, tool: DangerousTool | undefined, facts: AuditFacts): Finding | null {
  if (tool === undefined || tool.local === null || listener.cove !== null) return null;
  const others = facts.otherUsers.length > 0;
  return {
    rule: `${tool.rule}-on-loopback`,
    severity: others ? tool.local : milder(tool.local),
    what: `${nameOf(listener, tool, facts.seesAllProcesses)} listens on ${formatAddress(listener)}`,
    why: `Any program and any user of this machine can connect${others ? ` (${facts.otherUsers.slice(0, 3).join(", ")})` : ""}: ${tool.why}.`,
    fix: `end it when you are done: cove free ${listener.port}`,
    command: `cove free ${listener.port}`,
    where: formatAddress(listener),
    port: listener.port,
    protocol: listener.protocol,
    ...(listener.pid !== null && { pid: listener.pid }),
  };
}

function nameOf(
  { cove, program, pid, user }: AuditListener,
  tool: DangerousTool | undefined,
  seesAll: boolean,
): string {
  const hidden = seesAll
    ? "something of the kernel's or outside this container"
    : "a process that this user may not see";
  const process = [...(pid === null ? [] : [`pid ${pid}`]), ...(user === null ? [] : [`user ${user}`])].join(", ");
  const name = cove ?? (tool === undefined ? (program ?? hidden) : tool.name);
  const file = tool !== undefined && program !== null && cove === null ? `${program}, ` : "";
  return process === "" ? name : `${name} (${file}${process})`;
}
