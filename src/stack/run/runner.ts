import { bindGuard } from "../../confine/bind/guarded-launch.ts";
import { watchBinds } from "../../confine/bind/watch.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { machine } from "../../machine/machine.ts";
import type { ServiceContext } from "../../services/kind/kind.ts";
import type { State } from "../../state/state.ts";
import { serviceEnv } from "../plan/environment.ts";
import { baseName, bindPolicy, keepsToLoopback, type Plan, type PlannedService } from "../plan/plan.ts";
import { type BoxRig, rigOf } from "../process/boxed.ts";
import type { Action, HomeLink, Welcome } from "../session/link.ts";
import type { Hello, HelloService, LogLine, ServiceStatus } from "../session/messages.ts";
import { logBatch } from "./logs.ts";
import { startInOrder, stopInOrder, withNeeds } from "./sequence.ts";
import { type Supervisor, supervise } from "./supervisor.ts";

/** Lines of each service that a new home is told. */
const RETOLD = 500;
/** Variables of the runner's own that a service must not mistake for its own. */
const OWN_VARIABLES = ["PORT", "HOST", "COVE_URL"];

export interface RunnerDeps {
  readonly state: State;
  readonly link: HomeLink;
  readonly baseEnv: NodeJS.ProcessEnv;
}

/** A stack that this process runs. */
export interface RunningStack {
  readonly plan: Plan;
  /** What home granted; null before it did. */
  readonly welcome: () => Welcome | null;
  readonly status: (service: string) => ServiceStatus;
  on(event: "status", listener: (service: string, status: ServiceStatus) => void): () => void;
  on(event: "log", listener: (line: LogLine) => void): () => void;
  /** When all have come to rest: null if they are ready or completed, else the first fault in order (or home's refusal). */
  readonly settled: () => Promise<Fault | null>;
  /** One service, or all of them in order (null). Resolves when ready again. Consumers keep running: their edge stays. */
  readonly restart: (service: string | null) => Promise<Fault | null>;
  /** One service with all that it needs, or all (null), and those that waited for it. */
  readonly start: (service: string | null) => Promise<Fault | null>;
  readonly stopService: (service: string | null) => Promise<Fault | null>;
  /** Stops everything, consumers first, and leaves home. Safe to call again. */
  readonly stop: () => Promise<void>;
  /** Resolves when all has stopped: null, or why it never began. */
  readonly ended: Promise<Fault | null>;
}

/** Runs a plan: registers with home, starts the services in order, keeps them running until `stop`. */
export function runStack(plan: Plan, { state, link, baseEnv }: RunnerDeps): RunningStack {
  const statusListeners = new Set<(service: string, status: ServiceStatus) => void>();
  const logListeners = new Set<(line: LogLine) => void>();
  const supervisors = new Map<string, Supervisor>();
  const boxes = new Map<string, BoxRig | null>();
  const facts = new Map<string, Pick<HelloService, "env" | "url">>();
  const batch = logBatch((lines) => link.send({ type: "log", lines }));
  const ended = Promise.withResolvers<Fault | null>();
  let welcome: Welcome | null = null;
  let stopping: Promise<void> | null = null;
  const childEnv = { ...baseEnv };
  for (const name of OWN_VARIABLES) delete childEnv[name];

  for (const service of plan.services) {
    const box = rigOf(plan, service, state);
    boxes.set(service.name, box);
    const supervisor = supervise(service, {
      context: () => contextOf(service),
      box,
      changed: (status) => {
        link.send({ type: "status", service: service.name, status });
        for (const listener of statusListeners) listener(service.name, status);
      },
      logged: (line) => {
        for (const listener of logListeners) listener(line);
        batch.add(line);
      },
    });
    supervisors.set(service.name, supervisor);
  }

  const watch = watchBinds([...supervisors.values()].map(({ binds }) => binds));

  async function contextOf(service: PlannedService): Promise<ServiceContext<unknown> | Fault> {
    const names = welcome?.names[service.name] ?? [];
    const env = await serviceEnv(plan, service, names, welcome?.port ?? 0, state, childEnv);
    if (isFault(env)) return env;
    const dataDir = state.serviceDir(plan.project.key, service.name);
    const { name, options, address, cwd } = service;
    const place = boxes.get(name)?.place;
    const context = {
      ...{ name, project: plan.project, options, address, cwd, dataDir, env, log: supervisorOf(name).note },
      ...(place !== undefined && { socketDir: place.folder }),
    };
    const url = (await service.kind.url?.(context, address)) ?? (place === undefined ? null : `unix:${place.inlet}`);
    facts.set(name, { env: added(env, childEnv), url: isFault(url) ? null : url });
    link.send({ type: "service", service: describe(service) });
    return context;
  }

  function describe(service: PlannedService): HelloService {
    const { name, kind, options, address, names, needs, guard, capture } = service;
    const { env = {}, url = null } = facts.get(name) ?? {};
    const path = boxes.get(name)?.place.inlet;
    return {
      name,
      kind: kind.name,
      protocol: kind.protocol(options),
      label: kind.label(options),
      address,
      ...(path !== undefined && { path }),
      names: [...names],
      needs: [...needs],
      ...(guard !== undefined && { guard }),
      ...(capture !== undefined && { capture }),
      ...(service.kind.address === undefined && { bind: keepsToLoopback(service) ? "own" : bindPolicy(service) }),
      url,
      env,
      status: statusOf(name),
    };
  }

  function hello(): Hello {
    const { project, single, file, network } = plan;
    return {
      type: "hello",
      version: "",
      runner: { pid: process.pid, started: machine.startStamp(process.pid) ?? "" },
      stack: project.key,
      base: baseName(plan),
      granted: welcome?.base ?? null,
      single,
      root: project.root,
      branch: project.branch,
      file,
      services: plan.services.map(describe),
      edges: plan.edges.map((edge) => ({ ...edge })),
      ...(network !== null && { network }),
      logs: [...supervisors.values()].flatMap((one) => one.tail(RETOLD)).sort((a, b) => a.time - b.time),
    };
  }

  function supervisorOf(service: string): Supervisor {
    const supervisor = supervisors.get(service);
    if (supervisor === undefined) throw new Error(`no service ${service} in the plan`);
    return supervisor;
  }

  const statusOf = (service: string): ServiceStatus => supervisorOf(service).status();

  async function begin(): Promise<Fault | null> {
    // Takes as long as home does to answer.
    if (plan.services.some((service) => bindPolicy(service) === "fix")) void bindGuard();
    const answer = await enterHome();
    if (stopping !== null) return stopped();
    if (isFault(answer)) {
      ended.resolve(answer);
      return answer;
    }
    for (const { id, fault: why } of answer.broken) {
      const from = plan.edges.find((edge) => edge.id === id)?.from;
      if (from !== undefined) supervisorOf(from).note(`edge ${id}: ${why.message}`);
    }
    return await startThese(plan.services);
  }

  async function enterHome(): Promise<Welcome | Fault> {
    try {
      const answer = await link.open({
        hello,
        welcome: (told) => {
          welcome = told;
        },
        lost: () => {},
        act,
      });
      if (!isFault(answer)) welcome = answer;
      return answer;
    } catch (error) {
      return fault("INTERNAL", `home could not be entered: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  function startThese(services: readonly PlannedService[]): Promise<Fault | null> {
    return startInOrder(services, {
      start: async ({ name }) => (stopping === null ? await supervisorOf(name).start() : stopped()),
      blocked: ({ name }, cause) => supervisorOf(name).note(`not started: ${cause.message.split("\n")[0]}`),
      status: statusOf,
    });
  }

  const stopped = () => fault("NOT_READY", `${plan.name} was stopped`);

  async function act(action: Action, service: string | null): Promise<Fault | null> {
    if (action === "down") {
      void stop();
      return null;
    }
    if (action === "restart") return await restart(service);
    return action === "stop" ? await stopService(service) : await start(service);
  }

  function unknown(service: string | null): Fault | null {
    if (stopping !== null) return stopped();
    if (service === null || supervisors.has(service)) return null;
    const has = [...supervisors.keys()].join(", ");
    return fault("SERVICE_UNKNOWN", `${plan.name} has no service ${service}`, `it has: ${has}`, { service });
  }

  async function start(service: string | null): Promise<Fault | null> {
    const wrong = unknown(service);
    if (wrong !== null) return wrong;
    if (service === null) return await startThese(plan.services);
    const outcome = await startThese(withNeeds(plan.services, service));
    // Consumers that could not start for want of it can now.
    if (outcome === null) void startThese(plan.services.filter(isBlocked));
    return outcome;
  }

  /** Never started, though by now all that it needs is there or could be. */
  function isBlocked({ name, needs }: PlannedService): boolean {
    if (statusOf(name).state !== "waiting") return false;
    return plan.services.every((need) => {
      return !needs.includes(need.name) || /^(ready|completed)$/.test(statusOf(need.name).state) || isBlocked(need);
    });
  }

  async function stopService(service: string | null): Promise<Fault | null> {
    const wrong = unknown(service);
    if (wrong !== null) return wrong;
    if (service === null) await stopInOrder(plan.services, ({ name }) => supervisorOf(name).stop());
    else await supervisorOf(service).stop();
    return null;
  }

  async function restart(service: string | null): Promise<Fault | null> {
    return (await stopService(service)) ?? (await start(service));
  }

  function stop(): Promise<void> {
    stopping ??= (async () => {
      watch.stop();
      await stopInOrder(plan.services, ({ name }) => supervisorOf(name).stop());
      batch.flush();
      await link.close();
    })().finally(() => ended.resolve(null));
    return stopping;
  }

  const settled = begin();
  return {
    plan,
    welcome: () => welcome,
    status: statusOf,
    on: (event: "status" | "log", listener: never) => {
      const set: Set<unknown> = event === "status" ? statusListeners : logListeners;
      set.add(listener);
      return () => void set.delete(listener);
    },
    settled: () => settled,
    restart,
    start,
    stopService,
    stop,
    ended: ended.promise,
  };
}

/** What a service's environment has beyond the runner's own: all that home needs to know of it. */
function added(env: Readonly<Record<string, string>>, base: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => base[name] !== value));
}
