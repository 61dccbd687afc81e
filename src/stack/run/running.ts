import type { Address } from "../../address/address.ts";
import type { Watched } from "../../confine/calls/watch.ts";
import type { Fault } from "../../fault/fault.ts";
import type { State } from "../../state/state.ts";
import type { Tracing } from "../../tracing/traced-env.ts";
import type { StartedWith } from "../plan/compare.ts";
import type { PlannedEdge } from "../plan/places.ts";
import type { Plan, PlannedService } from "../plan/plan.ts";
import type { BoxRig } from "../process/boxed.ts";
import type { HomeLink, Welcome } from "../session/link.ts";
import type { HelloService, LogLine, ServiceChange, ServiceStatus } from "../session/messages.ts";
import type { LogBatch } from "./logs.ts";
import type { Supervisor } from "./supervisor.ts";

/** A port that a service's code chose, as it is in truth. */
export interface ChosenPort {
  readonly port: number;
  /** Where it listens instead, or will. */
  at: Address;
  /** It has bound that; `kept`: and still has. */
  bound: boolean;
  kept: boolean;
}

/** What decides where connects are led, besides the plan. */
interface Leads {
  /** Home runs, and has the stack's relays. */
  atHome: boolean;
  /** Called when connects may be led elsewhere from now on. */
  readonly listeners: Set<() => void>;
}

/** How a service is traced. */
export interface ServiceTracing {
  /** What home is told. */
  readonly told: NonNullable<HelloService["trace"]>;
  /** What its processes get; null: nothing is loaded in front of them. */
  readonly given: Tracing | null;
}

/** A stack as its runner knows it. */
export interface Running {
  /** What is to run; an edited config replaces it. Services that didn't change stay the same objects. */
  plan: Plan;
  /** Reads the config again. Absent: there is none to read. */
  readonly replan: (() => Promise<Plan | Fault>) | undefined;
  /** The services that were asked for by name, with all that they need; null: all. */
  wanted: ReadonlySet<string> | null;
  readonly state: State;
  readonly link: HomeLink;
  /** The environment that all services start from: the runner's, without what is the runner's own. */
  readonly baseEnv: NodeJS.ProcessEnv;
  readonly supervisors: Map<string, Supervisor>;
  /** By service; null: it runs without a box. */
  readonly boxes: Map<string, BoxRig | null>;
  /** What a service's last start decided, by service. */
  readonly facts: Map<string, Pick<HelloService, "env" | "url">>;
  /** How its last start is traced, by service; null: it has nobody to send anything to. */
  readonly tracing: Map<string, ServiceTracing | null>;
  /** What a service's last start was given, by service. */
  readonly starts: Map<string, StartedWith>;
  /** Edges that aren't in their consumers' needs, by id; null: it has no address. */
  readonly found: Map<string, PlannedEdge | null>;
  /** Ports that services' code chose, by service; null: it has that port itself. */
  readonly chosen: Map<string, Map<number, ChosenPort | null>>;
  /** Where connects of services are led. */
  readonly leads: Leads;
  /** Whose listeners are watched. */
  readonly watched: Watched[];
  /** One change of the plan after another. */
  changing: Promise<unknown>;
  /** The starts of the last change of the plan. */
  restarted: Promise<Fault | null>;
  /** Log lines on their way to home. */
  readonly batch: LogBatch;
  readonly listeners: {
    readonly status: Set<(service: string, status: ServiceStatus) => void>;
    readonly log: Set<(line: LogLine) => void>;
    readonly change: Set<(changes: readonly ServiceChange[]) => void>;
    readonly welcome: Set<() => void>;
  };
  readonly ended: PromiseWithResolvers<Fault | null>;
  /** What home granted; null before it did. */
  welcome: Welcome | null;
  /** The stack's end, once it has begun. */
  stopping: Promise<void> | null;
}

export function supervisorOf(running: Running, service: string): Supervisor {
  const supervisor = running.supervisors.get(service);
  if (supervisor === undefined) throw new Error(`no service ${service} in the plan`);
  return supervisor;
}

/** The service as it is planned now; undefined: it was taken out. */
export function plannedAs({ plan }: Running, name: string): PlannedService | undefined {
  return plan.services.find((service) => service.name === name);
}

export function statusOf(running: Running, service: string): ServiceStatus {
  return supervisorOf(running, service).status();
}

/** Edges that are used, though the config doesn't name them: of services that there are. */
export function foundEdges({ plan, found }: Running): PlannedEdge[] {
  const names = new Set(plan.services.map(({ name }) => name));
  const planned = new Set(plan.edges.map(({ id }) => id));
  return [...found.values()].filter(
    (edge): edge is PlannedEdge => edge !== null && names.has(edge.from) && names.has(edge.to) && !planned.has(edge.id),
  );
}
