import type { Address } from "../../address/address.ts";
import type { Finding } from "../../audit/finding.ts";
import type { Firewall } from "../../audit/firewall.ts";
import type { Refusal, UnnamedCount } from "../../guard/refusals.ts";
import type { ExchangeSummary } from "../../inspect/summary.ts";
import type { ConflictKind } from "../../machine/port-conflicts.ts";
import type { PortRow } from "../../ports/row.ts";
import type { HelloService, LogLine, ServiceState } from "../../stack/session/messages.ts";

/** What home shows of itself over its API: the CLI's status table and the dashboard are drawn from this alone. */
export interface Snapshot {
  readonly home: {
    readonly pid: number;
    readonly version: string;
    /** Epoch ms. */
    readonly startedAt: number;
    readonly door: Address;
    readonly url: string;
  };
  readonly stacks: readonly StackView[];
  /** Services that run by themselves and were given a name (`cove alias`). */
  readonly aliases: readonly AliasView[];
}

export interface StackView {
  /** The project's key. */
  readonly id: string;
  /** The granted base name: `shop`, `feature-x.shop`. */
  readonly name: string;
  readonly single: boolean;
  readonly root: string;
  readonly branch: string | null;
  readonly file: string | null;
  readonly runner: { readonly pid: number; readonly startedAt: number };
  readonly services: readonly ServiceView[];
  readonly edges: readonly EdgeView[];
}

export interface ServiceView {
  readonly name: string;
  readonly kind: string;
  readonly protocol: "http" | "tcp" | "postgres" | "redis";
  readonly label: string;
  readonly state: ServiceState;
  /** Where the service itself listens, be it where it was told to or elsewhere. */
  readonly address: Address;
  /** Full host names at the door; the first is the one to show. Empty for non-HTTP services. */
  readonly names: readonly string[];
  /** `http://web.shop.localhost:62893`, or the service's own URL with the password hidden. Null: it listens on no port. */
  readonly url: string | null;
  readonly needs: readonly string[];
  readonly pid: number | null;
  readonly readyMs: number | null;
  /** Epoch ms. */
  readonly readyAt: number | null;
  readonly restarts: number;
  /** It runs, but isn't ready though its time for that is over. Absent: false. */
  readonly overdue?: boolean | undefined;
  /** Whether its programs report for which request they send what. Absent: it sends nothing to anybody. */
  readonly tracing?: TracingView | undefined;
  readonly cause: { readonly fault: string; readonly message: string; readonly hint?: string | undefined } | null;
}

export interface TracingView {
  /** One of its processes reports. */
  readonly reports: boolean;
  /** What reports, or why nothing does: `node 24.1.0 (pid 4711): pg, ioredis`. */
  readonly text: string;
}

export interface EdgeView {
  readonly id: string;
  /** A service, or `browser` for the way through the door. */
  readonly from: string;
  readonly to: string;
  /** The relay's address; for `browser` the door's. */
  readonly address: Address;
  /** Connections open now. */
  readonly connections: number;
  /** Bytes since the relay was opened, consumer to service and back. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** It isn't in the consumer's needs: its connections were seen. Absent: false. */
  readonly found?: true | undefined;
  /** How it misbehaves; null: no conditions. */
  readonly shape: ShapeView | null;
}

/** What passed over an edge since the event before. */
export interface EdgeTraffic {
  readonly stack: string;
  readonly edge: string;
  readonly connections: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  /**
   * How long its answers took, conditions included: from the first byte that the consumer sends after an answer to the first
   * byte of the next one. Percentiles in ms, within 4.4 %, exact where all are alike. Null: none came.
   */
  readonly turns: { readonly count: number; readonly p50: number; readonly p95: number } | null;
}

export interface ShapeView {
  /** As people write conditions: `latency=200±50 loss=2%`. Empty: a scenario plays that has none at the moment. */
  readonly text: string;
  readonly profile: string | null;
  /** The scenario that plays here. */
  readonly scenario: string | null;
  /** What the edge carries, where conditions are about HTTP and do nothing since it isn't that. */
  readonly noHttp?: "tls" | "other" | undefined;
  /** Why the scenario's step at the moment has no effect, where it failed. */
  readonly failed?: string | undefined;
}

export interface AliasView {
  readonly name: string;
  readonly names: readonly string[];
  readonly url: string;
  readonly address: Address;
}

/** One variable as shown: secrets are hidden unless revealed one by one. */
export interface EnvView {
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
}

/** What the guard refused: `GET /api/v1/guard`. */
export interface GuardView {
  /** `exact`: every connection's user is known. `unavailable`: this system can't tell whose a connection is. */
  readonly peerCheck: "exact" | "unavailable";
  /** All since home started. */
  readonly total: number;
  /** The last 500, newest first. */
  readonly refusals: readonly Refusal[];
  /** Clients that closed before their user could be looked up, by service, since home started. */
  readonly unnamed: readonly UnnamedCount[];
  /** Every service that is up, and how it is kept. */
  readonly services: readonly GuardedService[];
}

export interface GuardedService {
  /** The stack's id, and the name that it was granted. */
  readonly stack: string;
  readonly stackName: string;
  readonly service: string;
  readonly kind: string;
  /** See `HelloService.bind`; null: Cove doesn't start it. */
  readonly bind: NonNullable<HelloService["bind"]> | null;
  /** What it listens on beyond loopback all the same, and what to type instead. */
  readonly exposed: { readonly message: string; readonly hint: string | null } | null;
  /** Pages outside the stack that may ask it. */
  readonly origins: readonly string[];
  /** Users besides this one and root that may use it: names, else uids. */
  readonly users: readonly string[];
  /** The only programs that may; null: any. */
  readonly programs: readonly string[] | null;
}

/** Who listens on this machine, and how its ports are divided: `GET /api/v1/ports`. */
export interface PortsView {
  /** TCP and UDP, by port. */
  readonly listeners: readonly PortRow[];
  /** TCP ports that several processes hold. */
  readonly conflicts: readonly {
    readonly port: number;
    readonly kind: ConflictKind;
    readonly between: readonly { readonly host: string; readonly pids: readonly number[] }[];
  }[];
  readonly leases: readonly LeaseView[];
  /** Where new leases come from; both ends included. */
  readonly leaseRange: readonly [number, number];
  /** Ports that the system gives to outgoing connections; null where it doesn't say. */
  readonly ephemeral: readonly [number, number] | null;
  /** The lowest port that this user may listen on. */
  readonly unprivilegedFrom: number;
  /** What can't be seen, and what would help. */
  readonly notes: readonly string[];
}

export interface LeaseView extends Address {
  /** `service:web`, `edge:api→db`. */
  readonly holder: string;
  readonly root: string;
}

/** What others can reach or read: `GET /api/v1/audit`. */
export interface AuditView {
  /** Worst first. */
  readonly findings: readonly Finding[];
  readonly firewall: Firewall;
  /** Listeners and containers that were looked at. */
  readonly looked: { readonly listeners: number; readonly containers: number };
  readonly seesAllProcesses: boolean;
}

/** Events of `GET /api/v1/events` (server-sent): first a `snapshot`, then changes. */
export type HomeEvent =
  | { readonly type: "snapshot"; readonly snapshot: Snapshot }
  | { readonly type: "log"; readonly stack: string; readonly lines: readonly LogLine[] }
  /** With `traffic=1` once a second: the edges whose counters moved, perhaps none. `time` in epoch ms. */
  | { readonly type: "traffic"; readonly time: number; readonly edges: readonly EdgeTraffic[] }
  /** The guard has refused something; `GET /api/v1/guard` says what. */
  | { readonly type: "guard"; readonly total: number };

/** A scenario that plays on some edges. */
export interface Played {
  readonly name: string;
  readonly seed: number;
  /** ms. */
  readonly length: number;
  readonly edges: readonly string[];
}

/** `GET /api/v1/health`. */
export interface HomeHealth {
  readonly version: string;
  readonly pid: number;
  /** Start stamp as `machine.startStamp` gives it. */
  readonly started: string;
  /** The door's port. */
  readonly port: number;
  /** True while it takes stacks down and ends. */
  readonly stopping: boolean;
}

/** Events of `GET /api/v1/exchanges/stream`. */
export type ExchangeEvent =
  | {
      readonly type: "exchanges";
      readonly exchanges: readonly ExchangeSummary[];
      /** Further ones that changed and are left out. */
      readonly skipped: number;
      readonly oldest: number;
      readonly newest: number;
    }
  /** What is held, or what is to be held, is different now. */
  | { readonly type: "held"; readonly count: number };
