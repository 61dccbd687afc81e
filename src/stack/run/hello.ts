import { machine } from "../../machine/machine.ts";
import { baseName, bindPolicy, keepsToLoopback, type PlannedService } from "../plan/plan.ts";
import type { Hello, HelloService } from "../session/messages.ts";
import { foundEdges, type Running, statusOf, supervisorOf } from "./running.ts";
import { keptPorts } from "./virtual-ports.ts";

/** Lines of each service that a new home gets. */
const RETOLD = 500;

/** All that home must know to take the stack over, as it is now. */
export function helloOf(running: Running): Hello {
  const { plan, welcome, supervisors } = running;
  const { project, single, file, network, https } = plan;
  return {
    type: "hello",
    // Filled in by the link.
    version: "",
    runner: { pid: process.pid, started: machine.startStamp(process.pid) ?? "" },
    stack: project.key,
    base: baseName(plan),
    granted: welcome?.base ?? null,
    single,
    root: project.root,
    branch: project.branch,
    file,
    services: plan.services.map((service) => describeService(running, service)),
    edges: [
      ...plan.edges.map(({ also, ...edge }) => ({ ...edge, ...(also !== undefined && { also: [...also] }) })),
      ...foundEdges(running).map(({ id, from, to, address }) => ({ id, from, to, address, found: true as const })),
    ],
    ...(network !== null && { network }),
    ...(https !== null && { https }),
    logs: [...supervisors.values()].flatMap((one) => one.tail(RETOLD)).sort((a, b) => a.time - b.time),
  };
}

/** One service as home sees it. */
export function describeService(running: Running, service: PlannedService): HelloService {
  const { name, kind, options, address, names, needs, guard, capture } = service;
  const { env = {}, url = null } = running.facts.get(name) ?? {};
  const hostField = kind.hostField?.(options, service.cwd) ?? null;
  const path = running.boxes.get(name)?.place.inlet;
  const supervisor = supervisorOf(running, name);
  const listens = supervisor.followed();
  const chosen = keptPorts(running, name);
  const trace = running.tracing.get(name)?.told;
  return {
    name,
    kind: kind.name,
    protocol: kind.protocol(options),
    label: kind.label(options),
    address,
    ...(path !== undefined && { path }),
    ...(listens !== null && { listens }),
    ...(chosen.length > 0 && { chosen }),
    ...(!supervisor.serves() && { portless: true }),
    ...(kind.http2?.(options) && { http2: true }),
    ...(hostField !== null && { hostField }),
    names: [...names],
    needs: [...needs],
    ...(guard !== undefined && { guard }),
    ...(capture !== undefined && { capture }),
    ...(trace !== undefined && { trace }),
    ...(kind.address === undefined && { bind: keepsToLoopback(service) ? "own" : bindPolicy(service) }),
    url,
    env,
    status: statusOf(running, name),
  };
}
