import { rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Authority, certificatesFolder, readAuthority, rootFile } from "../../../certificates/authority.ts";
import { isEmptyDatabase } from "../../../certificates/stores/nss.ts";
import { isFile, type Step, type Surroundings, trustedRoot } from "../../../certificates/stores/store.ts";
import { findStores } from "../../../certificates/stores/stores.ts";
import { commandOf, runSteps } from "../../../certificates/trust/run-steps.ts";
import { forgetCertificates, readTrustRecord } from "../../../certificates/trust/trust-record.ts";
import { surroundings } from "../../../certificates/trust/trust-state.ts";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { stateFolder } from "../../../state/folder.ts";
import { canAsk, confirm } from "../../terminal/confirm.ts";
import type { CoveCommand } from "../command.ts";

export const command: CoveCommand = {
  configure: (command) => {
    command
      .option("-y, --yes", "ask nothing")
      .addHelpText(
        "after",
        "\nTakes Cove's certificates out of every store, and deletes the authority that signed them.",
      );
  },
  run: async (context, _, options) => {
    const folder = stateFolder();
    const authority = readAuthority(folder);
    // A damaged authority's root may still be trusted: its copy names it.
    if (isFault(authority) && authority.fault !== "CERTIFICATES_BROKEN") return authority;
    const where = surroundings();
    const jobs = rootsOf(isFault(authority) ? null : authority, folder).flatMap((root) => removals(root, where));
    const steps = jobs.flatMap((job) => job.steps);
    const yes = options.yes === true;
    if (steps.length > 0) {
      context.note("To be done:");
      for (const step of steps) context.note(`  ${(commandOf(step, where) ?? step.command).join(" ")}`);
      if (!yes && !canAsk()) {
        return fault("NOT_CONFIRMED", "nothing was changed", "cove untrust --yes does what is listed");
      }
      if (!yes && !(await confirm("Do this?"))) return fault("NOT_CONFIRMED", "nothing was changed");
    }
    const failed: Fault[] = [];
    for (const job of jobs) {
      // What the system's store handed on to others goes with it.
      if (!job.isThere()) continue;
      const problem = await runSteps(job.steps, where);
      if (problem === null) continue;
      failed.push(problem);
      context.note(`${problem.message}\n  ${problem.hint ?? ""}`);
    }
    // Without the authority nobody would know any more what to remove.
    if (failed[0] !== undefined) return failed[0];
    for (const path of readTrustRecord(folder)?.made ?? []) removeMade(path, where);
    forgetCertificates(folder);
    if (context.json) context.printJson({ removed: steps.map(({ command }) => command.join(" ")) });
    else context.print("Nothing of this machine trusts Cove's certificates any more, and what signed them is gone.");
    return 0;
  },
};

/** PEM of each root that may be trusted, with a file of it. */
function rootsOf(authority: Authority | null, folder: string): { pem: string; file: string }[] {
  const record = readTrustRecord(folder);
  const all = [authority?.root, ...(authority?.formers ?? []), record?.root];
  return [...new Set(all.filter((pem) => pem !== undefined))].map((pem, index) => {
    if (pem === authority?.root) return { pem, file: rootFile(folder) };
    const file = join(certificatesFolder(folder), `former-${index}.pem`);
    writeFileSync(file, pem, { mode: 0o600 });
    return { pem, file };
  });
}

interface Removal {
  readonly steps: readonly Step[];
  readonly isThere: () => boolean;
}

function removals({ pem, file }: { pem: string; file: string }, where: Surroundings): readonly Removal[] {
  const root = trustedRoot(pem, file);
  return findStores(where).flatMap((store) => {
    const isThere = () => store.traces?.(root) === true || store.present(root);
    return store.lacks() === null && isThere() ? [{ steps: store.remove(root), isThere }] : [];
  });
}

/** What was made for the certificate's sake goes, unless something else came to be in it. */
function removeMade(path: string, where: Surroundings): void {
  try {
    if (isFile(join(path, "cert9.db"))) {
      if (isEmptyDatabase(path, where)) rmSync(path, { recursive: true, force: true });
    } else rmdirSync(path);
  } catch {
    // It isn't empty, or gone.
  }
}
