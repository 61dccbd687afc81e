import { type Fault, isFault } from "../fault/fault.ts";
import { machine } from "../machine/machine.ts";
import { doorPort } from "../state/settings.ts";
import type { State } from "../state/state.ts";
import { chooseFixed, chooseFree, chooseOwn, moveFixed, type Surroundings, stillFits } from "./choose.ts";
import type { Lease, LeaseFilter, LeaseRequest } from "./lease.ts";
import { leaseRanges, type PortRange } from "./range.ts";
import { leaseTable } from "./table.ts";

/** Who may use which address. Safe between processes: the state file's transactions decide, no daemon is needed. */
export interface Leases {
  /**
   * The holder's lease: the same address as ever if it has one that fits, else a new one that nobody has and nothing
   * listens on. Faults: LEASE_HELD, PORT_TAKEN, PORT_PRIVILEGED, LEASES_EXHAUSTED, ADDRESS_INVALID, UNSUPPORTED,
   * STATE_LOCKED, STATE_BROKEN.
   */
  take(request: LeaseRequest): Lease | Fault;
  /** All of them or, with a fault, none: one transaction, in the order asked for. Faster than one by one. */
  takeMany(requests: readonly LeaseRequest[]): Lease[] | Fault;
  /** By port, then host. */
  list(filter?: LeaseFilter): Lease[];
  /** Gives leases up and says how many. An empty filter gives up nothing. */
  release(filter: LeaseFilter): number | Fault;
}

/** How long one look at the machine's sockets and folders serves, ms: a hundred leases in a row share one look. */
const LOOK_AGE = 200;

/**
 * The leases in a state file. `range` is where ports come from, both ends included: default `COVE_LEASES`
 * (`61000-61999`), else 61000–65535 and, once that is full, 49152–60999.
 */
export function openLeases(state: State, options: { range?: PortRange } = {}): Leases {
  const table = leaseTable(state);
  const used = lastingFor(LOOK_AGE, () => machine.usedPorts());
  const goneRoots = lastingFor(LOOK_AGE, () => table.goneRoots());

  function surroundings(): Surroundings | Fault {
    const ranges = options.range === undefined ? leaseRanges(process.env) : [options.range];
    if (isFault(ranges)) return ranges;
    const door = doorPort(state);
    return isFault(door) ? door : { table, ranges, door, used, goneRoots };
  }

  function takeOne(request: LeaseRequest, around: Surroundings, moving: ReadonlySet<number>): Lease | Fault {
    const { project, holder, port, ownAddress, orAnyPort = false, takesOver } = request;
    const existing = table.find(project.key, holder);
    if (existing !== undefined) {
      if (stillFits(existing, request, around)) return table.use(existing, port !== undefined);
      table.remove(existing);
    }
    const seed = `${project.key}\0${holder}`;
    const address = ownAddress
      ? chooseOwn(seed, port, around, orAnyPort)
      : port !== undefined
        ? takesOver && moving.has(port)
          ? moveFixed(project.key, port, around)
          : chooseFixed(port, around)
        : chooseFree(seed, around);
    return isFault(address) ? address : table.add(project, holder, address, address.port === port);
  }

  function takeMany(requests: readonly LeaseRequest[]): Lease[] | Fault {
    return state.transaction(() => {
      const around = surroundings();
      if (isFault(around)) return around;
      const leases: Lease[] = [];
      const moving = portsOf(requests);
      for (const request of requests) {
        const lease = takeOne(request, around, moving);
        if (isFault(lease)) return lease;
        leases.push(lease);
      }
      return leases;
    });
  }

  /** The ports that services of these requests' projects have so far: they may go from one to another. */
  function portsOf(requests: readonly LeaseRequest[]): ReadonlySet<number> {
    const projects = new Set(requests.flatMap(({ project, takesOver }) => (takesOver ? [project.key] : [])));
    const held = [...projects].flatMap((project) => table.list({ project }));
    const moving = held.filter(({ holder, host }) => holder.startsWith("service:") && host === "127.0.0.1");
    return new Set(moving.map(({ port }) => port));
  }

  function release(filter: LeaseFilter): number | Fault {
    if (Object.values(filter).every((value) => value === undefined)) return 0;
    return state.transaction(() => {
      const leases = table.list(filter);
      for (const lease of leases) table.remove(lease);
      return leases.length;
    });
  }

  return {
    take(request) {
      const leases = takeMany([request]);
      if (isFault(leases)) return leases;
      const [lease] = leases;
      if (lease === undefined) throw new Error("a lease was taken but not given");
      return lease;
    },
    takeMany,
    list: (filter = {}) => table.list(filter),
    release,
  };
}

/** Keeps what `make` gives for `age` ms. */
function lastingFor<T>(age: number, make: () => T): () => T {
  let kept: { value: T; until: number } | undefined;
  return () => {
    const now = performance.now();
    if (kept === undefined || now >= kept.until) kept = { value: make(), until: now + age };
    return kept.value;
  };
}
