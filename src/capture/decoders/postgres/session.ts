import { type Queue, queue } from "../../../async/queue.ts";
import { traceParentInSql, withoutPasswords } from "../../../sql/statements.ts";
import { type DecoderLink, PENDING_MOST } from "../../decoder.ts";
import type { ExchangeError, PostgresExchange } from "../../exchange.ts";
import { parseTraceParent } from "../../trace.ts";
import type { TraceLink } from "../../trace-link.ts";
import type { Fields } from "./bodies.ts";
import type { Expected } from "./expected.ts";

/** One connection past its startup message. */
export interface Session {
  readonly link: DecoderLink;
  readonly database: string | null;
  readonly user: string | null;
  /** What the server has still to answer. */
  readonly queue: Queue<Expected>;
  /** Clock of the bytes at hand. */
  now: number;
  /** In what the consumer sent: of its message at hand. */
  offset: number;
  /** The server let the user in. */
  ready: boolean;
  /** After an error the server passes over all up to the next Sync. */
  passing: boolean;
  /** Number of the transaction block that the connection is in, and how many there were. */
  block: number | null;
  blocks: number;
  /** Where the block belongs; null outside of one. */
  blockTrace: TraceLink | null;
  /** Bytes of messages that belong to the next exchange. */
  spareUp: number;
  spareDown: number;
  /** The latest that began: what is sent in a COPY is its. */
  latest: PostgresExchange | null;
}

export function newSession(link: DecoderLink, user: string | null, database: string | null): Session {
  return {
    ...{
      link,
      user,
      database,
      queue: queue<Expected>(PENDING_MOST),
      now: 0,
      offset: 0,
      ready: false,
      passing: false,
      block: null,
      blocks: 0,
      blockTrace: null,
    },
    ...{ spareUp: 0, spareDown: 0, latest: null },
  };
}

interface Begin {
  readonly sql: string;
  readonly statement?: string | null;
  readonly params?: readonly (string | null)[];
  /** Bytes to charge for what it keeps. */
  readonly cost: number;
  /** Of the message that it was sent in. */
  readonly offset: number;
  /** Of the statement that it came with. */
  readonly trace?: TraceLink | undefined;
}

export function begin(session: Session, opening: Begin, clock: number) {
  const { sql, statement = null, params = [], cost, trace, offset } = opening;
  const { link, database, user, block } = session;
  const { recorder, edge, caller } = link;
  const said = traceParentInSql(sql);
  const exchange = recorder.begin<PostgresExchange>(
    {
      protocol: "postgres",
      edge,
      caller,
      sql: withoutPasswords(sql),
      statement,
      params,
      columns: [],
      rows: [],
      rowCount: 0,
      tag: null,
      transaction: block,
      database,
      user,
      bytesUp: session.spareUp,
      bytesDown: 0,
    },
    clock,
    said === null ? null : parseTraceParent(said),
    trace ?? session.blockTrace,
    link.claims?.at(offset, clock),
  );
  if (block !== null) session.blockTrace = exchange.trace;
  exchange.connected = 0;
  session.spareUp = 0;
  session.latest = exchange;
  recorder.grew(exchange, cost);
  return exchange;
}

/** The exchange that a message of the server belongs to: the next statement of a query begins where the last one ended. */
export function runningOf(session: Session, expected: Expected): PostgresExchange {
  if (expected.exchange !== null) return expected.exchange;
  const sql = expected.rest.shift() ?? "";
  const { offset, trace } = expected;
  expected.exchange = begin(session, { sql, cost: sql.length, offset, trace }, expected.since);
  expected.fields = null;
  expected.room = session.link.edge.policy.bodies;
  return expected.exchange;
}

export function end(session: Session, exchange: PostgresExchange, error: ExchangeError | null = null): void {
  exchange.bytesDown += session.spareDown;
  session.spareDown = 0;
  exchange.transaction = session.block;
  session.link.recorder.end(exchange, session.now, error);
}

export function setColumns(session: Session, exchange: PostgresExchange, { names }: Fields): void {
  if (exchange.columns.length > 0) return;
  exchange.columns = names;
  let cost = 0;
  for (const name of names) cost += 16 + name.length;
  session.link.recorder.grew(exchange, cost);
}

/** Ends all that is under way. */
export function endAll(session: Session, error: ExchangeError): void {
  const { queue } = session;
  for (let one = queue.take(); one !== undefined; one = queue.take()) {
    if (one.exchange !== null) end(session, one.exchange, error);
  }
}
