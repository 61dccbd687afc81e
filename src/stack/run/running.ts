import type { Fault } from "../../fault/fault.ts";
import type { State } from "../../state/state.ts";
import type { Plan } from "../plan/plan.ts";
import type { BoxRig } from "../process/boxed.ts";
import type { HomeLink, Welcome } from "../session/link.ts";
import type { HelloService, LogLine, ServiceStatus } from "../session/messages.ts";
import type { LogBatch } from "./logs.ts";
import type { Supervisor } from "./supervisor.ts";

/** A stack as its runner knows it. */
export interface Running {
  readonly plan: Plan;
  readonly state: State;
  readonly link: HomeLink;
  /** The environment that all services start from: the runner's, without what is the runner's own. */
  readonly baseEnv: NodeJS.ProcessEnv;
  readonly supervisors: Map<string, Supervisor>;
  /** By service; null: it runs without a box. */
  readonly boxes: Map<string, BoxRig | null>;
  /** What a service's last start decided, by service. */
  readonly facts: Map<string, Pick<HelloService, "env" | "url">>;
  /** Log lines on their way to home. */
  readonly batch: LogBatch;
  readonly listeners: {
    readonly status: Set<(service: string, status: ServiceStatus) => void>;
    readonly log: Set<(line: LogLine) => void>;
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

export function statusOf(running: Running, service: string): ServiceStatus {
  return supervisorOf(running, service).status();
}
