import type { Address } from "../../address/address.ts";
import { isLoopback } from "../../address/classify.ts";
import type { Leading } from "../../confine/calls/launch.ts";
import type { Route } from "../../confine/calls/routes.ts";
import { familyOf } from "../../services/kind/edge-facts.ts";
import { STANDARD_PORTS } from "../../services/kind/standard-ports.ts";
import type { PlannedEdge } from "../plan/places.ts";
import type { PlannedService } from "../plan/plan.ts";
import { addFound } from "./found-edges.ts";
import { describeService } from "./hello.ts";
import { foundEdges, plannedAs, type Running } from "./running.ts";
import { bindPort, boundPorts, choosePort, freePorts, keepPort, keptPorts, portPlan } from "./virtual-ports.ts";

/** Where connects of a service are led, as the stack changes. */
export function leadingOf(running: Running, service: string): Leading {
  const { listeners } = running.leads;
  const routes = () => {
    const planned = plannedAs(running, service);
    return planned === undefined ? [] : routesOf(running, planned);
  };
  const ports = () => portPlan(running, service);
  const shown = () => JSON.stringify([routes(), [...(ports()?.leased ?? [])]]);
  return {
    routes,
    ports,
    chosen: (port) => {
      choosePort(running, service, port);
      leadAnew(running);
    },
    bound: (port, at) => {
      bindPort(running, service, port, at);
      leadAnew(running);
    },
    kept: (port) => {
      keepPort(running, service, port);
      sendService(running, service);
    },
    watch: (changed) => {
      let told = shown();
      const look = () => {
        const now = shown();
        if (now === told) return;
        told = now;
        changed();
      };
      listeners.add(look);
      return () => void listeners.delete(look);
    },
    wanted: (to) => {
      if (running.stopping === null && running.leads.atHome) addFound(running, service, to);
    },
  };
}

/** Its process has ended: what its code chose leads nowhere. */
export function releasePorts(running: Running, service: string): void {
  const any = keptPorts(running, service).length > 0;
  freePorts(running, service);
  if (any) sendService(running, service);
}

function sendService(running: Running, service: string): void {
  const now = plannedAs(running, service);
  if (now !== undefined) running.link.send({ type: "service", service: describeService(running, now) });
}

/** Something may have changed of where connects are led; `atHome`: whether home has the stack's relays from now on. */
export function leadAnew({ leads }: Running, atHome = leads.atHome): void {
  leads.atHome = atHome;
  for (const look of leads.listeners) look();
}

/**
 * A service's routes. To where another one listens: over their edge, or over one that has yet to be found. To where its code
 * believes one that it needs: over the edge, or while home is away directly.
 */
function routesOf(running: Running, consumer: PlannedService): Route[] {
  const { plan } = running;
  // Then only what its code binds elsewhere than it says has to be led.
  const all = plan.explicitEdges ? [] : [...plan.edges, ...foundEdges(running)];
  const edges = all.filter(({ from }) => from === consumer.name);
  const ways = edges.flatMap((edge) => waysOf(running, edge));
  const own = placeOf(running, consumer);
  const routes = [
    ...selfRoutes(running, consumer),
    ...ways.flatMap(({ to, place, relay }) => (relay === null ? [] : [{ ...at(place), to: relay, service: to.name }])),
    ...ways.flatMap(atOwnAddress),
    ...chosenByOthers(running, consumer, ways),
    ...believed(ways),
    ...unnamed(running, consumer, edges),
  ];
  // What it connects to at its own address is itself.
  return routes.filter(({ host, port }) => port !== own.port || (host !== null && host !== own.host));
}

/** An edge, as its consumer may use it. */
interface Way {
  readonly to: PlannedService;
  /** Where the service listens. */
  readonly place: Address;
  /** Null: home is away, or couldn't open it. */
  readonly relay: Address | null;
  /** Whether it is in the consumer's needs. */
  readonly needed: boolean;
}

function waysOf(running: Running, { id, to, address }: PlannedEdge): Way[] {
  const { plan, leads, welcome } = running;
  const provider = plannedAs(running, to);
  if (provider === undefined) return [];
  const open = leads.atHome && welcome?.broken.every((edge) => edge.id !== id || edge.partly === true) === true;
  const needed = plan.edges.some((edge) => edge.id === id);
  return [{ to: provider, place: placeOf(running, provider), relay: open ? address : null, needed }];
}

/** What its own code chose is itself, for its processes and what they start. */
function selfRoutes(running: Running, { name }: PlannedService): Route[] {
  return boundPorts(running, name).map(({ port, at: to }) => ({ host: null, port, to, service: name }));
}

/** What other services' code chose: where it is the service itself over the edge, else (a helper, live reload) directly. */
function chosenByOthers(running: Running, { name }: PlannedService, ways: readonly Way[]): Route[] {
  const { plan, found, leads, supervisors } = running;
  const needs = new Set(ways.filter(({ needed }) => needed).map(({ to }) => to.name));
  const others = plan.services.filter((other) => other.name !== name);
  const inOrder = [...others.filter((one) => needs.has(one.name)), ...others.filter((one) => !needs.has(one.name))];
  return inOrder.flatMap((other) =>
    boundPorts(running, other.name).map(({ port, at: place }): Route => {
      const way = ways.find(({ to }) => to.name === other.name);
      const isService = placeOf(running, other).port === place.port;
      const ready = supervisors.get(other.name)?.status().state === "ready";
      const unseen =
        way === undefined &&
        ready &&
        leads.atHome &&
        !plan.explicitEdges &&
        found.get(`${name}→${other.name}`) !== null;
      const to = !isService ? place : unseen ? null : (way?.relay ?? place);
      return { host: null, port, to, service: other.name };
    }),
  );
}

/** Ports of an edge's own address where its relay may not listen: those that need rights, or are held by another program. */
function atOwnAddress({ to, relay, needed }: Way): Route[] {
  if (relay === null || !needed || relay.host === "127.0.0.1") return [];
  const standard = STANDARD_PORTS[familyOf(to.kind, to.options)];
  const ports = [...(to.expects ?? []), ...(standard === null ? [] : [standard])];
  return ports
    .filter((port) => port !== relay.port)
    .map((port) => ({ host: relay.host, port, to: relay, service: to.name }));
}

/** By the ports that the config expects; else by a kind's standard port, where that means one service alone. */
function believed(ways: readonly Way[]): Route[] {
  const needed = ways.filter((way) => way.needed);
  const said = needed.flatMap(({ to, place, relay }) =>
    (to.expects ?? []).map((port): Route => ({ host: null, port, to: relay ?? place, service: to.name })),
  );
  const standard = needed.flatMap(({ to, place, relay }): Route[] => {
    const family = familyOf(to.kind, to.options);
    const port = to.expects === undefined && family !== "http" ? STANDARD_PORTS[family] : null;
    return port === null ? [] : [{ host: null, port, to: relay ?? place, service: to.name, unlessTaken: true }];
  });
  const alone = standard.filter(({ port }) => standard.filter((other) => other.port === port).length === 1);
  return [...said, ...alone];
}

/** Services that it doesn't need and may talk to all the same. */
function unnamed(running: Running, consumer: PlannedService, edges: readonly PlannedEdge[]): Route[] {
  const { plan, found, leads, supervisors } = running;
  if (!leads.atHome || plan.explicitEdges) return [];
  return plan.services.flatMap((other): Route[] => {
    const known = other.name === consumer.name || edges.some(({ to }) => to === other.name);
    const place = placeOf(running, other);
    const ready = supervisors.get(other.name)?.status().state === "ready";
    if (known || !ready || !isLoopback(place.host) || found.get(`${consumer.name}→${other.name}`) === null) return [];
    return [{ ...at(place), to: null, service: other.name }];
  });
}

const at = ({ host, port }: Address): Pick<Route, "host" | "port"> => ({ host, port });

function placeOf({ supervisors }: Running, { name, address }: PlannedService): Address {
  return supervisors.get(name)?.followed() ?? address;
}
