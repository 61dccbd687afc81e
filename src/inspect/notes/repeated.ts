import type { Caller } from "../../capture/caller.ts";
import type { Exchange, PostgresExchange } from "../../capture/exchange.ts";
import type { Recorder } from "../../capture/recorder.ts";
import { fingerprint } from "../../sql/fingerprint.ts";
import type { Note } from "../summary.ts";

/** So many times the same query is worth a note. */
const OFTEN = 5;
/** Without a trace: that often within this, on one connection, ms. */
const WITHIN = 1_000;
/** Different queries that are counted, of all traces: the oldest trace is forgotten first. And of one connection. */
const QUERIES_MOST = 20_000;
const OF_CONNECTION_MOST = 50;
/** More than the exchanges that are kept. */
const PLACES = 2 ** 17;
/** Characters of a query, or of its values, that are looked at. */
const TEXT_MOST = 4_096;

/** Queries that differ in their values only. */
interface Group {
  count: number;
  /** Of the first one's values; another's differ from them. */
  readonly values: number;
  varies: boolean;
  /** When it began: clock. */
  readonly since: number;
  readonly traced: boolean;
  /** Numbers of the first ones, until it is known that there are many. */
  early: number[];
}

export interface Repeated {
  /** `12 times in this trace: N+1?`: the same SQL again and again, with other values. */
  readonly note: Note;
  /** Stops counting. */
  readonly close: () => void;
}

/** Counts queries as they end, by trace; those that began a trace of their own by connection. */
export function countRepeated(recorder: Recorder): Repeated {
  const traces = new Map<string, Map<number, Group>>();
  const connections = new WeakMap<Caller, Map<number, Group>>();
  /** By exchanges' numbers: those in the ring have a place each. A WeakMap of that size would keep the collector busy. */
  const groups = new Array<Group | undefined>(PLACES);
  /** Groups in all traces. */
  let counted = 0;

  function queriesOf({ trace, caller }: PostgresExchange): Map<number, Group> {
    const { traceId } = trace;
    const found = traceId === null ? connections.get(caller) : traces.get(traceId);
    if (found !== undefined) return found;
    const queries = new Map<number, Group>();
    if (traceId === null) connections.set(caller, queries);
    else traces.set(traceId, queries);
    return queries;
  }

  /** Makes room for one more in `queries`. */
  function makeRoom(queries: Map<number, Group>, traced: boolean): void {
    if (!traced) {
      if (queries.size >= OF_CONNECTION_MOST) queries.clear();
      return;
    }
    counted++;
    for (const [traceId, oldest] of traces) {
      if (counted <= QUERIES_MOST) break;
      counted -= oldest.size;
      oldest.clear();
      if (oldest !== queries) traces.delete(traceId);
    }
  }

  function ended(exchange: Exchange): void {
    if (exchange.protocol !== "postgres") return;
    const queries = queriesOf(exchange);
    const print = fingerprint(exchange.sql, TEXT_MOST);
    const traced = exchange.trace.traceId !== null;
    const values = hashOf(exchange.params.length > 0 ? exchange.params.join("\0") : exchange.sql);
    let group = queries.get(print);
    if (group === undefined || (!traced && exchange.clock - group.since > WITHIN)) {
      if (group === undefined) makeRoom(queries, traced);
      group = { count: 0, values, varies: false, since: exchange.clock, traced, early: [] };
      queries.set(print, group);
    }
    group.count++;
    group.varies ||= group.values !== values;
    groups[exchange.seq % PLACES] = group;
    if (!isOften(group)) {
      if (group.early.length < OFTEN) group.early.push(exchange.seq);
      return;
    }
    // Those that were on screen without the note get it.
    for (const seq of group.early) {
      const one = recorder.ring.get(seq);
      if (one !== undefined) recorder.grew(one, 0);
    }
    group.early = [];
  }

  return {
    close: recorder.listen({ ended }),
    note: (exchange) => {
      // Its slot may be another's by its end.
      if (exchange.protocol !== "postgres" || exchange.ended === null) return null;
      const group = groups[exchange.seq % PLACES];
      if (group === undefined || !isOften(group)) return null;
      return `${group.count} times ${group.traced ? "in this trace" : "within a second"}: N+1?`;
    },
  };
}

function isOften({ count, varies }: Group): boolean {
  return count >= OFTEN && varies;
}

/** FNV-1a: whether values differ is all that is asked. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  const end = Math.min(text.length, TEXT_MOST);
  for (let at = 0; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}
