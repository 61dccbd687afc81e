import type { Caller } from "../caller.ts";
import type { Exchange, PostgresExchange } from "../exchange.ts";
import type { Recorder } from "../recorder.ts";
import { fingerprint } from "../sql.ts";
import type { Note } from "../summary.ts";

/** The same query that often is worth a look. */
const OFTEN = 5;
/** Without a trace: that often within this, on one connection, ms. */
const WITHIN = 1_000;
/** Traces, and queries of each, that are counted. The oldest trace is forgotten first. */
const TRACES_MOST = 2_000;
const QUERIES_MOST = 500;
/** Queries whose fingerprint is remembered: most services say the same few over and over. */
const KNOWN_MOST = 1_000;
/** Of a query's text, characters, that are compared. */
const TEXT_MOST = 4_096;

/** Queries that differ in their values only. */
interface Group {
  count: number;
  /** Values of the first one; another's differ from them. */
  readonly values: string;
  varies: boolean;
  /** When it began: clock. */
  readonly since: number;
  readonly traced: boolean;
  /** The first ones, until they are told that there are many. */
  early: PostgresExchange[];
}

export interface Repeated {
  /** `12 times in this trace: N+1?`: the same SQL again and again, with other values. */
  readonly note: Note;
  /** Stops counting. */
  readonly close: () => void;
}

/** Counts queries as they end, by trace; those that began a trace of their own by connection. */
export function countRepeated(recorder: Recorder): Repeated {
  const traces = new Map<string, Map<string, Group>>();
  const connections = new WeakMap<Caller, Map<string, Group>>();
  const groups = new WeakMap<Exchange, Group>();
  const known = new Map<string, string>();

  function fingerprintOf(sql: string): string {
    let text = known.get(sql);
    if (text !== undefined) return text;
    text = fingerprint(sql.slice(0, TEXT_MOST));
    if (known.size >= KNOWN_MOST) known.clear();
    // A text with values in it comes once; it isn't worth its place.
    if (!sql.includes("'")) known.set(sql, text);
    return text;
  }

  function queriesOf({ trace, caller }: PostgresExchange): Map<string, Group> {
    const { traceId } = trace;
    const found = traceId === null ? connections.get(caller) : traces.get(traceId);
    if (found !== undefined) return found;
    const queries = new Map<string, Group>();
    if (traceId === null) connections.set(caller, queries);
    else {
      traces.set(traceId, queries);
      const [oldest] = traces.keys();
      if (traces.size > TRACES_MOST && oldest !== undefined) traces.delete(oldest);
    }
    return queries;
  }

  function ended(exchange: Exchange): void {
    if (exchange.protocol !== "postgres" || exchange.sql === "") return;
    const queries = queriesOf(exchange);
    const text = fingerprintOf(exchange.sql);
    const traced = exchange.trace.traceId !== null;
    const values = exchange.params.length > 0 ? exchange.params.join("\0") : exchange.sql;
    let group = queries.get(text);
    if (group === undefined || (!traced && exchange.clock - group.since > WITHIN)) {
      if (queries.size >= QUERIES_MOST && group === undefined) queries.clear();
      group = { count: 0, values, varies: false, since: exchange.clock, traced, early: [] };
      queries.set(text, group);
    }
    group.count++;
    group.varies ||= group.values !== values;
    groups.set(exchange, group);
    if (!isOften(group)) {
      if (group.early.length < OFTEN) group.early.push(exchange);
      return;
    }
    // Those that were on screen without the note get it.
    for (const one of group.early) recorder.grew(one, 0);
    group.early = [];
  }

  return {
    close: recorder.listen({ ended }),
    note: (exchange) => {
      const group = groups.get(exchange);
      if (group === undefined || !isOften(group)) return null;
      return `${group.count} times ${group.traced ? "in this trace" : "within a second"}: N+1?`;
    },
  };
}

function isOften({ count, varies }: Group): boolean {
  return count >= OFTEN && varies;
}
