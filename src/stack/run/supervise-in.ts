import type { PlannedService } from "../plan/plan.ts";
import { rigOf } from "../process/boxed.ts";
import { hostLinesOf, namesOf } from "../process/named.ts";
import { startBlocked } from "./actions.ts";
import { describeService } from "./hello.ts";
import { leadAnew, leadingOf, releasePorts } from "./leading.ts";
import { plannedAs, type Running } from "./running.ts";
import { startContext } from "./start-context.ts";
import { supervise } from "./supervisor.ts";
import { tracedLaunch } from "./tracing.ts";
import { boundPorts } from "./virtual-ports.ts";

/** Adds a service to what runs, not started yet: its box, its supervisor, the watch over what it listens on. */
export function superviseIn(running: Running, service: PlannedService): void {
  const { link, listeners, batch, boxes, supervisors, watched } = running;
  const { name } = service;
  boxes.set(name, rigOf(running.plan, service, running.state));
  const supervisor = supervise(service, {
    get consumers() {
      return running.plan.services.filter(({ needs }) => needs.includes(name)).map((one) => one.name);
    },
    leading: leadingOf(running, name),
    chosenFor: (port) => boundPorts(running, name).find(({ at }) => at.port === port)?.port ?? null,
    alone: running.plan.single,
    context: () => startContext(running, plannedAs(running, name) ?? service),
    traced: (launch) => tracedLaunch(launch, running.tracing.get(name) ?? null),
    get box() {
      return boxes.get(name) ?? null;
    },
    get names() {
      const now = plannedAs(running, name) ?? service;
      return namesOf(running.plan, now, running.state, () =>
        hostLinesOf(running.plan, now, running.welcome?.names ?? {}),
      );
    },
    changed: (status) => {
      link.send({ type: "status", service: name, status });
      for (const listener of listeners.status) listener(name, status);
      if (/^(failed|stopped|completed)$/.test(status.state)) releasePorts(running, name);
      leadAnew(running);
    },
    moved: () => {
      const now = plannedAs(running, name);
      if (now !== undefined) link.send({ type: "service", service: describeService(running, now) });
      leadAnew(running);
    },
    readyLate: () => startBlocked(running),
    logged: (line) => {
      for (const listener of listeners.log) listener(line);
      batch.add(line);
    },
  });
  supervisors.set(name, supervisor);
  watched.push(supervisor.binds);
}

/** Takes a service that has stopped out of what runs. */
export function forgetService({ supervisors, boxes, facts, tracing, starts, watched }: Running, name: string): void {
  const supervisor = supervisors.get(name);
  if (supervisor !== undefined) watched.splice(watched.indexOf(supervisor.binds), 1);
  for (const map of [supervisors, boxes, facts, tracing, starts]) map.delete(name);
}
