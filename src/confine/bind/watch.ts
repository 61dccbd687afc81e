import { isLoopback } from "../../address/classify.ts";
import { machine } from "../../machine/machine.ts";
import type { Listener } from "../../machine/systems/system.ts";

/** A service whose listeners are watched. */
export interface Watched {
  /** Pids of its processes; empty while it doesn't run. Asked only when a new listener has to be told from a stranger's. */
  readonly members: () => ReadonlySet<number>;
  /** Told of its listeners on more than loopback whenever they change, sorted by port; none: they are gone. */
  readonly exposed: (listeners: readonly Listener[]) => void;
}

/** Between looks, ms: what starts to listen is reported within a second. Linux alone is asked without starting a program. */
const PAUSE = process.platform === "linux" ? 500 : 900;
/** A port may be given up and taken anew, wider, between two looks: each so many looks are thorough. */
const THOROUGH = 6;

/**
 * Watches what services listen on, until `stop`. A look costs one read of the kernel's table while no port comes or goes.
 * Listeners in another network namespace (a box, a container) aren't seen: nobody can reach those from outside.
 */
export function watchBinds(services: readonly Watched[]): { readonly look: () => void; readonly stop: () => void } {
  const told = new Map<Watched, string>();
  let ports = new Set<number>();
  let looks = 0;

  function look(): void {
    const now = machine.listeningPorts();
    const same = now.size === ports.size && [...now].every((port) => ports.has(port));
    ports = now;
    if (same && looks++ % THOROUGH !== 0) return;
    const wide = machine.listeners().filter(({ address, pid }) => pid !== null && !isLoopback(address.host));
    wide.sort((a, b) => a.address.port - b.address.port);
    for (const service of services) {
      const before = told.get(service) ?? "";
      if (wide.length === 0 && before === "") continue;
      const members = service.members();
      const found = wide.filter(({ pid }) => pid !== null && members.has(pid));
      const key = found.map(({ address, pid }) => `${address.host} ${address.port} ${pid}`).join();
      if (key === before) continue;
      told.set(service, key);
      service.exposed(found);
    }
  }

  const timer = setInterval(look, PAUSE);
  timer.unref();
  return { look, stop: () => clearInterval(timer) };
}
