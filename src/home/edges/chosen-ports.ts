import type { Breakpoints } from "../../capture/breakpoints.ts";
import type { Recorder } from "../../capture/recorder.ts";
import { openDoor } from "../../door/door.ts";
import { openRelay } from "../../door/relay/relay.ts";
import type { Route, Routes } from "../../door/upstream/routes.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import type { Guard } from "../../guard/guard.ts";
import type { LiveService, LiveStack } from "../model/live-stack.ts";
import type { Model } from "../model/model.ts";
import { peersOf } from "./service-guards.ts";
import { serviceRoute } from "./service-route.ts";

/**
 * Home's listeners at ports that services' code chose and that are leased ones in truth: whoever says localhost:3000 comes to
 * the service of the stack that was first. A service itself is there through a door of its own, with capture, conditions
 * and guard; what else it listens on (live reload, a debugger) through a relay.
 */
export interface ChosenPorts {
  /** Services have come, gone, or chosen others. */
  readonly look: () => void;
  /** Leads all that this stack's services chose to it, as long as it stands. Faults: SERVICE_UNKNOWN where that is nothing. */
  readonly claim: (stack: LiveStack) => readonly { readonly port: number; readonly service: string }[] | Fault;
  readonly close: () => Promise<void>;
}

interface Parts {
  readonly model: Model;
  readonly guard: Guard;
  readonly recorder: Recorder;
  readonly breakpoints: Breakpoints;
  /** By name. */
  readonly routes: Routes;
  readonly doorPort: number;
  /** For a service's log. */
  readonly note: (stack: string, service: string, text: string) => void;
}

/** Who is reached at a port. */
interface Front {
  readonly stack: LiveStack;
  readonly service: LiveService;
  readonly at: { readonly host: string; readonly port: number };
  /** It is the service itself, and speaks HTTP. */
  readonly byDoor: boolean;
}

interface Listening {
  readonly byDoor: boolean;
  readonly closing: () => Promise<void>;
}

interface State extends Parts {
  /** Null: it can't be had, or is being opened. */
  readonly open: Map<number, Listening | null>;
  /** The stack that a port was claimed for, by its id. */
  readonly claims: Map<number, string>;
  /** What logs have been told, by stack, service and port. */
  readonly told: Set<string>;
  /** Services that have been ready. */
  readonly ready: WeakSet<LiveService>;
  readonly routesOf: WeakMap<LiveService, Route>;
  closed: boolean;
}

export function openChosenPorts(parts: Parts): ChosenPorts {
  const state: State = {
    ...parts,
    open: new Map(),
    claims: new Map(),
    told: new Set(),
    ready: new WeakSet(),
    routesOf: new WeakMap(),
    closed: false,
  };
  return {
    look: () => look(state),
    claim: (stack) => claim(state, stack),
    close: async () => {
      state.closed = true;
      const listeners = [...state.open.values()];
      state.open.clear();
      await Promise.all(listeners.map((one) => one?.closing()));
    },
  };
}

function claim(state: State, stack: LiveStack): readonly { port: number; service: string }[] | Fault {
  const ports = [...stack.services.values()].flatMap(({ facts: { name, chosen = [] } }) =>
    chosen.map(({ port }) => ({ port, service: name })),
  );
  if (ports.length === 0) {
    const hint = "code that listens on the port in PORT needs no claim: its name at the door is its own";
    return fault("SERVICE_UNKNOWN", `no service of ${stack.name} listens on a port of its own choosing`, hint);
  }
  for (const { port } of ports) state.claims.set(port, stack.id);
  look(state);
  return ports;
}

/** Stacks that chose a port, by port: the one that it was claimed for, then the first one. */
function frontsOf(state: State, port?: number): Map<number, Front[]> {
  const { model, claims } = state;
  const found = new Map<number, Front[]>();
  const stacks = [...model.stacks.values()].sort((a, b) => a.since - b.since);
  for (const stack of stacks) {
    for (const service of stack.services.values()) {
      for (const { port: chosen, at } of service.facts.chosen ?? []) {
        if (port !== undefined && chosen !== port) continue;
        const { protocol, listens, address, status } = service.facts;
        // Before that it isn't known which of its ports is the service itself.
        if (status.state === "ready") state.ready.add(service);
        if (!state.ready.has(service)) continue;
        const byDoor = protocol === "http" && (listens ?? address).port === at.port;
        const others = found.get(chosen) ?? [];
        const front = { stack, service, at, byDoor };
        const claimed = claims.get(chosen) === stack.id && others[0]?.stack !== stack;
        found.set(chosen, claimed ? [front, ...others] : [...others, front]);
      }
    }
  }
  return found;
}

const frontAt = (state: State, port: number): Front | undefined => frontsOf(state, port).get(port)?.[0];

function look(state: State): void {
  if (state.closed) return;
  const fronts = frontsOf(state);
  for (const [port, listening] of state.open) {
    const [front] = fronts.get(port) ?? [];
    if (listening === null || (front !== undefined && front.byDoor === listening.byDoor)) continue;
    state.open.set(port, null);
    void listening.closing().then(() => {
      state.open.delete(port);
      look(state);
    });
  }
  for (const [port, [front, ...others]] of fronts) {
    if (front === undefined) continue;
    if (!state.open.has(port)) void listenAt(state, port, front);
    for (const other of others) tellSecond(state, port, front, other);
  }
}

async function listenAt(state: State, port: number, front: Front): Promise<void> {
  state.open.set(port, null);
  const opened = front.byDoor ? await openDoorAt(state, port) : await openRelaysAt(state, port);
  if (isFault(opened)) {
    state.open.delete(port);
    tellOnce(state, front, port, `localhost:${port} doesn't lead to it: ${opened.message}`);
    return;
  }
  if (state.closed) return void opened.closing();
  state.open.set(port, opened);
  tellOnce(state, front, port, `localhost:${port} leads to it, through Cove`);
  look(state);
}

/** A door of its own, for the names of this machine. */
async function openDoorAt(state: State, port: number): Promise<Listening | Fault> {
  const { routes, guard, recorder, breakpoints } = state;
  const find = (host: string) =>
    /^(localhost|127\.0\.0\.1|\[?::1\]?)$/.test(host) ? routeAt(state, port) : routes.find(host);
  const door = await openDoor({ port, routes: { ...routes, find }, guard, recorder, breakpoints });
  return isFault(door) ? door : { byDoor: true, closing: door.close };
}

function routeAt(state: State, port: number): Route | undefined {
  const front = frontAt(state, port);
  if (front === undefined) return undefined;
  const known = state.routesOf.get(front.service);
  if (known !== undefined) return known;
  const named = serviceRoute(front.stack, front.service, state.model, state.doorPort);
  // Nothing at this port speaks TLS that a request could be sent to.
  const route: Route = Object.create(named, { httpsOnly: { value: false } });
  state.routesOf.set(front.service, route);
  return route;
}

async function openRelaysAt(state: State, port: number): Promise<Listening | Fault> {
  const { guard } = state;
  const first = await openRelayAt("127.0.0.1");
  if (isFault(first)) return first;
  const second = await openRelayAt("::1");
  return {
    byDoor: false,
    closing: async () => {
      await Promise.all([first.close(), isFault(second) ? null : second.close()]);
    },
  };
  function openRelayAt(host: string) {
    return openRelay({
      listen: { host, port },
      admit: (client) => {
        const front = frontAt(state, port);
        if (front === undefined) return null;
        return guard.admitTo(
          client,
          peersOf(front.stack, () => front.service, front.service.facts.name),
        );
      },
      to: () => frontAt(state, port)?.at ?? null,
    });
  }
}

function tellSecond(state: State, port: number, front: Front, { stack, service }: Front): void {
  const [name] = service.names;
  const where = name === undefined ? "" : `; this one is at http://${name}:${state.doorPort}`;
  tellOnce(
    state,
    { stack, service },
    port,
    `localhost:${port} leads to ${front.stack.name}${where}; to have it, type: cove claim`,
  );
}

function tellOnce(
  state: State,
  { stack, service }: Pick<Front, "stack" | "service">,
  port: number,
  text: string,
): void {
  const key = `${stack.id} ${service.facts.name} ${port} ${text}`;
  if (state.told.has(key)) return;
  state.told.add(key);
  // Restored stacks are looked at before home is whole.
  queueMicrotask(() => state.note(stack.id, service.facts.name, text));
}
