import { splitStatements } from "../../../sql/statements.ts";
import type { PostgresExchange } from "../../exchange.ts";
import { readBind, readName, readParse, sqlAt } from "./bodies.ts";
import type { Expected, Portal, Statement } from "./expected.ts";
import { type MessageSink, messageFramer } from "./frames.ts";
import { begin, type Session } from "./session.ts";

/** Of a statement's text that is kept, bytes: at least, and at most. */
const SQL_LEAST = 4 * 1024;
const SQL_MOST = 64 * 1024;
/** Names and lists of formats beside the values of a Bind, bytes. */
const BIND_EXTRA = 4 * 1024;
const NAME_MOST = 1_024;
/** Named statements of a connection whose text is remembered: number, and characters in all. */
const NAMED_MOST = 10_000;
const TEXTS_MOST = 8 * 1024 * 1024;

const QUERY = 0x51; // Q
const PARSE = 0x50; // P
const BIND = 0x42; // B
const DESCRIBE = 0x44; // D
const EXECUTE = 0x45; // E
const CLOSE = 0x43; // C
const SYNC = 0x53; // S
const FLUSH = 0x48; // H
const FUNCTION = 0x46; // F
const PASSWORD = 0x70; // p
const COPY_DATA = 0x64; // d
const COPY_DONE = 0x63; // c
const COPY_FAIL = 0x66; // f
const TERMINATE = 0x58; // X

/** What a Describe or Close is about; else it is a portal. */
const STATEMENT = 0x53; // S

/** One connection's consumer: what it has prepared and bound. */
interface Consumer {
  readonly session: Session;
  /** Bytes of values, and of a statement's text, that are kept. */
  readonly bodies: number;
  readonly sqlMost: number;
  readonly statements: Map<string, Statement>;
  readonly portals: Map<string, Portal>;
  /** Characters of all statements. */
  texts: number;
}

/** Reads what the consumer sends after its startup message, from the offset `start` on. False: it can't be followed any further. */
export function consumerMessages(session: Session, start: number): (bytes: Buffer) => boolean {
  const { bodies } = session.link.edge.policy;
  const consumer: Consumer = {
    ...{ session, bodies, sqlMost: Math.min(SQL_MOST, Math.max(SQL_LEAST, bodies)) },
    ...{ statements: new Map(), portals: new Map(), texts: 0 },
  };
  const sink: MessageSink = {
    wants: (type) => wants(consumer, type),
    message: (type, bytes, from, to, length, offset) => {
      session.offset = offset;
      return take(consumer, type, bytes, from, to, length + 5);
    },
  };
  return messageFramer(sink, start);
}

/** Bytes of a message of this type that are looked at; -1: there is no such message. */
function wants({ sqlMost, bodies }: Consumer, type: number): number {
  switch (type) {
    case QUERY:
      return sqlMost;
    case PARSE:
      return sqlMost + NAME_MOST;
    case BIND:
      return bodies + BIND_EXTRA;
    case DESCRIBE:
    case EXECUTE:
    case CLOSE:
      return NAME_MOST;
    case FUNCTION:
      return 4;
    case SYNC:
    case FLUSH:
    // What a password message has in it is never looked at.
    case PASSWORD:
    case COPY_DATA:
    case COPY_DONE:
    case COPY_FAIL:
    case TERMINATE:
      return 0;
    default:
      return -1;
  }
}

/** `size`: of the whole message. */
function take(consumer: Consumer, type: number, bytes: Buffer, from: number, to: number, size: number): boolean {
  const { session } = consumer;
  switch (type) {
    case QUERY:
      session.spareUp = size;
      return query(consumer, bytes, from, to);
    case PARSE:
    case BIND:
    case DESCRIBE:
    case EXECUTE:
    case CLOSE:
      session.spareUp += size;
      return session.passing || extended(consumer, type, bytes, from, to);
    case SYNC:
      session.passing = false;
      session.spareUp = 0;
      if (session.latest !== null) session.latest.bytesUp += size;
      return expect(consumer, "sync", null, null, null);
    case FUNCTION: {
      session.spareUp = size;
      const sql = `/* function ${to - from === 4 ? bytes.readUInt32BE(from) : "call"} */`;
      return expect(
        consumer,
        "function",
        null,
        null,
        begin(session, { sql, cost: 0, offset: session.offset }, session.now),
      );
    }
    case COPY_DATA:
    case COPY_DONE:
    case COPY_FAIL:
      if (session.latest !== null) session.latest.bytesUp += size;
      return true;
    default:
      return true;
  }
}

/** A message of the extended protocol that the server answers. */
function extended(consumer: Consumer, type: number, bytes: Buffer, from: number, to: number): boolean {
  switch (type) {
    case PARSE:
      return parse(consumer, bytes, from, to);
    case BIND:
      return bind(consumer, bytes, from, to);
    case DESCRIBE:
      return describe(consumer, bytes, from, to);
    case EXECUTE:
      return execute(consumer, bytes, from, to);
    default:
      return close(consumer, bytes, from, to);
  }
}

/** No statements come after the one of a message of the extended protocol: never written to. */
const NO_REST: string[] = [];

/** The server owes an answer to this. False: too many are owed. */
function expect(
  { session, bodies }: Consumer,
  kind: Expected["kind"],
  statement: Statement | null,
  portal: Portal | null,
  exchange: PostgresExchange | null,
  rest: string[] = NO_REST,
): boolean {
  const { now, offset } = session;
  return session.queue.put({
    kind,
    clock: now,
    offset,
    statement,
    portal,
    exchange,
    rest,
    room: bodies,
    fields: null,
    since: now,
    trace: exchange?.trace,
  });
}

function query(consumer: Consumer, bytes: Buffer, from: number, to: number): boolean {
  const { session } = consumer;
  const [sql = "", ...rest] = splitStatements(sqlAt(bytes, from, to).text);
  const opening = { sql, cost: sql.length, offset: session.offset };
  return expect(consumer, "query", null, null, begin(session, opening, session.now), rest);
}

function parse(consumer: Consumer, bytes: Buffer, from: number, to: number): boolean {
  const read = readParse(bytes, from, to);
  if (read === null) return false;
  const statement: Statement = { ...read, fields: null, charged: false };
  remember(consumer, statement);
  return expect(consumer, "parse", statement, null, null);
}

function bind(consumer: Consumer, bytes: Buffer, from: number, to: number): boolean {
  const { portals, bodies } = consumer;
  const read = readBind(bytes, from, to, (name) => statementOf(consumer, name).oids, bodies);
  if (read === null) return false;
  const { params, formats, cost } = read;
  const portal = { statement: statementOf(consumer, read.statement), params, formats, cost, fields: null };
  portals.delete(read.portal);
  portals.set(read.portal, portal);
  for (const [name] of portals) {
    if (portals.size <= NAMED_MOST) break;
    portals.delete(name);
  }
  return expect(consumer, "bind", portal.statement, portal, null);
}

function execute(consumer: Consumer, bytes: Buffer, from: number, to: number): boolean {
  const name = readName(bytes, from, to);
  if (name === null) return false;
  const portal = consumer.portals.get(name) ?? unboundPortal(consumer);
  const { statement, params } = portal;
  const cost = portal.cost + (statement.charged ? 0 : statement.sql.length);
  portal.cost = 0;
  statement.charged = true;
  const { session } = consumer;
  const opening = { sql: statement.sql, statement: statement.name, params, cost, offset: session.offset };
  return expect(consumer, "execute", statement, portal, begin(session, opening, session.now));
}

function describe(consumer: Consumer, bytes: Buffer, from: number, to: number): boolean {
  const name = readName(bytes, from + 1, to);
  if (name === null) return false;
  if (bytes[from] === STATEMENT) return expect(consumer, "describe", statementOf(consumer, name), null, null);
  const portal = consumer.portals.get(name) ?? null;
  return expect(consumer, "describe", portal?.statement ?? null, portal, null);
}

function close(consumer: Consumer, bytes: Buffer, from: number, to: number): boolean {
  const name = readName(bytes, from + 1, to);
  if (name === null) return false;
  if (bytes[from] === STATEMENT) forget(consumer, name);
  else consumer.portals.delete(name);
  return expect(consumer, "close", null, null, null);
}

/** One that was prepared before the capture began, or too long ago, is known only by its name. */
function statementOf({ statements }: Consumer, name: string): Statement {
  return statements.get(name) ?? { name, sql: name, oids: [], fields: null, charged: false };
}

function unboundPortal(consumer: Consumer): Portal {
  return { statement: statementOf(consumer, ""), params: [], formats: null, cost: 0, fields: null };
}

/** The oldest are forgotten when there are too many. */
function remember(consumer: Consumer, statement: Statement): void {
  const { statements } = consumer;
  forget(consumer, statement.name);
  statements.set(statement.name, statement);
  consumer.texts += statement.sql.length;
  for (const [name] of statements) {
    if (statements.size <= NAMED_MOST && consumer.texts <= TEXTS_MOST) break;
    if (name !== statement.name) forget(consumer, name);
  }
}

function forget(consumer: Consumer, name: string): void {
  const known = consumer.statements.get(name);
  if (known === undefined) return;
  consumer.statements.delete(name);
  consumer.texts -= known.sql.length;
}
