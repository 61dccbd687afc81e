import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Address } from "../../address/address.ts";
import { formatAddress } from "../../address/parse.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import type { ServiceContext } from "../../services/kind/kind.ts";
import type { State } from "../../state/state.ts";
import { fillEnv } from "./fill-service.ts";
import type { Plan, PlannedService } from "./plan.ts";

/**
 * The whole environment of a service. What is lower in this list wins:
 * 1. the service's env files (`envFile`)
 * 2. the environment in which Cove was called (`baseEnv`)
 * 3. Cove's own: PORT, HOST, COVE_URL, what belongs to the edges, BROWSER=none, and node_modules/.bin on PATH
 * 4. `env` of the config, in which `${NAME}` means any of the above, else what `.env` beside the config has
 *
 * So neither a shell's nor an env file's PORT, HOST or DB_URL gets in the way, and the config has the last word.
 * `names` are the service's names at the door, as home granted them. `namesResolve`: whether programs of this system
 * find them; COVE_URL is the service's own address where they don't. Faults: CONFIG_INVALID (an unset `${NAME}`),
 * and those of the kinds that describe their edges.
 */
export async function serviceEnv(
  plan: Plan,
  service: PlannedService,
  names: readonly string[],
  doorPort: number,
  state: State,
  baseEnv: NodeJS.ProcessEnv = process.env,
  namesResolve = true,
): Promise<Record<string, string> | Fault> {
  const edges = await edgeVariables(plan, service, state);
  if (isFault(edges)) return edges;
  const env: Record<string, string> = { ...service.fileEnv, ...defined(baseEnv) };
  const path = pathKey(env);
  // A name that the shell has for another service must not be taken for this one's.
  delete env.COVE_URL;
  Object.assign(env, ownVariables(service, names, doorPort, namesResolve), edges, {
    BROWSER: "none",
    [path]: withBinFolders(service.cwd, env[path] ?? ""),
  });
  const given = fillEnv(service.env, (name) => env[name] ?? service.configEnv?.[name]);
  if ("gap" in given) {
    const { entry, name, problem, hint } = given.gap;
    const detail = { service: service.name, key: `services.${service.name}.env.${entry}`, variable: name };
    return fault("CONFIG_INVALID", `${service.name}: env.${entry} ${problem}`, hint, detail);
  }
  return { ...env, ...given.env };
}

function ownVariables(
  { kind, options, address }: PlannedService,
  names: readonly string[],
  doorPort: number,
  namesResolve: boolean,
): Record<string, string> {
  const [name] = names;
  const hasUrl = name !== undefined && kind.protocol(options) === "http";
  const atDoor = `http://${name}${doorPort === 80 ? "" : `:${doorPort}`}`;
  return {
    PORT: String(address.port),
    HOST: address.host,
    ...(hasUrl && { COVE_URL: namesResolve ? atDoor : `http://${formatAddress(address)}` }),
  };
}

/**
 * The variables that tell a consumer its edges' addresses: `DB_HOST`, `DB_PORT`, `DB_URL`,
 * `services__db__tcp__0` (.NET Aspire), and what the kind has by convention (`DATABASE_URL`). A conventional variable
 * that two edges would fill differently is left out, since it would be ambiguous.
 */
async function edgeVariables(
  plan: Plan,
  consumer: PlannedService,
  state: State,
): Promise<Record<string, string> | Fault> {
  const named: Record<string, string> = {};
  const conventional = new Map<string, Set<string>>();
  for (const { from, to, address } of plan.edges) {
    const provider = plan.services.find(({ name }) => name === to);
    if (from !== consumer.name || provider === undefined) continue;
    const prefix = variableName(to);
    const generic = await genericVariables(plan, provider, address, state);
    if (isFault(generic)) return generic;
    const own = await provider.kind.edgeEnv(contextOf(plan, provider, state), address, prefix);
    if (isFault(own)) return own;
    Object.assign(named, generic);
    for (const [key, value] of Object.entries(own)) {
      if (key.startsWith(`${prefix}_`)) named[key] = value;
      else conventional.set(key, (conventional.get(key) ?? new Set()).add(value));
    }
  }
  const clear = [...conventional].flatMap(([key, values]) => (values.size === 1 ? [[key, [...values][0] ?? ""]] : []));
  return { ...Object.fromEntries(clear), ...named };
}

async function genericVariables(
  plan: Plan,
  provider: PlannedService,
  at: Address,
  state: State,
): Promise<Record<string, string> | Fault> {
  const { kind, options, name } = provider;
  const protocol = kind.protocol(options);
  const plain = `${protocol}://${formatAddress(at)}`;
  const url = (await kind.url?.(contextOf(plan, provider, state), at)) ?? plain;
  if (isFault(url)) return url;
  const prefix = variableName(name);
  const aspire = name.replaceAll("-", "_");
  return {
    [`${prefix}_HOST`]: at.host,
    [`${prefix}_PORT`]: String(at.port),
    [`${prefix}_URL`]: url,
    [`services__${aspire}__${protocol === "http" ? "http" : "tcp"}__0`]:
      protocol === "http" ? plain : `tcp://${formatAddress(at)}`,
  };
}

function contextOf(
  plan: Plan,
  { name, options, address, cwd, env }: PlannedService,
  state: State,
): ServiceContext<unknown> {
  const dataDir = state.serviceDir(plan.project.key, name);
  return { name, project: plan.project, options, address, cwd, dataDir, env, log: () => {} };
}

/** `my-db` is `MY_DB` in variables. */
function variableName(service: string): string {
  return service.toUpperCase().replaceAll("-", "_");
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
