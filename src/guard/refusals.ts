import type { Fault } from "../fault/fault.ts";

/** Refusals kept, the last ones. */
const MOST = 500;

/** What was refused, to whom, and why: what the guard page shows. */
export interface Refusal {
  /** Epoch ms; of the last one where `count` is more than one. */
  readonly time: number;
  /** Epoch ms; of the first of them. */
  readonly since: number;
  readonly check: GuardCheck;
  /** `shop/api`; null where it never came to a service. */
  readonly service: string | null;
  readonly peer: { readonly address: string; readonly uid: number | null };
  /** What was asked for: `POST /cart`, `a connection to 127.0.0.1:61012`. */
  readonly what: string;
  readonly why: string;
  readonly hint: string | null;
  /** Lines for the service's entry in the config that allow it. */
  readonly allow: string | null;
  /** How often in a row. */
  readonly count: number;
}

/** How many clients a service was sent that could not be named: see UNNAMED in peer.ts. */
export interface UnnamedCount {
  /** `shop/api`. */
  readonly service: string;
  readonly count: number;
  /** Epoch ms, of the last one. */
  readonly time: number;
}

/** A bounded record of refusals. A repeated one is counted, so that a flood doesn't push the others out. */
export interface Refusals {
  readonly add: (refusal: Omit<Refusal, "time" | "since" | "count">) => void;
  /** Newest first. */
  readonly list: () => readonly Refusal[];
  /** All since the start. */
  readonly total: () => number;
  /** Notes a client that was let in to a service though it could not be named. */
  readonly unnamed: (service: string) => void;
  /** Those since the start: connections at relays, requests at the door. */
  readonly unnamedCounts: () => readonly UnnamedCount[];
}

export function createRefusals(changed: () => void, most = MOST): Refusals {
  const kept: Refusal[] = [];
  const unnamed = new Map<string, UnnamedCount>();
  let total = 0;
  return {
    add: (refusal) => {
      const last = kept.at(-1);
      const same =
        last !== undefined &&
        last.why === refusal.why &&
        last.what === refusal.what &&
        last.service === refusal.service &&
        last.peer.uid === refusal.peer.uid;
      if (same) kept.pop();
      else if (kept.length >= most) kept.shift();
      const time = Date.now();
      kept.push({ ...refusal, time, since: same ? last.since : time, count: same ? last.count + 1 : 1 });
      total++;
      changed();
    },
    list: () => [...kept].reverse(),
    total: () => total,
    unnamed: (service) => {
      unnamed.set(service, { service, count: (unnamed.get(service)?.count ?? 0) + 1, time: Date.now() });
      changed();
    },
    unnamedCounts: () => [...unnamed.values()],
  };
}

/** What refuses: one check each, one file of this folder each (`token` and `host` are judged by home and the door). */
export const GUARD_CHECKS = ["host", "cross-site", "peer", "limits", "token"] as const;

type GuardCheck = (typeof GUARD_CHECKS)[number];

/** A verdict: why something isn't let in, with the status that says so over HTTP. Null instead: it is. */
export interface GuardRefusal {
  readonly check: GuardCheck;
  readonly status: 401 | 403 | 421 | 429 | 503;
  /** `message` says what was refused and why, `hint` how to allow it. */
  readonly fault: Fault;
  /** Lines for the service's entry in the config that allow it. */
  readonly allow?: string;
}
