import type { AuditFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";

/** Cove's own files: they hold the token, databases' passwords and logs. */
export function fileFindings({ files, uid }: AuditFacts): Finding[] {
  return files.flatMap(({ path, mode, uid: owner, folder }): Finding[] => {
    if (uid !== null && owner !== uid && owner !== 0) {
      return [
        {
          rule: "foreign-file",
          severity: "high",
          what: `${path} belongs to uid ${owner}`,
          why: "Whoever owns it can read and change what Cove keeps there.",
          fix: `chown ${uid} ${path}`,
          command: `chown ${uid} ${path}`,
          where: path,
        },
      ];
    }
    const open = mode & 0o077;
    if (open === 0) return [];
    const right = folder ? 0o700 : 0o600;
    return [
      {
        rule: "open-file",
        severity: (open & 0o022) === 0 ? "medium" : "high",
        what: `${path} has mode ${mode.toString(8)}`,
        why: `Other users of this machine can ${(open & 0o022) === 0 ? "read" : "change"} what Cove keeps there.`,
        fix: `chmod ${right.toString(8)} ${path}`,
        command: `chmod ${right.toString(8)} ${path}`,
        where: path,
        autofix: { chmod: path, mode: right },
      },
    ];
  });
}
