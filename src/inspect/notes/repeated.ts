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
/** Numbers of queries that are remembered until it is known that there are many. */
const EARLY_MOST = OFTEN * 8;
/** Not those that only ask the server something, such as `SELECT 1`, or `BEGIN`. */
const OF_TABLE = /\b(?:from|into|update)\b/i;
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
  readonly where: Where;
  /** They read or write a table: the same again with the same values counts, too. */
  readonly ofTable: boolean;
  /** Numbers of the first ones, until it is known that there are many. */
  early: number[];
}

/**
 * What queries are counted in: a trace; where they have none a second of one connection; where it is a guess, the requests
 * that come into question.
 */
type Where = { readonly of: "trace" | "connection" } | { readonly of: "requests"; readonly count: number };

export interface Repeated {
  /** `12 times in this trace: N+1?`: the same SQL again and again, with the same values or others. */
  readonly note: Note;
  /** Stops counting. */
  readonly close: () => void;
}

const IN_TRACE: Where = { of: "trace" };
const ON_CONNECTION: Where = { of: "connection" };

/** Null: it may be any of too many requests, and is counted in none. */
function whereOf({ trace: { traceId, guess } }: PostgresExchange): Where | null {
  if (traceId !== null) return IN_TRACE;
  if (guess === null) return ON_CONNECTION;
  return guess.candidates.length === 0 ? null : { of: "requests", count: guess.count };
}

/** Counts queries as they end, by trace; those that began a trace of their own by connection. */
export function countRepeated(recorder: Recorder): Repeated {
  /** By traces' ids, or the candidates' numbers. */
  const traces = new Map<string, Map<number, Group>>();
  const connections = new WeakMap<Caller, Map<number, Group>>();
  /** By exchanges' numbers: those in the ring have a place each. A WeakMap of that size would keep the collector busy. */
  const groups = new Array<Group | undefined>(PLACES);
  /** Groups in all traces. */
  let counted = 0;

  function queriesOf({ trace, caller }: PostgresExchange): Map<number, Group> {
    const key = trace.traceId ?? trace.guess?.candidates.map(({ seq }) => seq).join() ?? null;
    const found = key === null ? connections.get(caller) : traces.get(key);
    if (found !== undefined) return found;
    const queries = new Map<number, Group>();
    if (key === null) connections.set(caller, queries);
    else traces.set(key, queries);
    return queries;
  }

  /** Makes room for one more in `queries`. */
  function makeRoom(queries: Map<number, Group>, where: Where): void {
    if (where.of === "connection") {
      if (queries.size >= OF_CONNECTION_MOST) queries.clear();
      return;
    }
    counted++;
    for (const [key, oldest] of traces) {
      if (counted <= QUERIES_MOST) break;
      counted -= oldest.size;
      oldest.clear();
      if (oldest !== queries) traces.delete(key);
    }
  }

  function groupOf(exchange: PostgresExchange, where: Where, values: number): Group {
    const queries = queriesOf(exchange);
    const print = fingerprint(exchange.sql, TEXT_MOST);
    const known = queries.get(print);
    const over = where.of === "connection" && known !== undefined && exchange.clock - known.since > WITHIN;
    if (known !== undefined && !over) return known;
    if (known === undefined) makeRoom(queries, where);
    const ofTable = OF_TABLE.test(exchange.sql.slice(0, TEXT_MOST));
    const made: Group = { count: 0, values, varies: false, since: exchange.clock, where, ofTable, early: [] };
    queries.set(print, made);
    return made;
  }

  function ended(exchange: Exchange): void {
    if (exchange.protocol !== "postgres") return;
    // Its place may still have another's group.
    groups[exchange.seq % PLACES] = undefined;
    const where = whereOf(exchange);
    if (where === null) return;
    const values = hashOf(exchange.params.length > 0 ? exchange.params.join("\0") : exchange.sql);
    const group = groupOf(exchange, where, values);
    group.count++;
    group.varies ||= group.values !== values;
    groups[exchange.seq % PLACES] = group;
    if (!isOften(group)) {
      if (group.early.length < EARLY_MOST) group.early.push(exchange.seq);
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
      return group === undefined || !isOften(group) ? null : noteOf(group);
    },
  };
}

/** Of several requests that may have sent them, one sent `OFTEN` at least. */
function isOften({ count, varies, ofTable, where }: Group): boolean {
  return count >= OFTEN * (where.of === "requests" ? where.count : 1) && (varies || ofTable);
}

function noteOf({ count, varies, where }: Group): string {
  const times = `${count} times${varies ? "" : " with the same values"}`;
  switch (where.of) {
    case "trace":
      return `${times} in this trace: N+1?`;
    case "connection":
      return `${times} within a second: N+1?`;
    case "requests":
      return `${times}, perhaps ${where.count === 1 ? "in one request" : `of one of ${where.count} requests`}: N+1?`;
  }
}

/** FNV-1a: whether values differ is all that is asked. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  const end = Math.min(text.length, TEXT_MOST);
  for (let at = 0; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}
