import { formatAddress } from "../../address/parse.ts";
import { type Fault, isFault } from "../../fault/fault.ts";
import { type EdgeFacts, type Family, factsOf, familyOf } from "../../services/kind/edge-facts.ts";
import { belongsTo, variablesOf } from "../../services/kind/edge-variables.ts";
import type { ServiceContext } from "../../services/kind/kind.ts";
import type { State } from "../../state/state.ts";
import type { Plan, PlannedService } from "./plan.ts";

/** A consumer's edge with all that it may be told of the service behind it. */
export interface KnownEdge {
  /** The service's name. */
  readonly to: string;
  readonly family: Family;
  readonly facts: EdgeFacts;
}

/** The URL at the door of a service, by its name; undefined: it has none. */
export type DoorUrl = (service: string) => string | undefined;

/** What a consumer is told of its edges. Faults: those of kinds that look up their URLs. */
export async function knownEdges(
  plan: Plan,
  consumer: string,
  state: State,
  doorUrl: DoorUrl,
): Promise<readonly KnownEdge[] | Fault> {
  const known: KnownEdge[] = [];
  for (const { from, to, address } of plan.edges) {
    const provider = plan.services.find(({ name }) => name === to);
    if (from !== consumer || provider === undefined) continue;
    const { kind, options } = provider;
    const plain = `${kind.protocol(options)}://${formatAddress(address)}`;
    const url = (await kind.url?.(contextOf(plan, provider, state), address)) ?? plain;
    if (isFault(url)) return url;
    const family = familyOf(kind, options);
    known.push({ to, family, facts: factsOf(family, address, url, family === "http" ? doorUrl(to) : undefined) });
  }
  return known;
}

/** The variables of one edge. */
export interface VariablesFrom {
  readonly to: string;
  readonly values: Readonly<Record<string, string>>;
}

/**
 * The variables of each edge. Conventional ones that two edges would fill differently are left out, since they would be
 * ambiguous; so are those that read like another service's: `DB_USER` of `main` beside a service `db`.
 */
export function edgeVariables(edges: readonly KnownEdge[]): readonly VariablesFrom[] {
  const all = edges.map(({ to, family, facts }) => ({ to, family, facts, ...variablesOf(to, family, facts) }));
  const isClear = (name: string, own: string) =>
    all.every(({ to }) => to === own || !belongsTo(name, to)) &&
    new Set(all.flatMap(({ conventional }) => (name in conventional ? [conventional[name]] : []))).size === 1;
  return all.map(({ to, family, facts, named, conventional }) => ({
    to,
    values: {
      ...Object.fromEntries(Object.entries(conventional).filter(([name]) => isClear(name, to))),
      ...named,
      ...aspireVariable(to, family, facts),
    },
  }));
}

/** As .NET Aspire names an endpoint. */
function aspireVariable(service: string, family: Family, { address }: EdgeFacts): Record<string, string> {
  const scheme = family === "http" ? "http" : "tcp";
  return { [`services__${service.replaceAll("-", "_")}__${scheme}__0`]: `${scheme}://${address}` };
}

/** What `${db.host}` means to a consumer, by `db.host`. A URL at the door needs no edge. */
export function referencesTo(plan: Plan, edges: readonly KnownEdge[], doorUrl: DoorUrl): ReadonlyMap<string, string> {
  const doors = plan.services.flatMap(({ name, kind, options }) => {
    const url = familyOf(kind, options) === "http" ? doorUrl(name) : undefined;
    return url === undefined ? [] : [[`${name}.door`, url] as const];
  });
  const facts = edges.flatMap(({ to, facts }) =>
    Object.entries(facts).map(([fact, value]) => [`${to}.${fact}`, value] as const),
  );
  return new Map([...doors, ...facts]);
}

function contextOf(
  plan: Plan,
  { name, options, address, cwd, env }: PlannedService,
  state: State,
): ServiceContext<unknown> {
  const dataDir = state.serviceDir(plan.project.key, name);
  return { name, project: plan.project, options, address, cwd, dataDir, env, log: () => {} };
}
