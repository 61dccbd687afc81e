import type { Exchange } from "./exchange.ts";

/** How much of an edge's exchanges is kept. */
export interface CapturePolicy {
  /** False: nothing of this edge is looked at. */
  readonly on: boolean;
  /** Bytes of each body, and of each message, that are kept. */
  readonly bodies: number;
  /** Exchanges whose path begins like one of these are left out. */
  readonly skip: readonly string[];
  /** From here on an exchange is slow, ms; null: as its protocol has it. */
  readonly slow: number | null;
  /** Names of fields, parameters and columns whose values are hidden, beside those that are anyway: `ssn`, `x-internal-*`. */
  readonly redact?: readonly string[];
}

const DEFAULT_BODIES = 1024 * 1024;
export const CAPTURE_ALL: CapturePolicy = { on: true, bodies: DEFAULT_BODIES, skip: [], slow: null };
export const CAPTURE_NONE: CapturePolicy = { on: false, bodies: 0, skip: [], slow: null };

/** A service as the recorder sees it: the exchanges under way at it are what those that it makes belong to. */
export interface Place {
  /** The stack's name. */
  readonly stack: string;
  readonly service: string;
  readonly underWay: Set<Exchange>;
}

/** Whose exchanges with whom. One object as long as the edge stands. */
export interface CapturedEdge {
  /** `api→db`. */
  readonly id: string;
  readonly stack: string;
  /** A service, or `browser`: whoever comes through the door. */
  readonly from: string;
  readonly to: string;
  /** Null for browsers. */
  readonly origin: Place | null;
  readonly place: Place;
  readonly policy: CapturePolicy;
}

export function newPlace(stack: string, service: string): Place {
  return { stack, service, underWay: new Set() };
}
