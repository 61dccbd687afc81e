import { newPlace } from "../../capture/exchange.ts";
import type { Recorder } from "../../capture/recorder.ts";
import type { Guard } from "../../guard/guard.ts";
import type { Hello, HelloService, ServiceStatus } from "../../stack/session/messages.ts";
import type { ChosenPorts } from "../edges/chosen-ports.ts";
import { closeEdges } from "../edges/edges.ts";
import { serviceRoute, settleWaiting, tellWaiting } from "../edges/service-route.ts";
import type { Shaper } from "../edges/shaper.ts";
import type { LiveService, LiveStack } from "../model/live-stack.ts";
import type { Model } from "../model/model.ts";
import { followTraces } from "../model/service-traces.ts";
import { doorName, grantBase, ownName } from "../names/grant.ts";
import type { Names } from "../names/names.ts";
import type { ProcessBook } from "./process-book.ts";
import type { StackBook } from "./stack-book.ts";

/** What a stack's entry into the model touches. */
export interface StackServices {
  readonly model: Model;
  readonly names: Names;
  readonly book: ProcessBook;
  readonly stackBook: StackBook;
  readonly shaper: Shaper;
  readonly guard: Guard;
  readonly recorder: Recorder;
  readonly chosenPorts: ChosenPorts;
  readonly doorPort: number;
  /** Where a stack's services may send OTLP to. */
  readonly telemetryUrl: (stack: string) => string;
}

/** A new stack under the name that is granted to it; null when a hundred of that name live already. */
export function enterStack(home: StackServices, hello: Hello): LiveStack | null {
  const { services, edges: _, logs: __, ...facts } = hello;
  const http = services.filter((service) => service.protocol === "http").map((service) => service.name);
  const name = grantBase({ ...facts, services: http }, (wanted) => home.names.isFree(wanted, hello.stack));
  if (name === null) return null;
  const stack: LiveStack = {
    id: hello.stack,
    name,
    runner: hello.runner,
    since: Date.now(),
    facts,
    services: new Map(),
    edges: new Map(),
    shapes: new Map(),
    detours: new Map(),
    captured: new Map(),
  };
  home.model.stacks.set(stack.id, stack);
  return stack;
}

/** Gives a stack the name that its config has now. Exchanges so far keep the name that they were captured under. */
export function renameStack(home: StackServices, stack: LiveStack, hello: Hello): void {
  const http = hello.services.filter((service) => service.protocol === "http").map((service) => service.name);
  const wanted = { base: hello.base, granted: null, single: hello.single, services: http };
  const name = grantBase(wanted, (one) => home.names.isFree(one, stack.id));
  if (name === null || name === stack.name) return;
  home.model.logOwn(stack.id, `the stack ${stack.name} is ${name} from now on`);
  home.names.release(stack.id);
  stack.name = name;
  stack.captured.clear();
  for (const service of stack.services.values()) service.place = newPlace(name, service.facts.name);
}

/** Brings a stack to what its runner says now: services, their names and routes, processes, log lines. */
export function updateStack(home: StackServices, stack: LiveStack, hello: Hello): void {
  const { services, edges: _, logs, ...facts } = hello;
  stack.facts = facts;
  home.model.logs.restore(stack.id, logs);
  const wanted = new Set(services.map((service) => service.name));
  for (const [name, service] of stack.services) {
    if (wanted.has(name)) continue;
    stack.services.delete(name);
    for (const [id, { from, to }] of stack.captured) if (from === name || to === name) stack.captured.delete(id);
    settleWaiting(service, false);
    service.traces?.close();
    home.book.set(stack.id, stack.runner, name, null);
  }
  const keep = new Set([`${stack.name}.localhost`]);
  home.names.claim(`${stack.name}.localhost`, stack.id, null);
  for (const service of services) for (const name of setService(home, stack, service)) keep.add(name);
  home.names.release(stack.id, keep);
  inOrder(stack, services);
  home.chosenPorts.look();
  home.model.changed();
}

/** Views show services as the runner lists them, new ones included. */
function inOrder({ services }: LiveStack, order: Hello["services"]): void {
  for (const { name } of order) {
    const service = services.get(name);
    if (service === undefined) continue;
    services.delete(name);
    services.set(name, service);
  }
}

/** One service as its runner describes it now; returns its names at the door. */
export function setService(home: StackServices, stack: LiveStack, facts: HelloService): readonly string[] {
  const known = stack.services.get(facts.name);
  const service: LiveService = known ?? {
    facts,
    names: [],
    waiting: new Set(),
    place: newPlace(stack.name, facts.name),
    traces: null,
  };
  const isNew = known === undefined || String(known.facts.names) !== String(facts.names);
  service.facts = facts;
  service.traces = followTraces(service.traces, facts);
  stack.services.set(facts.name, service);
  service.names = facts.protocol === "http" ? claimNames(home, stack, service, isNew) : [];
  applyStatus(home, stack, facts.name, facts.status);
  return service.names;
}

export function applyStatus(home: StackServices, stack: LiveStack, name: string, status: ServiceStatus): void {
  const service = stack.services.get(name);
  if (service === undefined) return;
  service.facts = { ...service.facts, status };
  home.book.set(stack.id, stack.runner, name, status.process);
  tellWaiting(service);
  home.chosenPorts.look();
  home.model.changed();
}

/** Takes routes, relays and the stack itself down. Leases and log lines stay. */
export async function leaveStack(home: StackServices, stack: LiveStack): Promise<void> {
  home.shaper.leave(stack);
  home.names.release(stack.id);
  home.model.stacks.delete(stack.id);
  for (const service of stack.services.values()) {
    settleWaiting(service, false);
    service.traces?.close();
  }
  home.chosenPorts.look();
  home.model.changed();
  await closeEdges(stack);
}

/** The service's own name, and those of its extra names that are names and no one else's. */
function claimNames(home: StackServices, stack: LiveStack, service: LiveService, isNew: boolean): string[] {
  const route = serviceRoute(stack, service, home.model, home.doorPort);
  const own = ownName(stack.name, stack.facts.single, service.facts.name);
  const granted = home.names.claim(own, stack.id, route) ? [own] : [];
  for (const text of service.facts.names) {
    const name = doorName(text);
    if (name !== null && home.names.claim(name, stack.id, route)) granted.push(name);
    else if (isNew) {
      const why = name === null ? "it is no host name" : "another stack or alias answers to it";
      home.model.logOwn(stack.id, `the extra name ${text} was not granted: ${why}`, service.facts.name);
    }
  }
  return granted;
}
