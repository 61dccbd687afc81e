import type { Finding, Severity } from "./finding.ts";

const LEVELS: Record<Severity, "error" | "warning" | "note"> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note",
  info: "note",
};
/** How code-scanning services rank findings: the scale of CVSS. */
const SCORES: Record<Severity, string> = { critical: "9.5", high: "8.0", medium: "5.5", low: "3.0", info: "0.0" };

/** The findings as a SARIF 2.1.0 log (OASIS), which CI systems show. */
export function sarif(findings: readonly Finding[], version: string): object {
  const rules = [...new Map(findings.map((finding) => [finding.rule, finding])).values()];
  return {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "cove audit",
            version,
            rules: rules.map(({ rule, severity, why, fix }) => ({
              id: rule,
              shortDescription: { text: rule.replaceAll("-", " ") },
              fullDescription: { text: why },
              help: { text: fix },
              defaultConfiguration: { level: LEVELS[severity] },
              properties: { "security-severity": SCORES[severity] },
            })),
          },
        },
        results: findings.map(({ rule, severity, what, why, fix, where, port, pid }) => ({
          ruleId: rule,
          ruleIndex: rules.findIndex((one) => one.rule === rule),
          level: LEVELS[severity],
          message: { text: `${what}. ${why} To fix it: ${fix}` },
          locations: [{ logicalLocations: [{ name: where, fullyQualifiedName: where, kind: "resource" }] }],
          partialFingerprints: { "cove/v1": `${rule} ${where}` },
          properties: { severity, ...(port !== undefined && { port }), ...(pid !== undefined && { pid }) },
        })),
      },
    ],
  };
}
