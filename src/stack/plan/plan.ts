import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Address } from "../../address/address.ts";
import { toLabel } from "../../address/name.ts";
import type { BindPolicy } from "../../confine/bind-policy.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import type { GuardOptions } from "../../guard/service-guard.ts";
import type { Leases } from "../../lease/leases.ts";
import type { Project } from "../../lease/project.ts";
import { uidOf } from "../../machine/users.ts";
import type { AnyKind, ReadyProbe, RestartPolicy } from "../../services/kind/kind.ts";
import type { ConfiguredService } from "../config/check.ts";
import type { LoadedConfig } from "../config/config.ts";
import type { HttpsFacts } from "../config/https.ts";
import type { Network } from "../config/network.ts";
import { type ConfigProblem, type ConfigSource, configFault, type KeyPath, shownPath } from "../config/source.ts";
import { earlyGap, planFill, usedVariables } from "./fill-service.ts";
import { httpsOf } from "./https.ts";
import { startOrder } from "./order.ts";
import { draftEdges, edgeLease, type Places, type PlannedEdge, placedEdge, serviceLease } from "./places.ts";
import { referenceProblems } from "./references.ts";
import { readServiceEnvFiles } from "./service-env-files.ts";
import { type ServiceInput, USUAL_SIZE } from "./streams.ts";

/** One service of a stack with everything decided: what it is, where it listens, what it needs. */
export interface PlannedService {
  readonly name: string;
  readonly kind: AnyKind;
  /** The kind's own options, validated by its schema. */
  readonly options: unknown;
  /** Where the service itself listens: its lease (for `external`, the given address). */
  readonly address: Address;
  /** The config says its port: it isn't followed to another. Absent: false. */
  readonly fixedPort?: boolean;
  /** Names of services that must be ready first; each gives an edge. */
  readonly needs: readonly string[];
  readonly ready: ReadyProbe;
  /** How long it may take to become ready, ms. Default 60,000. */
  readonly readyTimeout: number;
  readonly restart: RestartPolicy;
  /** Variables of the config, as written there: `serviceEnv` fills in `${VAR}` and adds the edges' at start. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables of its env files, which give way to all others. Absent: none. */
  readonly fileEnv?: Readonly<Record<string, string>>;
  /** What `.env` beside the config has for the names in `env` and command lines; the service doesn't get them. Absent: none. */
  readonly configEnv?: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string;
  /** Extra names besides `<service>.<base>.localhost`; may start with `*.`. */
  readonly names: readonly string[];
  /** The ports at which code of its consumers looks for it, by the config. Absent: its kind's standard port. */
  readonly expects?: readonly number[];
  /** Its programs find the services that it needs by name. Absent: they don't. */
  readonly hostNames?: true;
  /** Where its input comes from. Absent: `nothing` for a job that is meant to end, else `open`. */
  readonly input?: ServiceInput;
  /** How long a stop waits between SIGTERM and SIGKILL, ms. Default 10,000. */
  readonly stopTimeout: number;
  /** What happens if it tries to listen on more than loopback. Absent: `fix`. */
  readonly bind?: BindPolicy;
  /** Who may use it besides the stack's own pages and this user's programs. Absent: nobody. */
  readonly guard?: GuardOptions;
  /** Whether its programs report for which request they send what. Absent: `auto`. */
  readonly trace?: "auto" | "off";
  /** How traffic to it is captured. Absent: all. */
  readonly capture?: NonNullable<ConfiguredService["common"]["capture"]>;
}

/** The policy for a service's binds: only a watch where its kind listens on loopback anyway, or starts nothing. */
export function bindPolicy({ bind = "fix", kind }: Pick<PlannedService, "bind" | "kind">): BindPolicy {
  if (kind.address !== undefined) return "warn";
  return keepsToLoopback({ bind, kind }) ? "warn" : bind;
}

/** Whether nothing needs to be done about a service's binds, since its kind listens on loopback alone. */
export function keepsToLoopback({ bind = "fix", kind }: Pick<PlannedService, "bind" | "kind">): boolean {
  return bind === "fix" && kind.loopbackOnly === true;
}

/** A stack ready to run. Made by `planStack`, carried out by `runStack`. */
export interface Plan {
  readonly project: Project;
  /** The stack's name: the config's, else the project's. */
  readonly name: string;
  /** True for one-shot stacks (`cove run`, `serve`, `postgres`): its service is `<base>.localhost` itself. */
  readonly single: boolean;
  /** The config file, absolute; null for one-shot stacks. */
  readonly file: string | null;
  /** In start order. */
  readonly services: readonly PlannedService[];
  readonly edges: readonly PlannedEdge[];
  /** Conditions, profiles and scenarios of the config; null: none. */
  readonly network: Network | null;
  /** What the config says of https; null: nothing. */
  readonly https: HttpsFacts | null;
  /** Connects are led nowhere: only what a service is told is an edge. Absent: they are, where the system can. */
  readonly explicitEdges?: true;
  /** What code binds is bound. Absent: a leased port is, where the system can. */
  readonly realPorts?: true;
}

/** The name that a stack asks for at the door: `shop`; in a linked worktree on branch feature/x, `feature-x.shop`. */
export function baseName({ project, name }: Pick<Plan, "project" | "name">): string {
  return project.branch === null ? name : `${toLabel(project.branch, "branch")}.${name}`;
}

/**
 * Decides everything about a config's stack: what starts when, where each service and each edge listens. Leases are taken
 * all at once, or none. Faults: CONFIG_INVALID, CONFIG_CYCLE, and those of leases.
 */
export function planStack(loaded: LoadedConfig, project: Project, leases: Leases): Plan | Fault {
  const { services, file, dir, network, explicitEdges, realPorts } = loaded;
  const https = httpsOf(loaded.https, dir);
  const name = loaded.name ?? project.name;
  const ways = { ...(explicitEdges && { explicitEdges }), ...(realPorts && { realPorts }) };
  const frame = { project, name, single: false, file, network, https, ...ways };
  return buildPlan(frame, services, dir, loaded, leases);
}

/** A stack of one service, without a config. */
export interface SingleStack {
  readonly project: Project;
  readonly leases: Leases;
  /** Its kind and options, checked. */
  readonly service: Omit<ConfiguredService, "name">;
  /** Where its input comes from. Default: as in a stack. */
  readonly input?: ServiceInput | undefined;
  /** The name of stack and service. Default: the project's name. */
  readonly name?: string | undefined;
  /** Absolute. Default: the project's root. */
  readonly cwd?: string | undefined;
}

/** Plans `cove run`, `cove serve`, `cove postgres`. Faults: USAGE for what can't be as its options say, and those of leases. */
export function planSingle({
  project,
  leases,
  service,
  input,
  name: wanted,
  cwd = project.root,
}: SingleStack): Plan | Fault {
  const name = toLabel(wanted ?? project.name);
  const plan = buildPlan(
    { project, name, single: true, file: null, network: null, https: null },
    [{ ...service, name }],
    cwd,
    null,
    leases,
  );
  if (isFault(plan) || input === undefined) return plan;
  return { ...plan, services: plan.services.map((one) => ({ ...one, input })) };
}

function usage(problems: readonly ConfigProblem[]): Fault {
  const option = (path: KeyPath) => (path[2] === "envFile" ? "--env-file" : path.join("."));
  return fault("USAGE", problems.map(({ path, message }) => `${option(path)}: ${message}`).join("\n"));
}

type Frame = Omit<Plan, "services" | "edges">;

function buildPlan(
  frame: Frame,
  configured: readonly ConfiguredService[],
  dir: string,
  config: Pick<LoadedConfig, "source" | "variables" | "envFile"> | null,
  leases: Leases,
): Plan | Fault {
  const source = config?.source ?? null;
  const drafts = configured.map((service) => draftOf(service, dir, config));
  const references = source === null ? [] : referenceProblems(drafts.map(({ service }) => service));
  const found = [...drafts.flatMap((draft) => draft.problems), ...references, ...clashes(drafts)];
  // The stack's env files are every service's, and told once.
  const problems = [...new Map(found.map((problem) => [JSON.stringify(problem), problem])).values()];
  if (problems.length > 0) return source === null ? usage(problems) : configFault(source, problems);
  const waves = startOrder(drafts.map(({ service }) => service));
  if (isFault(waves)) return atKey(waves, source, ["services", circleOf(waves), "needs"]);

  const edges = draftEdges(drafts);
  const { project } = frame;
  const leased = drafts.filter(({ address }) => address === null);
  const requests = [
    ...leased.map((draft) => serviceLease(project, draft)),
    ...edges.map((edge) => edgeLease(project, edge)),
  ];
  const taken = leases.takeMany(requests);
  if (isFault(taken)) {
    const culprit = drafts.find(({ port }) => port !== null && port === taken.detail?.port);
    return culprit === undefined ? taken : atKey(taken, source, ["services", culprit.service.name, "port"]);
  }
  const addressOf = (holder: string): Address => {
    const lease = taken.find((one) => one.holder === holder);
    if (lease === undefined) throw new Error(`no lease was given to ${holder}`);
    return { host: lease.host, port: lease.port };
  };
  const placed = drafts.map(({ service, address }): PlannedService => {
    return { ...service, address: address ?? addressOf(`service:${service.name}`) };
  });
  return {
    ...frame,
    services: waves.flat().flatMap((name) => placed.filter((service) => service.name === name)),
    edges: edges.map((edge) => placedEdge(edge, addressOf(`edge:${edge.id}`))),
  };
}

/** A service before its address is known. */
interface Draft extends Places {
  readonly service: Omit<PlannedService, "address">;
  readonly problems: readonly ConfigProblem[];
}

const READY_TIMEOUT = 60_000;
const STOP_TIMEOUT = 10_000;
const RESTART: RestartPolicy = { when: "on-failure", max: 8 };

function draftOf(
  { name, kind, options, common }: ConfiguredService,
  dir: string,
  config: Pick<LoadedConfig, "variables" | "envFile"> | null,
): Draft {
  const problems: ConfigProblem[] = [];
  const problem = (key: string, message: string) => problems.push({ path: ["services", name, key], message });
  const cwd = resolve(dir, common.cwd ?? ".");
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) problem("cwd", `there is no folder ${cwd}`);

  const listed = common.envFile ?? config?.envFile ?? [];
  const files = readServiceEnvFiles(listed, dir, config?.variables.ofFile);
  for (const { index, message } of files.problems) {
    const at = common.envFile === undefined ? ["envFile"] : ["services", name, "envFile"];
    problems.push({ path: listed.length === 1 ? at : [...at, index], message });
  }

  const address = kind.address?.(options) ?? null;
  if (isFault(address)) problem(kind.name, address.message);
  if (address !== null) {
    for (const key of ["port", "address"] as const) {
      if (common[key] !== undefined) problem(key, `a service of kind ${kind.name} has its address already`);
    }
  }
  const asked = kind.port?.(plannedOptions(kind, options, config), cwd) ?? null;
  if (asked !== null && common.port !== undefined && asked !== common.port) {
    problem("port", `is ${common.port}, but the service's command sets ${asked}`);
  }
  const own = {
    ...{ name, kind, options, cwd, fileEnv: files.env },
    needs: [...new Set(common.needs)],
    ready: common.ready ?? kind.ready(options),
    env: Object.fromEntries(Object.entries(common.env ?? {}).map(([key, value]) => [key, String(value)])),
  };
  const gap = config === null ? null : earlyGap(own, config.variables);
  if (gap !== null) problems.push({ path: ["services", name, "env", gap.entry], message: gap.message });
  const service = {
    ...own,
    ...(config !== null && { configEnv: usedVariables(own, config.variables) }),
    readyTimeout: common.readyTimeout ?? READY_TIMEOUT,
    restart: common.restart ?? RESTART,
    names: common.names?.door ?? [],
    ...(common.expects !== undefined && { expects: common.expects }),
    ...(common.names?.inside === true && { hostNames: true as const }),
    stopTimeout: common.stopTimeout ?? STOP_TIMEOUT,
    ...(common.port !== undefined && { fixedPort: true }),
    ...(common.tty === true && { input: { type: "terminal", errorsApart: false, ...USUAL_SIZE } as const }),
    ...(common.guard?.bind !== undefined && { bind: common.guard.bind }),
    ...(common.guard !== undefined && { guard: guardOf(common.guard, problem) }),
    ...(common.capture !== undefined && { capture: common.capture }),
    ...(common.trace !== undefined && { trace: common.trace }),
  };
  return {
    service,
    address: isFault(address) ? null : address,
    port: common.port ?? asked,
    expects: common.expects ?? [],
    ownAddress: common.address === "own",
    problems,
  };
}

/** The options as far as they can be known before the start. Words on Cove's own command line are no config's: they stay. */
function plannedOptions(kind: AnyKind, options: unknown, config: Pick<LoadedConfig, "variables"> | null): unknown {
  return config === null ? options : (kind.filled?.(options, planFill(config.variables)) ?? options);
}

function guardOf(
  { origins = [], users = [], programs }: NonNullable<ConfiguredService["common"]["guard"]>,
  problem: (key: string, message: string) => void,
): GuardOptions {
  const uids = users.map((user) => {
    const uid = uidOf(user);
    if (uid === null) problem("guard", `this machine has no user ${user}`);
    return uid ?? -1;
  });
  return { origins, uids, programs: programs ?? null };
}

/** Fixed ports and names that two services of the stack would share. */
function clashes(drafts: readonly Draft[]): ConfigProblem[] {
  return drafts.flatMap(({ service, port, ownAddress }, index): ConfigProblem[] => {
    const path = ["services", service.name];
    const before = drafts.slice(0, index);
    const samePort = before.find((other) => port !== null && other.port === port && !ownAddress && !other.ownAddress);
    const sameName = before.find((other) => other.service.names.some((name) => service.names.includes(name)));
    return [
      ...(samePort === undefined
        ? []
        : [{ path: [...path, "port"], message: `port ${port} is ${samePort.service.name}'s already` }]),
      ...(sameName === undefined
        ? []
        : [{ path: [...path, "names"], message: `shares a name with ${sameName.service.name}` }]),
    ];
  });
}

const circleOf = (cycle: Fault): string => (Array.isArray(cycle.detail?.circle) ? String(cycle.detail.circle[0]) : "");

/** The fault with the place in the config that it came from. */
function atKey(from: Fault, source: ConfigSource | null, path: KeyPath): Fault {
  if (source === null) return from;
  const position = source.locate(path, "value");
  const [, service] = path;
  const where =
    position === null ? shownPath(source.file) : `${shownPath(source.file)}:${position.line}:${position.column}`;
  return fault(from.fault, `${where} services.${service}: ${from.message}`, from.hint, {
    ...from.detail,
    ...{ file: source.file, key: path.join(".") },
    ...position,
  });
}
