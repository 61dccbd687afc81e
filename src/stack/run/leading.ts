import type { Address } from "../../address/address.ts";
import { isLoopback } from "../../address/classify.ts";
import type { Leading } from "../../confine/calls/launch.ts";
import type { Route } from "../../confine/calls/routes.ts";
import { familyOf } from "../../services/kind/edge-facts.ts";
import { STANDARD_PORTS } from "../../services/kind/standard-ports.ts";
import type { PlannedEdge } from "../plan/places.ts";
import type { PlannedService } from "../plan/plan.ts";
import { addFound } from "./found-edges.ts";
import { foundEdges, plannedAs, type Running } from "./running.ts";

/** Where connects of a service are led, as the stack changes. */
export function leadingOf(running: Running, service: string): Leading {
  const { listeners } = running.leads;
  const routes = () => {
    const planned = plannedAs(running, service);
    return planned === undefined ? [] : routesOf(running, planned);
  };
  return {
    routes,
    watch: (changed) => {
      let told = JSON.stringify(routes());
      const look = () => {
        const now = JSON.stringify(routes());
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
  if (plan.explicitEdges) return [];
  const edges = [...plan.edges, ...foundEdges(running)].filter(({ from }) => from === consumer.name);
  const ways = edges.flatMap((edge) => waysOf(running, edge));
  const own = placeOf(running, consumer);
  const routes = [
    ...ways.flatMap(({ to, place, relay }) => (relay === null ? [] : [{ ...at(place), to: relay, service: to.name }])),
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
  const open = leads.atHome && welcome?.broken.every((edge) => edge.id !== id) === true;
  const needed = plan.edges.some((edge) => edge.id === id);
  return [{ to: provider, place: placeOf(running, provider), relay: open ? address : null, needed }];
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
  if (!leads.atHome) return [];
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
