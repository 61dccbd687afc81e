import type { Claims } from "../capture/claim.ts";
import { type ConnectionClaims, connectionClaims } from "./connection-claims.ts";
import type { Ports, Span, TraceRecord } from "./records.ts";

/**
 * A connection's first report and its first bytes come on two ways: so long one may be ahead of the other, ms. Later on they
 * are of different connections, one of which had the other's ports before.
 */
const APART_MOST = 2_000;
/** Connections that were reported and that no relay has seen: those to ports that aren't Cove's, too. */
const REPORTED_MOST = 1_000;
/** What is kept of each of them. */
const EARLY_MOST = 1_000;
/** Processes of a service, and libraries, that are remembered. */
const NAMES_MOST = 100;

/** A process of a service in which a preload runs. */
export interface TracedProcess {
  readonly pid: number;
  /** `node`, `python`. */
  readonly runtime: string;
  readonly version: string;
  /** Those that are followed in it. */
  readonly libraries: readonly string[];
}

/** What the preloads in one service report, joined with the connections that relays accept from it. */
export interface ServiceClaims {
  readonly take: (record: TraceRecord) => void;
  /** A relay accepted a connection from the port `local`. */
  readonly accepted: (ports: Ports) => Claims;
  readonly processes: () => readonly TracedProcess[];
}

/** A connection that no relay has seen yet. */
interface Reported {
  readonly since: number;
  readonly early: { readonly measure: "bytes" | "time"; readonly span: Span }[];
}

interface State {
  /** By both ports: those that relays know, and those that are only reported. */
  readonly open: Map<string, ConnectionClaims>;
  readonly reported: Map<string, Reported>;
  readonly processes: Map<number, { runtime: string; version: string; libraries: Set<string> }>;
}

const key = ({ local, remote }: Ports) => `${local} ${remote}`;

export function serviceClaims(): ServiceClaims {
  const state: State = { open: new Map(), reported: new Map(), processes: new Map() };
  return {
    take: (record) => take(state, record),
    accepted: (ports) => accepted(state, key(ports)),
    processes: () =>
      [...state.processes].map(([pid, { libraries, ...rest }]) => ({ pid, ...rest, libraries: [...libraries] })),
  };
}

function accepted(state: State, ports: string): Claims {
  const { open, reported, processes } = state;
  const since = performance.now();
  const connection = connectionClaims({
    mayBeNamed: () => processes.size > 0 && performance.now() - since < APART_MOST,
    micros: microsAt,
    closed: () => {
      if (open.get(ports) === connection) open.delete(ports);
    },
  });
  open.set(ports, connection);
  const named = reported.get(ports);
  reported.delete(ports);
  if (named !== undefined && since - named.since < APART_MOST) {
    connection.match();
    for (const { measure, span } of named.early) connection.report(measure, span);
  }
  return connection;
}

function take(state: State, record: TraceRecord): void {
  const { processes } = state;
  switch (record.kind) {
    case "hello": {
      const { pid, runtime, version } = record;
      // Each thread of a process says it.
      if (processes.get(pid)?.version === version) return;
      processes.delete(pid);
      processes.set(pid, { runtime, version, libraries: new Set() });
      dropOldest(processes, NAMES_MOST);
      return;
    }
    case "library": {
      const libraries = processes.get(record.pid)?.libraries;
      if (libraries !== undefined && libraries.size < NAMES_MOST) libraries.add(record.library);
      return;
    }
    case "opened":
      return opened(state, key(record));
    case "closed":
      state.reported.delete(key(record));
      return;
    default: {
      const ports = key(record);
      const early = state.reported.get(ports)?.early;
      const connection = state.open.get(ports);
      if (early !== undefined && early.length < EARLY_MOST) early.push({ measure: record.kind, span: record.span });
      else if (early === undefined && connection?.isMatched() === true) connection.report(record.kind, record.span);
    }
  }
}

/** The process has opened a connection; its relay may have seen it already. */
function opened({ open, reported }: State, ports: string): void {
  const connection = open.get(ports);
  if (connection !== undefined && !connection.isMatched()) return connection.match();
  // The one that is open is an earlier one, whose end the relay hasn't seen yet.
  reported.delete(ports);
  reported.set(ports, { since: performance.now(), early: [] });
  dropOldest(reported, REPORTED_MOST);
}

function dropOldest<Key>(map: Map<Key, unknown>, most: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}

/** The same clock counts from the process's start, and from the machine's: their difference, microseconds. */
const START = startMicros();

function startMicros(): number {
  const micros = () => Number(process.hrtime.bigint()) / 1_000;
  let start = 0;
  for (let least = Number.POSITIVE_INFINITY, tries = 0; tries < 10; tries++) {
    const before = micros();
    const now = performance.now() * 1_000;
    const took = micros() - before;
    if (took >= least) continue;
    least = took;
    start = before + took / 2 - now;
  }
  return start;
}

function microsAt(clock: number): number {
  return Math.floor(START + clock * 1_000);
}
