import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { didYouMean } from "../../../fault/spelling.ts";
import { connectHome } from "../../../home/client/client.ts";
import { ensureToken } from "../../../home/client/token.ts";
import { telemetryUrl } from "../../../home/telemetry/keys.ts";
import { openLeases } from "../../../lease/leases.ts";
import { identifyProject } from "../../../lease/project.ts";
import { localNamesResolve } from "../../../machine/local-names.ts";
import { loadConfig } from "../../../stack/config/config.ts";
import { doorUrlOf, type EnvLayer, serviceEnv, type WithheldVariable } from "../../../stack/plan/environment.ts";
import { baseName, bindPolicy, type Plan, type PlannedService, planStack } from "../../../stack/plan/plan.ts";
import { type GiveNames, namesOf as givesNames, hostLinesOf } from "../../../stack/process/named.ts";
import { doorPort } from "../../../state/settings.ts";
import { openState, type State } from "../../../state/state.ts";

export interface EnvVariable {
  readonly name: string;
  readonly value: string;
  /** `shell`, `envFile`, `Cove`, `edge db`, `config`. */
  readonly from: string;
  /** Those whose other value gave way. */
  readonly insteadOf: readonly string[];
}

/** A service that is found by its name. */
interface NamedPlace {
  readonly name: string;
  readonly host: string;
  readonly ports: readonly number[];
}

/** A service's variables in order of their names. */
export interface ServiceVariables {
  readonly service: string;
  readonly variables: readonly EnvVariable[];
  /** What its programs find by name. */
  readonly names: readonly NamedPlace[];
  /** Makes a command find the same; null: it finds nothing. */
  readonly giveNames: GiveNames | null;
  /** Variables of its edges that it doesn't get. */
  readonly withheld: readonly WithheldVariable[];
}

/**
 * What the services of a folder's config get at a start from this shell, whether they run or not: of one, or of all.
 * Faults: those of configs and leases, SERVICE_UNKNOWN.
 */
export async function variablesHere(dir: string, service: string | undefined): Promise<ServiceVariables[] | Fault> {
  const config = await loadConfig(dir);
  if (isFault(config)) return config;
  const project = await identifyProject(config.dir);
  const state = openState();
  if (isFault(state)) return state;
  try {
    const plan = planStack(config, project, openLeases(state));
    if (isFault(plan)) return plan;
    const wanted = plan.services.filter(({ name }) => service === undefined || name === service);
    if (wanted.length === 0) return unknownService(plan, service ?? "");
    return await variablesOf(plan, wanted, state);
  } finally {
    state.close();
  }
}

function unknownService(plan: Plan, service: string): Fault {
  const names = plan.services.map(({ name }) => name);
  const message = `${plan.name} has no service ${service}${didYouMean(service, names)}`;
  return fault("SERVICE_UNKNOWN", message, `it has: ${names.join(", ")}`, { service });
}

async function variablesOf(
  plan: Plan,
  wanted: readonly PlannedService[],
  state: State,
): Promise<ServiceVariables[] | Fault> {
  const port = doorPort(state);
  if (isFault(port)) return port;
  const namesOf = await doorNames(plan);
  const token = ensureToken(state.folder);
  const found: ServiceVariables[] = [];
  for (const service of wanted) {
    const told = await serviceEnv(plan, service, {
      ...{ names: namesOf(service.name), doorPort: port, state, namesResolve: await localNamesResolve() },
      doorUrl: (other) => doorUrlOf(namesOf(other), port),
      ...(bindPolicy(service) !== "box" && { telemetry: telemetryUrl(port, token, plan.project.key) }),
    });
    if (isFault(told)) return told;
    const variables = Object.entries(told.env).map(([name, value]) => ({
      name,
      value,
      ...originOf(told.layers, name),
    }));
    variables.sort((a, b) => (a.name < b.name ? -1 : 1));
    // What the config sets is the user's own choice.
    const withheld = told.withheld.filter(({ name }) => !(name in service.env));
    const doors = Object.fromEntries(plan.services.map(({ name }) => [name, namesOf(name)]));
    found.push({
      ...{ service: service.name, variables, withheld, names: namedPlaces(plan, service) },
      giveNames: givesNames(plan, service, state, () => hostLinesOf(plan, service, doors)),
    });
  }
  return found;
}

function namedPlaces({ edges }: Plan, { name, hostNames }: PlannedService): NamedPlace[] {
  if (hostNames !== true) return [];
  return edges
    .filter(({ from }) => from === name)
    .map(({ to, address, also = [] }) => ({ name: to, host: address.host, ports: [address.port, ...also] }));
}

/** The names that home granted; those that it would, where the stack isn't up. */
async function doorNames(plan: Plan): Promise<(service: string) => readonly string[]> {
  const home = await connectHome();
  const snapshot = home === null || isFault(home) ? null : await home.snapshot();
  const stack =
    snapshot === null || isFault(snapshot) ? null : snapshot.stacks.find(({ id }) => id === plan.project.key);
  return (service) =>
    stack?.services.find(({ name }) => name === service)?.names ?? [`${service}.${baseName(plan)}.localhost`];
}

function originOf(layers: readonly EnvLayer[], name: string): Pick<EnvVariable, "from" | "insteadOf"> {
  const having = layers.filter(({ values }) => Object.hasOwn(values, name)).reverse();
  const [winner, ...others] = having;
  const value = winner?.values[name];
  const insteadOf = others.filter(
    (layer) => layer.values[name] !== value && !(name === "PATH" && layer.from === "shell"),
  );
  return { from: winner === undefined ? "shell" : shownOrigin(winner), insteadOf: insteadOf.map(shownOrigin) };
}

function shownOrigin(layer: EnvLayer): string {
  if (layer.from === "edge") return `edge ${layer.edge}`;
  return layer.from === "cove" ? "Cove" : layer.from;
}
