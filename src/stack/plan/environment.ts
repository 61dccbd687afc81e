import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { formatAddress } from "../../address/parse.ts";
import { trustVariables } from "../../certificates/trust/trust-variables.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import type { State } from "../../state/state.ts";
import { type DoorUrl, edgeVariables, knownEdges, referencesTo, type VariablesFrom } from "./edges.ts";
import { fillEnv, referencesOf } from "./fill-service.ts";
import type { Plan, PlannedService } from "./plan.ts";

/** Where a variable of a service comes from. */
type EnvOrigin =
  | { readonly from: "envFile" | "shell" | "cove" | "config" }
  | { readonly from: "edge"; readonly edge: string };

/** Variables of one origin. */
export type EnvLayer = EnvOrigin & { readonly values: Readonly<Record<string, string>> };

/** What a service is told besides its plan. */
export interface Surroundings {
  /** The service's names at the door, as home granted them. */
  readonly names: readonly string[];
  readonly doorPort: number;
  readonly state: State;
  /** The URLs at the door of the stack's other services. Default: none is known. */
  readonly doorUrl?: DoorUrl;
  /** Where the stack's services may send OTLP to. Default: nowhere. */
  readonly telemetry?: string;
  /** The environment in which Cove was called. Default: this process's. */
  readonly baseEnv?: NodeJS.ProcessEnv;
  /** Whether programs of this system find names of the door; COVE_URL is the service's own address where they don't. Default true. */
  readonly namesResolve?: boolean;
}

/** A variable of an edge that isn't handed out, since the consumer's program would take it for a setting of its own. */
export interface WithheldVariable {
  readonly name: string;
  readonly value: string;
  /** The service that it is about. */
  readonly edge: string;
  /** Who would take it for its own: `Spring Boot`. */
  readonly readBy: string;
}

/** A service's environment, and what its command lines may name besides. */
export interface ServiceEnv {
  readonly env: Readonly<Record<string, string>>;
  /** From the lowest; what is in a later one wins. */
  readonly layers: readonly EnvLayer[];
  /** What `${db.host}` means, by `db.host`; of variables that are withheld, what `${SERVER_PORT}` means, by `SERVER_PORT`. */
  readonly references: ReadonlyMap<string, string>;
  readonly withheld: readonly WithheldVariable[];
}

/**
 * The whole environment of a service. What is lower in this list wins:
 * 1. the service's env files (`envFile`)
 * 2. the environment in which Cove was called (`baseEnv`)
 * 3. Cove's own: PORT, HOST, COVE_URL, where to send OTLP, what belongs to the edges, BROWSER=none, node_modules/.bin on
 *    PATH, and bundles by which it trusts this user's authority besides what it trusts already
 * 4. `env` of the config, in which `${NAME}` means any of the above, else what `.env` beside the config has, and
 *    `${db.host}` a fact of a service that it needs
 *
 * A variable of an edge that the service's own program would take for a setting of its own is withheld: the config names it
 * all the same.
 *
 * So neither a shell's nor an env file's PORT, HOST or DB_URL gets in the way, and the config has the last word.
 * Faults: CONFIG_INVALID (an unset `${NAME}`), and those of the kinds that look up their URLs.
 */
export async function serviceEnv(
  plan: Plan,
  service: PlannedService,
  {
    names,
    doorPort,
    state,
    telemetry,
    doorUrl = () => undefined,
    baseEnv = process.env,
    namesResolve = true,
  }: Surroundings,
): Promise<ServiceEnv | Fault> {
  const edges = await knownEdges(plan, service.name, state, doorUrl);
  if (isFault(edges)) return edges;
  const { COVE_URL: _, ...fileEnv } = service.fileEnv ?? {};
  // A name that the shell has for another service must not be taken for this one's.
  const { COVE_URL: __, ...shell } = defined(baseEnv);
  const below = { ...fileEnv, ...shell };
  const path = pathKey(below);
  const { handedOut, withheld } = withoutOwnSettings(service, edgeVariables(edges));
  const told: EnvLayer[] = [
    { from: "envFile", values: fileEnv },
    { from: "shell", values: shell },
    {
      from: "cove",
      values: {
        ...ownVariables(service, names, doorPort, namesResolve),
        ...(telemetry !== undefined && telemetryVariables(service.name, telemetry, { ...below, ...service.env })),
        BROWSER: "none",
        ...trustVariables(state.folder, below),
        [path]: withBinFolders(service.cwd, below[path] ?? ""),
      },
    },
    ...handedOut.map(({ to, values }): EnvLayer => ({ from: "edge", edge: to, values })),
  ];
  const env = merged(told);
  const meant = new Map(withheld.map(({ name, value }) => [name, value]));
  const references = new Map([...referencesTo(plan, edges, doorUrl), ...meant]);
  const lookup = (name: string) => meant.get(name) ?? env[name] ?? service.configEnv?.[name];
  const given = fillEnv(service.env, lookup, referencesOf(references));
  if ("gap" in given) {
    const { entry, name, problem, hint } = given.gap;
    const detail = { service: service.name, key: `services.${service.name}.env.${entry}`, variable: name };
    return fault("CONFIG_INVALID", `${service.name}: env.${entry} ${problem}`, hint, detail);
  }
  const layers: EnvLayer[] = [...told, { from: "config", values: given.env }];
  return { env: merged(layers), layers, references, withheld };
}

/** The edges' variables, parted by whether the service's program would take them for settings of its own. */
function withoutOwnSettings({ kind, options, cwd }: PlannedService, edges: readonly VariablesFrom[]) {
  const readBy = kind.ownSettings?.(options, cwd) ?? (() => null);
  const withheld = edges.flatMap(({ to, values }) =>
    Object.entries(values).flatMap(([name, value]): WithheldVariable[] => {
      const reader = readBy(name);
      return reader === null ? [] : [{ name, value, edge: to, readBy: reader }];
    }),
  );
  const isWithheld = (name: string) => withheld.some((one) => one.name === name);
  const handedOut = edges.map(({ to, values }) => ({
    to,
    values: Object.fromEntries(Object.entries(values).filter(([name]) => !isWithheld(name))),
  }));
  return { handedOut, withheld };
}

const merged = (layers: readonly EnvLayer[]): Record<string, string> =>
  Object.assign({}, ...layers.map(({ values }) => values));

function ownVariables(
  { kind, options, address }: PlannedService,
  names: readonly string[],
  doorPort: number,
  namesResolve: boolean,
): Record<string, string> {
  const atDoor = kind.protocol(options) === "http" ? doorUrlOf(names, doorPort) : undefined;
  return {
    PORT: String(address.port),
    HOST: address.host,
    ...(atDoor !== undefined && { COVE_URL: namesResolve ? atDoor : `http://${formatAddress(address)}` }),
  };
}

/**
 * OpenTelemetry's own variables (https://opentelemetry.io/docs/specs/otel/protocol/exporter), where nobody has set them: what
 * is sent to another collector already goes on going there.
 */
function telemetryVariables(
  service: string,
  base: string,
  set: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const has = (name: RegExp) => Object.keys(set).some((key) => name.test(key));
  const isNamed =
    set.OTEL_SERVICE_NAME !== undefined || /(^|,)\s*service\.name=/.test(String(set.OTEL_RESOURCE_ATTRIBUTES));
  return {
    ...(!has(/^OTEL_EXPORTER_OTLP_(\w+_)?(ENDPOINT|PROTOCOL)$/) && {
      OTEL_EXPORTER_OTLP_ENDPOINT: `${base}/${encodeURIComponent(service)}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    }),
    ...(!isNamed && { OTEL_SERVICE_NAME: service }),
  };
}

/** The URL of a service at the door by its names there; undefined where it has none. */
export function doorUrlOf([name]: readonly string[], doorPort: number): string | undefined {
  return name === undefined ? undefined : `http://${name}${doorPort === 80 ? "" : `:${doorPort}`}`;
}

/** Programs of the project's packages are found as in npm scripts: the nearest node_modules/.bin first. */
function withBinFolders(cwd: string, path: string): string {
  const folders: string[] = [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    const bin = join(folder, "node_modules", ".bin");
    if (existsSync(bin)) folders.push(bin);
    if (folder === dirname(folder)) break;
  }
  return [...folders, ...(path === "" ? [] : [path])].join(delimiter);
}

/** Windows writes it `Path`, and doesn't care. */
function pathKey(env: Readonly<Record<string, string>>): string {
  return (process.platform === "win32" && Object.keys(env).find((key) => key.toUpperCase() === "PATH")) || "PATH";
}

function defined(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}
