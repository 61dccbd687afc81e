import type { Address } from "../../../address/address.ts";
import { formatAddress } from "../../../address/parse.ts";
import { identifyProject } from "../../../lease/project.ts";
import type { CoveKnowledge } from "../ports/cove-uses.ts";
import { shortPath } from "../ports/words.ts";

/** The project of the working folder, as Cove knows it. */
export interface ThisProject {
  readonly name: string;
  readonly root: string;
  readonly branch: string | null;
  /** The stack's name while it is up. */
  readonly stack: string | null;
  readonly services: readonly { readonly name: string; readonly state: string; readonly url: string | null }[];
  /** Addresses that Cove keeps for it, also while nothing runs. */
  readonly leases: readonly (Address & { readonly holder: string })[];
}

export async function thisProject(cwd: string, { snapshot, leases }: CoveKnowledge): Promise<ThisProject> {
  const { name, root, branch } = await identifyProject(cwd);
  const stack = snapshot?.stacks.find((one) => one.root === root && one.branch === branch);
  return {
    name,
    root,
    branch,
    stack: stack?.name ?? null,
    services: stack?.services.map((service) => ({ name: service.name, state: service.state, url: service.url })) ?? [],
    leases: leases
      .filter((lease) => lease.root === root && lease.branch === branch)
      .map(({ host, port, holder }) => ({ host, port, holder })),
  };
}

/** A line on the project, then one for each service, or the addresses kept for it. */
export function projectLines({ name, root, branch, stack, services, leases }: ThisProject): string[] {
  const where = `${shortPath(root)}${branch === null ? "" : ` (${branch})`}`;
  if (stack !== null)
    return [
      `${stack} in ${where} is up:`,
      ...services.map((one) => `${one.name} is ${one.state}${one.url === null ? "" : `: ${one.url}`}`),
    ];
  const kept = leases.map((lease) => `${formatAddress(lease)} for ${lease.holder.replace(/^[^:]*:/, "")}`);
  return [`${name} in ${where} isn't up${kept.length === 0 ? "" : `; Cove keeps ${kept.join(", ")}`}.`];
}
