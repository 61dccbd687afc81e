import { type Fault, fault, isFault } from "../fault/fault.ts";
import { machine } from "../machine/machine.ts";
import type { ServiceContext } from "../services/kind.ts";
import type { State } from "../state/state.ts";
import { serviceEnv } from "./env.ts";
import type { Action, HomeLink, Welcome } from "./link.ts";
import { baseName, type Plan, type PlannedService } from "./plan.ts";
import type { Hello, HelloService, LogLine, ServiceStatus } from "./session.ts";
import { type Supervisor, supervise } from "./supervisor.ts";

/** Log lines go to home in batches, ms. */
const BATCH_TIME = 50;
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
  /** Null once all are ready or completed, else the first that failed for good (or home's refusal). */
  readonly settled: () => Promise<Fault | null>;
  /** One service, or all of them in order (null). Resolves when ready again. */
  readonly restart: (service: string | null) => Promise<Fault | null>;
  readonly start: (service: string | null) => Promise<Fault | null>;
  readonly stopService: (service: string | null) => Promise<Fault | null>;
  /** Stops everything, consumers first, and leaves home. Safe to call again. */
  readonly stop: () => Promise<void>;
  /** Resolves when all has stopped. */
  readonly ended: Promise<Fault | null>;
}

/** What a service's environment has beyond the runner's own: all that home needs to know of it. */
function added(env: Readonly<Record<string, string>>, base: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => base[name] !== value));
}

/** Runs a plan: registers with home, starts the services in order, keeps them running until `stop`. */
export function runStack(plan: Plan, { state, link, baseEnv }: RunnerDeps): RunningStack {
  const statusListeners = new Set<(service: string, status: ServiceStatus) => void>();
  const logListeners = new Set<(line: LogLine) => void>();
  const supervisors = new Map<string, Supervisor>();
  const facts = new Map<string, Pick<HelloService, "env" | "url">>();
  let welcome: Welcome | null = null;
  let stopping: Promise<void> | null = null;
  let batch: LogLine[] = [];
  let end: (outcome: Fault | null) => void = () => {};
  const ended = new Promise<Fault | null>((resolve) => {
    end = resolve;
  });
  const childEnv = { ...baseEnv };
  for (const name of OWN_VARIABLES) delete childEnv[name];

  for (const service of plan.services) {
    const supervisor = supervise(service, {
      context: () => contextOf(service),
      baseEnv: childEnv,
      changed: (status) => {
        link.send({ type: "status", service: service.name, status });
        for (const listener of statusListeners) listener(service.name, status);
      },
      logged,
    });
    supervisors.set(service.name, supervisor);
  }

  async function contextOf(service: PlannedService): Promise<ServiceContext<unknown> | Fault> {
    const names = welcome?.names[service.name] ?? [];
    const env = await serviceEnv(plan, service, names, welcome?.port ?? 0, state, childEnv);
    if (isFault(env)) return env;
    const dataDir = state.serviceDir(plan.project.key, service.name);
    const { name, options, address, cwd } = service;
    const context = { name, project: plan.project, options, address, cwd, dataDir, env, log: () => {} };
    const url = (await service.kind.url?.(context, address)) ?? null;
    facts.set(name, { env: added(env, childEnv), url: isFault(url) ? null : url });
    link.send({ type: "service", service: describe(service) });
    return context;
  }

  function describe(service: PlannedService): HelloService {
    const { name, kind, options, address, names, needs } = service;
    const { env = {}, url = null } = facts.get(name) ?? {};
    return {
      name,
      kind: kind.name,
      protocol: kind.protocol(options),
      label: kind.label(options),
      address,
      names: [...names],
      needs: [...needs],
      url,
      env,
      status: statusOf(name),
    };
  }

  function hello(): Hello {
    const { project, single, file } = plan;
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
      logs: [...supervisors.values()].flatMap((one) => one.tail(RETOLD)).sort((a, b) => a.time - b.time),
    };
  }

  function logged(line: LogLine): void {
    for (const listener of logListeners) listener(line);
    batch.push(line);
    if (batch.length > 1) return;
    setTimeout(() => {
      link.send({ type: "log", lines: batch });
      batch = [];
    }, BATCH_TIME);
  }

  function statusOf(service: string): ServiceStatus {
    const supervisor = supervisors.get(service);
    if (supervisor === undefined) throw new Error(`no service ${service} in the plan`);
    return supervisor.status();
  }

  async function begin(): Promise<Fault | null> {
    const answer = await link.open({
      hello,
      welcome: (told) => {
        welcome = told;
      },
      lost: () => {},
      act,
    });
    if (isFault(answer)) {
      end(answer);
      return answer;
    }
    welcome = answer;
    for (const { id, fault: why } of answer.broken) {
      const from = plan.edges.find((edge) => edge.id === id)?.from;
      if (from !== undefined)
        logged({ service: from, stream: "cove", time: Date.now(), text: `edge ${id}: ${why.message}` });
    }
    return await startAll();
  }

  /** Each starts as soon as what it needs is ready. */
  async function startAll(): Promise<Fault | null> {
    const starts = new Map<string, Promise<Fault | null>>();
    const startOne = (service: PlannedService): Promise<Fault | null> => {
      const known = starts.get(service.name);
      if (known !== undefined) return known;
      const started = (async () => {
        for (const outcome of await Promise.all(service.needs.map((need) => startNeed(need)))) {
          if (outcome !== null) return waitingFor(service, outcome);
        }
        if (stopping !== null) return null;
        return (await supervisors.get(service.name)?.start()) ?? null;
      })();
      starts.set(service.name, started);
      return started;
    };
    const startNeed = (need: string) => {
      const service = plan.services.find(({ name }) => name === need);
      return service === undefined ? Promise.resolve(null) : startOne(service);
    };
    const outcomes = await Promise.all(plan.services.map(startOne));
    return outcomes.find((outcome) => outcome !== null) ?? null;
  }

  /** A service whose need failed stays waiting; the need's own cause is the one to show. */
  function waitingFor(service: PlannedService, cause: Fault): Fault {
    logged({
      service: service.name,
      stream: "cove",
      time: Date.now(),
      text: `not started: ${cause.message.split("\n")[0]}`,
    });
    return cause;
  }

  async function act(action: Action, service: string | null): Promise<Fault | null> {
    if (action === "down") {
      void stop();
      return null;
    }
    if (action === "restart") return await restart(service);
    return action === "stop" ? await stopService(service) : await start(service);
  }

  function chosen(service: string | null): Supervisor[] | Fault {
    const all = plan.services.flatMap(({ name }) => supervisors.get(name) ?? []);
    if (service === null) return all;
    const one = supervisors.get(service);
    return one === undefined ? fault("SERVICE_UNKNOWN", `${plan.name} has no service ${service}`) : [one];
  }

  async function start(service: string | null): Promise<Fault | null> {
    if (service === null) return await startAll();
    const found = chosen(service);
    if (isFault(found)) return found;
    for (const one of found) {
      const outcome = await one.start();
      if (outcome !== null) return outcome;
    }
    return null;
  }

  async function stopService(service: string | null): Promise<Fault | null> {
    const found = chosen(service);
    if (isFault(found)) return found;
    for (const one of found.toReversed()) await one.stop();
    return null;
  }

  async function restart(service: string | null): Promise<Fault | null> {
    return (await stopService(service)) ?? (await start(service));
  }

  function stop(): Promise<void> {
    stopping ??= (async () => {
      const left = new Map(plan.services.map((service) => [service.name, service]));
      // Consumers first: whatever nobody who still runs needs may stop, all such at once.
      while (left.size > 0) {
        const needed = new Set([...left.values()].flatMap(({ needs }) => needs));
        const round = [...left.keys()].filter((name) => !needed.has(name));
        await Promise.all(round.map((name) => supervisors.get(name)?.stop()));
        for (const name of round) left.delete(name);
        if (round.length === 0) break;
      }
      await link.close();
      end(null);
    })();
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
    ended,
  };
}
