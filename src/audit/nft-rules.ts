import { type Finding, isClosedByCove } from "./finding.ts";
import { NFT_TABLE } from "./nft-table.ts";

/**
 * nftables rules that close what was found open to everybody but this machine: a table of their own, ahead of others'
 * filters, which never let in anything that others drop. Null where there's nothing to close. Containers' ports are
 * forwarded, not delivered here, so they are dropped on their way in (hook prerouting).
 */
export function nftRules(findings: readonly Finding[]): string | null {
  const open = findings.filter(
    (one) =>
      one.port !== undefined &&
      // What these rules close already stays closed.
      (isClosedByCove(one) || one.severity !== "info") &&
      !one.rule.endsWith("-on-loopback"),
  );
  const ports = (protocol: "tcp" | "udp") =>
    [...new Set(open.flatMap((one) => (one.protocol === protocol && one.port !== undefined ? [one.port] : [])))].sort(
      (a, b) => a - b,
    );
  const lines = (["tcp", "udp"] as const).flatMap((protocol) =>
    ports(protocol).length === 0
      ? []
      : [`    iif != "lo" ${protocol} dport { ${ports(protocol).join(", ")} } counter drop`],
  );
  if (lines.length === 0) return null;
  return [
    `# Written by cove audit --fix. To remove it: nft delete table ${NFT_TABLE}`,
    // Declared before it is deleted, so that a first run finds one to delete.
    `table ${NFT_TABLE}`,
    `delete table ${NFT_TABLE}`,
    `table ${NFT_TABLE} {`,
    "  chain outside {",
    "    type filter hook prerouting priority -150; policy accept;",
    ...lines,
    "  }",
    "}",
    "",
  ].join("\n");
}
