import type { Address } from "../../address/address.ts";
import type { CapturedEdge, Place } from "../../capture/exchange.ts";
import type { Condition } from "../../conditions/conditions.ts";
import type { Relay } from "../../door/relay/relay.ts";
import type { Hello, HelloService, ProcessIdentity } from "../../stack/session/messages.ts";
import type { ServiceTraces } from "./service-traces.ts";

/** A stack whose runner has (or just had) a session with home. */
export interface LiveStack {
  /** The project's key. */
  readonly id: string;
  /** The base name granted. */
  name: string;
  readonly runner: ProcessIdentity;
  /** When this runner first registered with this home, epoch ms. */
  readonly since: number;
  /** From the runner's last `hello`. */
  facts: Omit<Hello, "services" | "edges" | "logs">;
  /** In start order. */
  readonly services: Map<string, LiveService>;
  readonly edges: Map<string, LiveEdge>;
  /** Conditions by edge, `browser→web` included; an edge without an entry has none. */
  readonly shapes: Map<string, Shape>;
  /** Relays between door and service, for edges `browser→…` that have or had conditions. */
  readonly detours: Map<string, Relay>;
  /** Edges as the recorder knows them, `browser→web` included, by id. */
  readonly captured: Map<string, CapturedEdge>;
}

export interface LiveService {
  facts: HelloService;
  /** Full names at the door. */
  names: readonly string[];
  /** Requests at the door that wait for this service: called with true once it is ready, with false if it won't be. */
  readonly waiting: Set<(ready: boolean) => void>;
  place: Place;
  /** What it reports of its own connections; null: nothing. */
  traces: ServiceTraces | null;
}

export interface LiveEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly address: Address;
  /** Further ports at that address. Absent: none. */
  readonly also?: readonly number[];
  /** It isn't in the consumer's needs. Absent: false. */
  readonly found?: true;
  /** Null where the relay could not listen. */
  readonly relay: Relay | null;
}

/** How one edge misbehaves at the moment. */
export interface Shape {
  readonly conditions: readonly Condition[];
  readonly profile: string | null;
  readonly text: string;
  /** The scenario that these come from, while it plays. */
  readonly scenario: string | null;
  /** Why the scenario's step didn't take effect; null: it did. */
  readonly failed: string | null;
}
