import type { AuditView, GuardView } from "../../../src/home/view/view.ts";

type Finding = AuditView["findings"][number];

const GRAVE: ReadonlySet<Finding["severity"]> = new Set(["critical", "high", "medium"]);

/** Findings that need action, and minor ones. */
export function sorted(findings: readonly Finding[]): { readonly grave: Finding[]; readonly mild: Finding[] } {
  return {
    grave: findings.filter(({ severity }) => GRAVE.has(severity)),
    mild: findings.filter(({ severity }) => !GRAVE.has(severity)),
  };
}

/** What the page says first. */
export function headline(audit: AuditView | null): string {
  if (audit === null) return "Running the audit …";
  const many = sorted(audit.findings).grave.length;
  if (many === 0) return "Nothing is open to others";
  return many === 1 ? "1 thing is open to others" : `${many} things are open to others`;
}

/** How to fix a finding, in parts: the command to paste stands apart. */
export function fixParts({ fix, command }: Finding): {
  readonly before: string;
  readonly code: string;
  readonly after: string;
} {
  const at = command === undefined ? -1 : fix.indexOf(command);
  if (command === undefined || at === -1) return { before: fix, code: "", after: "" };
  return { before: fix.slice(0, at), code: command, after: fix.slice(at + command.length) };
}

export const FIREWALL_WORDS: Record<AuditView["firewall"]["state"], string> = {
  filters: "filters incoming traffic",
  open: "lets everything in",
  unknown: "can't be read by this user",
};

/** What a policy on binds does. */
export const BIND_WORDS: Record<NonNullable<GuardView["services"][number]["bind"]>, string> = {
  fix: "kept on loopback",
  box: "in its own network namespace",
  warn: "reported, not changed",
  own: "listens on loopback by itself",
};
