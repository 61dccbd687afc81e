import type { Address } from "../../address/address.ts";
import type { Leading } from "../../confine/calls/launch.ts";
import type { Fault } from "../../fault/fault.ts";
import type { Launch, ServiceContext } from "../../services/kind/kind.ts";
import type { PlannedService } from "../plan/plan.ts";
import type { BoxRig } from "../process/boxed.ts";
import type { GiveNames } from "../process/named.ts";
import type { RunningProcess } from "../process/process.ts";
import type { LogLine, ServiceState, ServiceStatus } from "../session/messages.ts";
import { type LogRing, logRing } from "./logs.ts";
import { servesByPlan } from "./serves.ts";
import { type ServiceConsole, serviceConsole } from "./service-console.ts";
import { shownCause, shownLine } from "./shown.ts";

/** What a supervisor needs of its runner. */
export interface SupervisorDeps {
  /** Everything that is decided at start: environment, folders. Made again for each start. */
  readonly context: () => Promise<ServiceContext<unknown> | Fault>;
  /** A launch with what makes its programs report for which request they send what. */
  readonly traced: (launch: Launch) => Launch;
  /** Null: it runs in this network. */
  readonly box: BoxRig | null;
  /** Null: its programs find no others by name. */
  readonly names: GiveNames | null;
  /** The services that need it. */
  readonly consumers: readonly string[];
  /** Where its connects are led, where they can be. */
  readonly leading: Leading;
  /** The port that its code chose and has at this one in truth; null: it is no such port. */
  readonly chosenFor: (port: number) => number | null;
  /** The stack is this command alone (`cove run`), and ends with it. */
  readonly alone: boolean;
  readonly changed: (status: ServiceStatus) => void;
  /** It is reached somewhere else now: see {@link Supervised.followed}. */
  readonly moved: () => void;
  /** It became ready after its start had been answered with a fault. */
  readonly readyLate: () => void;
  readonly logged: (line: LogLine) => void;
}

/** `whole`: false for the beginning of a line, which may go on. */
export type OnText = (text: string, whole: boolean) => void;

/** One service as its supervisor knows it: its state, its log, its process. */
export interface Supervised {
  /** As it is planned now. */
  service: PlannedService;
  readonly deps: SupervisorDeps;
  readonly ring: LogRing;
  readonly console: ServiceConsole;
  /** Called for each new line, and for what isn't one (yet), by probes that wait for some text. */
  readonly listeners: Set<OnText>;
  /** What {@link noteOnce} has said. */
  readonly noted: Set<string>;
  status: ServiceStatus;
  process: RunningProcess | null;
  /** Whether something still listens at its address, once it is ready; null: it isn't, or that can't be seen. */
  answering: { readonly look: (listening: ReadonlySet<number>) => void } | null;
  /** Where it is reached instead of its own address, since it listens there; null: at its own. */
  followed: Address | null;
  /** Whether it listens anywhere, as far as is known: a worker doesn't. */
  serves: boolean;
  /** What is wrong with where it listens. */
  exposure: Fault | null;
  stopSignal: NodeJS.Signals;
  /** One life per start, with all its restarts; aborting it ends its waits. Null: none is under way. */
  life: AbortController | null;
}

export function newSupervised(service: PlannedService, deps: SupervisorDeps): Supervised {
  return {
    ...{ service, deps, ring: logRing(), console: serviceConsole(), listeners: new Set(), noted: new Set() },
    status: { state: "waiting", process: null, readyAt: null, readyMs: null, restarts: 0, cause: null },
    ...{
      process: null,
      answering: null,
      followed: null,
      serves: servesByPlan(service),
      exposure: null,
      stopSignal: "SIGTERM",
      life: null,
    },
  };
}

export function setState(one: Supervised, state: ServiceState, more: Partial<ServiceStatus> = {}): void {
  const told = more.cause === undefined ? more : { ...more, cause: shownCause(more.cause) };
  const before = one.status.state;
  one.status = { ...one.status, ...told, state };
  if (before !== state) tellViewers(one, before);
  one.deps.changed(one.status);
}

/** Those who sit in front of it see nothing of it while it doesn't run. */
function tellViewers({ service: { name }, status: { state, cause }, console }: Supervised, before: ServiceState): void {
  const why = cause?.message.split("\n")[0] ?? name;
  if (state === "restarting") console.note(`${why}; it will be restarted`);
  else if (state === "failed") console.note(why);
  else if (state === "stopped") console.note(`${name} was stopped`);
  else if (state === "completed") console.note(`${name} has ended (exit code 0)`);
  else if (state === "starting" && before !== "waiting") console.note(`${name} starts again`);
}

export function addLine(one: Supervised, stream: LogLine["stream"], text: string): void {
  const line = { service: one.service.name, stream, time: Date.now(), text: shownLine(text) };
  one.ring.add(line);
  for (const listener of one.listeners) listener(text, true);
  one.deps.logged(line);
}

/** Text of its output that isn't a line of its log: see OnPiece. */
export function notePiece(one: Supervised, text: string, drawnOver: boolean): void {
  for (const listener of one.listeners) listener(text, drawnOver);
}

/** Adds a line of Cove's own to its log. */
export function note(one: Supervised, text: string): void {
  addLine(one, "cove", text);
}

/** For what each restart would otherwise repeat. */
export function noteOnce(one: Supervised, text: string): void {
  if (!one.noted.has(text)) note(one, text);
  one.noted.add(text);
}

/** Lines of one run, those so far included, for a probe that waits for one; what it returns ends the calls. */
export function linesSince(one: Supervised, since: number): (onLine: OnText) => () => void {
  return (onLine) => {
    for (const line of one.ring.last(2_000)) if (line.time >= since && line.stream !== "cove") onLine(line.text, true);
    one.listeners.add(onLine);
    return () => void one.listeners.delete(onLine);
  };
}

/** The exposure is the service's cause for as long as it lasts and nothing else is wrong. */
export function setExposure(one: Supervised, next: Fault | null): void {
  const shown = one.status.cause === one.exposure;
  one.exposure = next === null ? null : shownCause(next);
  if (next !== null) note(one, next.hint === undefined ? next.message : `${next.message}; ${next.hint}`);
  if (shown && /^(starting|ready)$/.test(one.status.state)) setState(one, one.status.state, { cause: one.exposure });
}

/** Ends its process, if there is one, with all that it has started: by its stop signal, after `killAfter` ms by force. */
export async function endProcess(one: Supervised, killAfter: number): Promise<void> {
  const running = one.process;
  one.process = null;
  one.answering = null;
  one.exposure = null;
  const forced = await running?.stop(one.stopSignal, killAfter);
  if (forced) note(one, `did not end within ${killAfter / 1000} s of ${one.stopSignal}: killed`);
}
