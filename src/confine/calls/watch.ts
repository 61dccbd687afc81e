import type { Address } from "../../address/address.ts";
import { isLoopback } from "../../address/classify.ts";
import { machine } from "../../machine/machine.ts";
import type { Listener } from "../../machine/systems/system.ts";

/** A service whose listeners are watched. */
export interface Watched {
  /** Pids of its processes; empty while it doesn't run. Asked only when a new listener has to be attributed. */
  readonly members: () => ReadonlySet<number>;
  /** Called with its listeners on more than loopback whenever they change, sorted by port; an empty list: they are closed. */
  readonly exposed: (listeners: readonly Listener[]) => void;
  /** Called at each look with all ports that something on this machine listens on. */
  readonly ports: (listening: ReadonlySet<number>) => void;
}

/** Between looks, ms: what starts to listen and stays is reported within two seconds. Linux alone is asked without starting a program. */
const PAUSE = process.platform === "linux" ? 500 : 900;
/** A port may be given up and taken anew, wider, between two looks: each so many looks are thorough. */
const THOROUGH = 6;
/**
 * Finding who has an address takes a walk over all processes. One that belonged to none of the services several times isn't looked up
 * again, as long as its port stays taken; now and then they all are.
 */
const STRANGER = { after: 3, until: 120 };
/** A listener that is gone sooner than this was only a try for a free port, ms. */
const LASTING = 900;

/**
 * Watches what services listen on, until `stop`. A look costs one read of the kernel's table while no port comes or goes.
 * Listeners in another network namespace (a box, a container) aren't seen: nobody can reach those from outside.
 */
export function watchBinds(services: readonly Watched[]): { readonly look: () => void; readonly stop: () => void } {
  const told = new Map<Watched, string>();
  /** Addresses on more than loopback that no service listened on, and at how many looks in a row. */
  const strangers = new Map<string, { readonly port: number; looks: number }>();
  /** Listeners of services on more than loopback, and when each was first seen, performance.now(). */
  let seen = new Map<string, number>();
  let ports = new Set<number>();
  let looks = 0;
  let pending = false;

  function look(): void {
    const now = machine.listeningPorts();
    const same = now.size === ports.size && [...now].every((port) => ports.has(port));
    ports = now;
    for (const service of services) service.ports(now);
    for (const [place, { port }] of strangers) if (!ports.has(port)) strangers.delete(place);
    if (++looks % STRANGER.until === 0) strangers.clear();
    if (same && !pending && looks % THOROUGH !== 1) return;
    const wanted = (address: Address) =>
      !isLoopback(address.host) && (strangers.get(placeOf(address))?.looks ?? 0) < STRANGER.after;
    const wide = machine.listeners(0, wanted).filter(({ address, pid }) => pid !== null && wanted(address));
    const claimed = new Set<string>();
    wide.sort((a, b) => a.address.port - b.address.port);
    const at = performance.now();
    const since = new Map(wide.map((one) => [keyOf(one), seen.get(keyOf(one)) ?? at]));
    seen = since;
    const lasts = (one: Listener) => at - (since.get(keyOf(one)) ?? at) >= LASTING;
    pending = false;
    for (const service of services) {
      const before = told.get(service) ?? "";
      if (wide.length === 0 && before === "") continue;
      const members = service.members();
      const own = wide.filter(({ pid }) => pid !== null && members.has(pid));
      for (const { address } of own) claimed.add(placeOf(address));
      const found = own.filter(lasts);
      pending ||= found.length < own.length;
      const key = found.map(keyOf).join();
      if (key === before) continue;
      told.set(service, key);
      service.exposed(found);
    }
    for (const { address } of wide) {
      const place = placeOf(address);
      if (claimed.has(place)) strangers.delete(place);
      else strangers.set(place, { port: address.port, looks: (strangers.get(place)?.looks ?? 0) + 1 });
    }
  }

  const timer = setInterval(look, PAUSE);
  timer.unref();
  return { look, stop: () => clearInterval(timer) };
}

const keyOf = ({ address, pid }: Listener): string => `${placeOf(address)} ${pid}`;

const placeOf = ({ host, port }: Address): string => `${host} ${port}`;
