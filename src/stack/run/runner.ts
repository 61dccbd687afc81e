import { callGuard } from "../../confine/calls/launch.ts";
import { watchBinds } from "../../confine/calls/watch.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { localNamesResolve } from "../../machine/local-names.ts";
import type { State } from "../../state/state.ts";
import { bindPolicy, type Plan } from "../plan/plan.ts";
import { adoptOrphans, endStrays } from "../process/adoption.ts";
import type { Action, HomeLink, LinkHandlers, Welcome } from "../session/link.ts";
import type { LogLine, ServiceChange, ServiceStatus } from "../session/messages.ts";
import { stackStopped, startService, startServices, stopService, stopServices } from "./actions.ts";
import { applyConfig, restartService } from "./apply.ts";
import { noteBroken } from "./broken-edges.ts";
import { helloOf } from "./hello.ts";
import { leadAnew } from "./leading.ts";
import { logBatch } from "./logs.ts";
import { attachRemotely } from "./remote-consoles.ts";
import { type Running, statusOf, supervisorOf } from "./running.ts";
import type { ServiceConsole } from "./service-console.ts";
import { superviseIn } from "./supervise-in.ts";

/** Variables of the runner's own that a service must not mistake for its own. */
const OWN_VARIABLES = ["PORT", "HOST", "COVE_URL", "COVE_TRACE_PIPE", "COVE_TRACE_EDGES"];

export interface RunnerDeps {
  readonly state: State;
  readonly link: HomeLink;
  readonly baseEnv: NodeJS.ProcessEnv;
  /** Plans the stack anew from its config as it is now. Absent: it can't change while it runs. */
  readonly replan?: (() => Promise<Plan | Fault>) | undefined;
  /** The services that were asked for by name, with all that they need. Default: all. */
  readonly wanted?: ReadonlySet<string> | null;
}

/** A stack that this process runs. */
export interface RunningStack {
  readonly plan: () => Plan;
  /** What home granted; null before it did. */
  readonly welcome: () => Welcome | null;
  readonly status: (service: string) => ServiceStatus;
  /** A service's input and output as they are, and its terminal. */
  readonly console: (service: string) => ServiceConsole;
  /** A signal for all processes of a service: for a job that is put aside and taken up again. */
  readonly signal: (service: string, signal: NodeJS.Signals) => void;
  on(event: "status", listener: (service: string, status: ServiceStatus) => void): () => void;
  on(event: "log", listener: (line: LogLine) => void): () => void;
  /** An edited config was applied. */
  on(event: "change", listener: (changes: readonly ServiceChange[]) => void): () => void;
  /** When all have settled: null if they are ready or completed, else the first fault in order (or home's refusal). */
  readonly settled: () => Promise<Fault | null>;
  /** Brings the stack to its config as it is now, or only these services and what they need. Resolves once starts have begun. */
  readonly apply: (services: readonly string[]) => Promise<Fault | readonly ServiceChange[]>;
  /**
   * One service, or all of them in order (null), by the config as it is now. Resolves when ready again. Consumers keep running:
   * their edge stays.
   */
  readonly restart: (service: string | null) => Promise<Fault | readonly ServiceChange[]>;
  /** One service with all that it needs, or all (null), and those that waited for it. */
  readonly start: (service: string | null) => Promise<Fault | null>;
  readonly stopService: (service: string | null) => Promise<Fault | null>;
  /** Stops everything, consumers first, and leaves home. Safe to call again. */
  readonly stop: () => Promise<void>;
  /** Resolves when all has stopped: null, or why it never began. */
  readonly ended: Promise<Fault | null>;
}

/** Runs a plan: registers with home, starts the services in order, keeps them running until `stop`. */
export function runStack(plan: Plan, deps: RunnerDeps): RunningStack {
  const running = newRunning(plan, deps);
  for (const service of plan.services) superviseIn(running, service);
  const watch = watchBinds(running.watched);
  const stop = () => stopStack(running, watch.stop);
  const settled = begin(running, (action, service, services) => act(running, stop, { action, service, services }));
  return {
    plan: () => running.plan,
    welcome: () => running.welcome,
    status: (service) => statusOf(running, service),
    console: (service) => supervisorOf(running, service).console,
    signal: (service, signal) => supervisorOf(running, service).signal(signal),
    on: (event: "status" | "log" | "change", listener: never) => {
      const listeners: Set<unknown> = running.listeners[event];
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    settled: () => settled,
    apply: (services) => applyConfig(running, services),
    restart: (service) => restartService(running, service),
    start: (service) => startService(running, service),
    stopService: (service) => stopService(running, service),
    stop,
    ended: running.ended.promise,
  };
}

function newRunning(plan: Plan, { state, link, baseEnv, replan, wanted = null }: RunnerDeps): Running {
  const ownEnv = { ...baseEnv };
  for (const name of OWN_VARIABLES) delete ownEnv[name];
  return {
    ...{ plan, replan, wanted, state, link, baseEnv: ownEnv },
    ...{
      supervisors: new Map(),
      boxes: new Map(),
      facts: new Map(),
      tracing: new Map(),
      starts: new Map(),
      watched: [],
    },
    ...{ found: new Map(), chosen: new Map(), leads: { atHome: false, listeners: new Set() } },
    ...{ changing: Promise.resolve(), restarted: Promise.resolve(null) },
    batch: logBatch((lines) => link.send({ type: "log", lines })),
    listeners: { status: new Set(), log: new Set(), change: new Set(), welcome: new Set() },
    ended: Promise.withResolvers(),
    ...{ welcome: null, stopping: null },
  };
}

/** Registers with home, then starts everything; the fault is home's refusal, or the first of a service. */
async function begin(running: Running, act: Act): Promise<Fault | null> {
  const { plan } = running;
  // Take as long as home does to answer.
  void localNamesResolve();
  if (plan.services.some((service) => bindPolicy(service) === "fix")) void callGuard();
  const [answer] = await Promise.all([enterHome(running, act), adoptOrphans()]);
  if (running.stopping !== null) return stackStopped(running);
  if (isFault(answer)) {
    running.ended.resolve(answer);
    return answer;
  }
  noteBroken(running, answer);
  return await startServices(running, plan.services);
}

type Act = LinkHandlers["act"];

async function enterHome(running: Running, act: Act): Promise<Welcome | Fault> {
  const consoles = attachRemotely(running);
  try {
    const answer = await running.link.open({
      hello: () => helloOf(running),
      welcome: (told) => {
        running.welcome = told;
        for (const tell of running.listeners.welcome) tell();
        leadAnew(running, true);
      },
      lost: () => {
        consoles.leaveAll();
        leadAnew(running, false);
      },
      act,
      note: (service, text) => running.supervisors.get(service)?.note(text),
      console: consoles.hear,
    });
    if (!isFault(answer)) running.welcome = answer;
    return answer;
  } catch (error) {
    return fault("INTERNAL", `home could not be entered: ${error instanceof Error ? error.message : String(error)}`);
  }
}

interface Asked {
  readonly action: Action;
  readonly service: string | null;
  readonly services: readonly string[];
}

/** Does what home asks for. */
async function act(
  running: Running,
  stop: () => Promise<void>,
  { action, service, services }: Asked,
): Promise<Fault | readonly ServiceChange[]> {
  if (action === "down") {
    void stop();
    return [];
  }
  if (action === "apply") return await applyConfig(running, services);
  if (action === "restart") return await restartService(running, service);
  return (action === "stop" ? await stopService(running, service) : await startService(running, service)) ?? [];
}

function stopStack(running: Running, stopWatching: () => void): Promise<void> {
  running.stopping ??= endStack(running, stopWatching).finally(() => running.ended.resolve(null));
  return running.stopping;
}

async function endStack(running: Running, stopWatching: () => void): Promise<void> {
  stopWatching();
  await stopServices(running);
  const [service] = running.plan.services;
  const strays = await endStrays();
  if (strays.length > 0 && service !== undefined) {
    running.supervisors
      .get(service.name)
      ?.note(`ended with the stack, which it was left in the background of: ${strays.join(", ")}`);
  }
  running.batch.flush();
  await running.link.close();
}
