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
  /** `shop/api`; null where no service was involved. */
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

/** How many clients of a service could not be named (see UNNAMED in peer.ts): connections at relays, requests at the door. */
export interface UnnamedCount {
  /** `shop/api`. */
  readonly service: string;
  readonly letIn: number;
  readonly refused: number;
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
  /** Counts a client of a service that could not be named. */
  readonly unnamed: (service: string, verdict: "letIn" | "refused") => void;
  /** Those since the start. */
  readonly unnamedCounts: () => readonly UnnamedCount[];
}

interface RefusalsOptions {
  /** Refusals kept. Default 500. */
  readonly most?: number;
  /** Called for every refusal. */
  readonly refused?: (refusal: Refusal) => void;
}

/** `changed` is called after each refusal and each client that could not be named. */
export function createRefusals(changed: () => void, { most = MOST, refused }: RefusalsOptions = {}): Refusals {
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
      const recorded = { ...refusal, time, since: same ? last.since : time, count: same ? last.count + 1 : 1 };
      kept.push(recorded);
      total++;
      refused?.(recorded);
      changed();
    },
    list: () => [...kept].reverse(),
    total: () => total,
    unnamed: (service, verdict) => {
      const { letIn = 0, refused = 0 } = unnamed.get(service) ?? {};
      const counts = verdict === "letIn" ? { letIn: letIn + 1, refused } : { letIn, refused: refused + 1 };
      unnamed.set(service, { service, ...counts, time: Date.now() });
      changed();
    },
    unnamedCounts: () => [...unnamed.values()],
  };
}

/** The checks that can refuse, each a file in this folder (`token` and `host` are checked by home and the door). */
export const GUARD_CHECKS = ["host", "cross-site", "peer", "limits", "token"] as const;

type GuardCheck = (typeof GUARD_CHECKS)[number];

/** Why a connection or request is refused, and the HTTP status for it. Checks return null for what they let in. */
export interface GuardRefusal {
  readonly check: GuardCheck;
  readonly status: 401 | 403 | 421 | 429 | 503;
  /** `message` says what was refused and why, `hint` how to allow it. */
  readonly fault: Fault;
  /** Lines for the service's entry in the config that allow it. */
  readonly allow?: string;
}
