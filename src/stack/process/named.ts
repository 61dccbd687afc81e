import { join } from "node:path";
import type { HostLine } from "../../confine/names/hosts-text.ts";
import { privateHosts } from "../../confine/names/private-hosts.ts";
import { withNames } from "../../confine/names/with-names.ts";
import { isFault } from "../../fault/fault.ts";
import type { Launch } from "../../services/kind/kind.ts";
import type { State } from "../../state/state.ts";
import type { Plan, PlannedService } from "../plan/plan.ts";

/** A launch whose programs find others by name. */
interface NamedLaunch {
  readonly launch: Launch;
  /** Words before a command that is to know the same names as the process of this pid. */
  readonly beside: (pid: number) => readonly string[];
}

/** The same launch, with names; `note` gets a line for the log where not all programs know them. */
export type GiveNames = (launch: Launch, note: (text: string) => void) => Promise<NamedLaunch>;

/** What a service is told of names: those of services that it needs, its own, and those of the stack at the door. */
export function hostLinesOf(
  { edges, services }: Pick<Plan, "edges" | "services">,
  { name, address }: Pick<PlannedService, "name" | "address">,
  doorNames: Readonly<Record<string, readonly string[]>>,
): HostLine[] {
  const needed = edges
    .filter(({ from }) => from === name)
    .map((edge) => ({ address: edge.address.host, names: [edge.to] }));
  const atDoor = services.flatMap((service) => doorNames[service.name] ?? []).filter((one) => !one.startsWith("*."));
  return [
    ...needed,
    { address: address.host, names: [name] },
    { address: "127.0.0.1", names: [...new Set([...atDoor, "cove.localhost"])] },
  ];
}

/** Gives a service's programs these names; null where it wants none. `lines` is asked at each start. */
export function namesOf(plan: Plan, service: PlannedService, state: State, lines: () => HostLine[]): GiveNames | null {
  if (service.hostNames !== true) return null;
  const folder = join(state.serviceDir(plan.project.key, service.name), "names");
  return async (launch, note) => {
    // A thread of this process makes no connections of its own; another user's program is a database.
    if (launch.thread !== undefined || launch.uid !== undefined) return { launch, beside: () => [] };
    const hosts = await privateHosts();
    const known = lines();
    if (!isFault(hosts)) return { launch: { ...launch, within: hosts.before(folder, known) }, beside: hosts.beside };
    const shown = known.slice(0, -2).map(({ address, names }) => `${names.join(", ")} (${address})`);
    const hint = hosts.hint ? `; ${hosts.hint}` : "";
    note(`only Node and Python programs find ${shown.join(", ") || service.name} by name: ${hosts.message}${hint}`);
    return { launch: { ...launch, env: withNames(launch.env, known) }, beside: () => [] };
  };
}
