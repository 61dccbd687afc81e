import { dirname } from "node:path";
import { type Authority, openAuthority, rootFile } from "../../../certificates/authority.ts";
import { createIssuer } from "../../../certificates/issuer.ts";
import { certificateSuffix } from "../../../certificates/names.ts";
import {
  isFolder,
  type Step,
  type Surroundings,
  type TrustedRoot,
  trustedRoot,
} from "../../../certificates/stores/store.ts";
import { commandOf, runSteps } from "../../../certificates/trust/run-steps.ts";
import {
  describeAuthority,
  lookAtStores,
  proofRows,
  prove,
  recordProofs,
  rootOf,
  surroundings,
} from "../../../certificates/trust/trust-state.ts";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { stateFolder } from "../../../state/folder.ts";
import { canAsk, confirm } from "../../terminal/confirm.ts";
import type { Context } from "../../terminal/context.ts";
import { table } from "../../terminal/table.ts";
import type { CoveCommand, Outcome } from "../command.ts";

export const command: CoveCommand = {
  configure: (command) => {
    command
      .option("--path", "print the file of the authority's certificate, for tools that take one, and change nothing")
      .option("--suffix <names...>", "make the authority for these domains, too: test, dev.example.com")
      .option("--user", "only stores that need no rights of root")
      .option("-y, --yes", "ask nothing")
      .addHelpText(
        "after",
        "\nLets browsers and tools of this machine trust the certificates of names at the door. The authority can sign\n" +
          "for local names alone. cove untrust takes all of it back.\n\n" +
          "Examples:\n  cove trust\n  cove trust --suffix test\n  curl --cacert $(cove trust --path) https://web.shop.localhost:62893",
      );
  },
  run: async (context, _, options) => {
    const folder = stateFolder();
    const suffixes = readSuffixes(options.suffix);
    if (isFault(suffixes)) return suffixes;
    const issuer = createIssuer();
    const opened = await openAuthority(folder, issuer, suffixes).finally(() => issuer.close());
    if (isFault(opened)) return opened;
    const { authority, replaced } = opened;
    if (options.path === true) {
      if (context.json) context.printJson({ path: rootFile(folder) });
      else context.printData(rootFile(folder));
      return 0;
    }
    if (replaced !== null) context.note(`${replaced}: another one takes its place.`);
    return await trust(context, folder, authority, options.yes === true, options.user === true);
  },
};

function readSuffixes(given: unknown): readonly string[] | Fault {
  const suffixes: string[] = [];
  for (const text of Array.isArray(given) ? given : []) {
    const suffix = certificateSuffix(String(text));
    if (isFault(suffix)) return suffix;
    suffixes.push(suffix);
  }
  return suffixes;
}

async function trust(
  context: Context,
  folder: string,
  authority: Authority,
  yes: boolean,
  userOnly: boolean,
): Promise<Outcome> {
  const where = surroundings();
  const root = rootOf(authority, folder);
  const plan = planSteps(authority, root, where, userOnly);
  context.note(`Cove's authority: ${describeAuthority(authority, root)}.`);
  for (const { store, lacks } of plan.unusable) context.note(`${store} is left out: ${lacks}`);
  if (plan.jobs.length > 0) {
    tell(context, plan.jobs, where);
    if (!yes && !canAsk()) return fault("NOT_CONFIRMED", "nothing was changed", "cove trust --yes does what is listed");
    if (!yes && !(await confirm("Do this?"))) return fault("NOT_CONFIRMED", "nothing was changed");
  }
  const made = plan.jobs.flatMap(({ makes }) => makes);
  const failed: Fault[] = [];
  for (const { steps, done } of plan.jobs) {
    // An earlier store may have brought it along.
    if (done()) continue;
    const problem = await runSteps(steps, where);
    if (problem === null) continue;
    failed.push(problem);
    context.note(`${problem.message}\n  ${problem.hint ?? ""}`);
  }
  context.note("Looking whether programs trust it now …");
  const proofs = await prove(folder, where, true);
  if (isFault(proofs)) return proofs;
  recordProofs(folder, authority, proofs, made);
  const rows = lookAtStores(root, where).map(({ row }) => row);
  if (context.json) {
    const { name, file } = root;
    context.printJson({ authority: { name, file, suffixes: authority.suffixes }, stores: rows, proofs });
  } else {
    for (const line of table([...rows.map(({ store, state }) => [store, state]), ...proofRows(proofs)])) {
      context.print(line);
    }
  }
  return failed[0] === undefined ? 0 : 1;
}

/** What is to be done for one store. */
interface Job {
  readonly store: string;
  readonly steps: readonly Step[];
  /** Folders that come into being with it. */
  readonly makes: readonly string[];
  readonly done: () => boolean;
}

function planSteps(
  { formers }: Authority,
  root: TrustedRoot,
  where: Surroundings,
  userOnly: boolean,
): { jobs: Job[]; unusable: { store: string; lacks: string | null }[] } {
  const jobs: Job[] = [];
  const unusable: { store: string; lacks: string | null }[] = [];
  for (const { store, row } of lookAtStores(root, where)) {
    if (row.state === "unusable") unusable.push(row);
    // Roots that were replaced would go on being trusted.
    for (const former of formers) {
      const old = trustedRoot(former, root.file);
      if (row.state === "unusable" || !store.present(old)) continue;
      const steps = store.remove(old);
      jobs.push({ store: row.store, steps, makes: [], done: () => false });
    }
    if (row.state !== "missing") continue;
    const steps = store.install(root);
    const makes = steps.filter(({ command }) => command[0] === "mkdir").map(({ command }) => command.at(-1) ?? "");
    jobs.push({ store: row.store, steps, makes: makes.flatMap(withNewParents), done: () => store.present(root) });
  }
  const allowed = jobs.filter(({ steps }) => !userOnly || steps.every(({ privileged }) => !privileged));
  return { jobs: allowed, unusable };
}

/** A folder that is to be made, and those above it that will be made with it; the deepest first. */
function withNewParents(folder: string): string[] {
  const above = dirname(folder);
  return isFolder(above) ? [folder] : [folder, ...withNewParents(above)];
}

function tell(context: Context, jobs: readonly Job[], where: Surroundings): void {
  for (const { store, steps } of jobs) {
    context.note(`\n${store}${steps.some(({ privileged }) => privileged) ? ", with the rights of root" : ""}:`);
    for (const step of steps) context.note(`  ${(commandOf(step, where) ?? step.command).join(" ")}`);
  }
  context.note("");
}
