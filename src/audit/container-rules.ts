import { formatAddress } from "../address/parse.ts";
import type { Container, PublishedPort } from "../machine/containers.ts";
import { exposure } from "../machine/exposure.ts";
import { DANGEROUS_TOOLS } from "./dangerous-tools.ts";
import type { AuditFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { behindFirewall } from "./softened.ts";

/** What containers publish to others than this machine, and engines whose loopback publishes leak. */
export function containerFindings(facts: AuditFacts): Finding[] {
  return [...facts.containers.flatMap((one) => publishes(one, facts)), ...engines(facts.containers)];
}

function publishes(container: Container, facts: AuditFacts): Finding[] {
  const seen = new Set<string>();
  return container.ports.flatMap((published) => {
    const { host, port, containerPort, protocol } = published;
    // Engines publish on 0.0.0.0 and :: alike: one finding for both.
    const key = `${port}/${protocol}`;
    if (exposure({ host }) === "loopback" || seen.has(key)) return [];
    seen.add(key);
    return [finding(container, published, `-p 127.0.0.1:${port}:${containerPort}`, facts)];
  });
}

function finding(
  container: Container,
  { host, port, containerPort, protocol: given }: PublishedPort,
  flag: string,
  { reachOf, firewall }: AuditFacts,
): Finding {
  const protocol = given === "udp" ? "udp" : "tcp";
  const reach = reachOf({ protocol, host, port, v6only: false });
  const tool = DANGEROUS_TOOLS.find(({ ports }) => ports.includes(containerPort));
  const { severity, text } = behindFirewall(tool?.exposed ?? "high", reach, firewall.name);
  return {
    rule: "published-container",
    severity,
    what: `container ${container.name ?? container.id.slice(0, 12)} (${container.image}) is published at ${formatAddress({ host, port })}`,
    why:
      "Published ports go past ufw and most rules of a firewall, which the engine writes its own in front of" +
      `${tool === undefined ? "." : `: ${tool.why}.`}${text}`,
    fix: `publish it on loopback: ${flag}, or "127.0.0.1:${port}:${containerPort}" under ports: in compose`,
    command: flag,
    where: formatAddress({ host, port }),
    port,
    protocol,
    reach,
  };
}

/** Docker before 28.0 lets the network reach ports that aren't published; before 28.3.3 also those published on loopback. */
function engines(containers: readonly Container[]): Finding[] {
  const versions = new Set(
    containers.flatMap(({ engine, engineVersion }) => (engine === "docker" && engineVersion ? [engineVersion] : [])),
  );
  return [...versions].flatMap((version) => {
    const old = isOlder(version, [28, 0, 0]);
    if (!old && !isOlder(version, [28, 3, 3])) return [];
    return [
      {
        rule: "old-container-engine",
        severity: old ? ("medium" as const) : ("low" as const),
        what: `Docker ${version} runs here`,
        why: old
          ? "Before 28.0, machines on the same network can reach containers' ports that aren't published at all."
          : "Before 28.3.3, reloading firewalld opens ports that were published on 127.0.0.1 (CVE-2025-54388).",
        fix: "update Docker to 28.3.3 or later",
        where: `docker ${version}`,
      },
    ];
  });
}

function isOlder(version: string, than: readonly [number, number, number]): boolean {
  const parts = version.split(/[.\-+]/, 3).map(Number);
  for (const [index, wanted] of than.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  return false;
}
