import type { Address } from "../address/address.ts";
import type { Refusal } from "../guard/refusals.ts";
import type { LogLine, ServiceState } from "../stack/session.ts";

/** What home shows of itself over its API: the CLI's status table and the dashboard are drawn from this alone. */
export interface Snapshot {
  readonly home: {
    readonly pid: number;
    readonly version: string;
    readonly since: number;
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
  readonly runner: { readonly pid: number; readonly since: number };
  readonly services: readonly ServiceView[];
  readonly edges: readonly EdgeView[];
}

export interface ServiceView {
  readonly name: string;
  readonly kind: string;
  readonly protocol: "http" | "tcp" | "postgres" | "redis";
  readonly label: string;
  readonly state: ServiceState;
  /** Where the service itself listens. */
  readonly address: Address;
  /** Full host names at the door; the first is the one to show. Empty for non-HTTP services. */
  readonly names: readonly string[];
  /** `http://web.shop.localhost:62893`, or the service's own URL with the password hidden. */
  readonly url: string;
  readonly needs: readonly string[];
  readonly pid: number | null;
  readonly readyMs: number | null;
  /** Epoch ms. */
  readonly readyAt: number | null;
  readonly restarts: number;
  readonly cause: { readonly fault: string; readonly message: string; readonly hint?: string | undefined } | null;
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
  /** How it misbehaves; null: as good as it is. */
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
   * byte of the next one. Percentiles in ms, within 2.2 %. Null: none came.
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
}

/** Events of `GET /api/events` (server-sent): first a `snapshot`, then changes. */
export type HomeEvent =
  | { readonly type: "snapshot"; readonly snapshot: Snapshot }
  | { readonly type: "log"; readonly stack: string; readonly lines: readonly LogLine[] }
  /** With `traffic=1` once a second: the edges whose counters moved, perhaps none. `time` in epoch ms. */
  | { readonly type: "traffic"; readonly time: number; readonly edges: readonly EdgeTraffic[] }
  /** The guard has refused something; `GET /api/v1/guard` says what. */
  | { readonly type: "guard"; readonly total: number };
