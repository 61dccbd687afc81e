import type { Route } from "../../door/upstream/routes.ts";
import type { Upstream } from "../../door/upstream/upstream.ts";
import type { HelloService, ServiceState } from "../../stack/session/messages.ts";
import type { LiveService, LiveStack } from "../model/live-stack.ts";
import type { Model } from "../model/model.ts";
import { noPort } from "../view/no-port.ts";
import { capturedEdge } from "./captured-edges.ts";
import { guardOf } from "./service-guards.ts";

/** Lines shown on the page of a service that is down. */
const TAIL = 20;

const ROUTE_STATE: Record<ServiceState, Route["state"]> = {
  waiting: "starting",
  starting: "starting",
  restarting: "starting",
  unready: "down",
  ready: "ready",
  failed: "down",
  stopping: "down",
  stopped: "down",
  completed: "down",
};

const boxed = new WeakMap<HelloService, Upstream>();

/** Where a service answers: its address, where it listens instead, or its box's inlet. The same object as long as its facts are the same. */
export function upstreamOf(facts: HelloService): Upstream {
  if (facts.path === undefined) return facts.listens ?? facts.address;
  const upstream = boxed.get(facts) ?? { path: facts.path };
  boxed.set(facts, upstream);
  return upstream;
}

/** The door's view of one service; it follows the service's state by itself. */
export function serviceRoute(stack: LiveStack, service: LiveService, model: Model, doorPort: number): Route {
  let { status } = service.facts;
  let routeState = ROUTE_STATE[status.state];
  /** Asked for each request, and the same as long as the runner reports nothing new. */
  const state = () => {
    if (status !== service.facts.status) {
      ({ status } = service.facts);
      routeState = ROUTE_STATE[status.state];
    }
    return routeState;
  };
  return {
    id: `${stack.name}/${service.facts.name}`,
    get upstream() {
      // With conditions on browser→service, requests go through a relay that applies them.
      if (stack.shapes.size > 0) {
        const edge = `browser→${service.facts.name}`;
        const detour = stack.shapes.has(edge) ? stack.detours.get(edge) : undefined;
        if (detour !== undefined) return detour.address;
      }
      return upstreamOf(service.facts);
    },
    get protocol() {
      return service.facts.http2 ? "h2c" : undefined;
    },
    get hostField() {
      return service.facts.hostField;
    },
    get state() {
      return state();
    },
    whenReady: () => {
      const now = state();
      if (now !== "starting") return Promise.resolve(now === "ready");
      return new Promise((resolve) => service.waiting.add(resolve));
    },
    logTail: () => (model.logs.last(stack.id, service.facts.name, TAIL) ?? []).map((line) => line.text),
    cause: () => service.facts.status.cause ?? (service.facts.portless === true ? noPort(service.facts.name) : null),
    readyAt: () => service.facts.status.readyAt,
    get restarts() {
      return service.facts.status.process !== null;
    },
    get httpsOnly() {
      return stack.facts.https?.redirect === true;
    },
    shape: () => {
      const edge = `browser→${service.facts.name}`;
      const shape = stack.shapes.get(edge);
      return shape === undefined ? null : { edge, text: shape.scenario ?? shape.profile ?? shape.text };
    },
    report: (text) => model.notice(stack.id, service.facts.name, text),
    guard: guardOf(stack, service, doorPort),
    // One object for as long as the service is registered, as this route: nothing to look up for each request.
    capture: capturedEdge(stack, "browser", service.facts.name) ?? undefined,
  };
}

/** Resumes the requests that wait at the door once the service is ready or down. */
export function tellWaiting(service: LiveService): void {
  const now = ROUTE_STATE[service.facts.status.state];
  if (now !== "starting") settleWaiting(service, now === "ready");
}

export function settleWaiting(service: LiveService, ready: boolean): void {
  for (const tell of service.waiting) tell(ready);
  service.waiting.clear();
}
