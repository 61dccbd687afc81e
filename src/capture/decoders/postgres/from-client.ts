import { splitStatements } from "../../../sql/statements.ts";
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

/** Reads what the consumer sends after its startup message. False: it can't be followed any further. */
export function consumerMessages(session: Session): (bytes: Buffer) => boolean {
  const { bodies } = session.link.edge.policy;
  const sqlMost = Math.min(SQL_MOST, Math.max(SQL_LEAST, bodies));
  const statements = new Map<string, Statement>();
  const portals = new Map<string, Portal>();
  let texts = 0;

  function push(kind: Expected["kind"], more: Partial<Expected> = {}): boolean {
    const exchange = more.exchange ?? null;
    const { statement = null, portal = null, rest = [] } = more;
    const { now } = session;
    return session.queue.put({
      kind,
      clock: now,
      statement,
      portal,
      exchange,
      rest,
      room: bodies,
      fields: null,
      since: now,
    });
  }

  function forget(name: string): void {
    const known = statements.get(name);
    if (known === undefined) return;
    statements.delete(name);
    texts -= known.sql.length;
  }

  function remember(statement: Statement): void {
    forget(statement.name);
    statements.set(statement.name, statement);
    texts += statement.sql.length;
    for (const [name] of statements) {
      if (statements.size <= NAMED_MOST && texts <= TEXTS_MOST) break;
      if (name !== statement.name) forget(name);
    }
  }

  /** One that was prepared before anyone read along, or too long ago, is known by its name. */
  function statementOf(name: string): Statement {
    return statements.get(name) ?? { name, sql: name, oids: [], fields: null, charged: false };
  }

  function query(bytes: Buffer, from: number, to: number): boolean {
    const [sql = "", ...rest] = splitStatements(sqlAt(bytes, from, to).text);
    return push("query", { rest, exchange: begin(session, { sql, cost: sql.length }, session.now) });
  }

  function bind(bytes: Buffer, from: number, to: number): boolean {
    const read = readBind(bytes, from, to, (name) => statementOf(name).oids, bodies);
    if (read === null) return false;
    const { params, formats, cost } = read;
    const portal = { statement: statementOf(read.statement), params, formats, cost, fields: null };
    portals.delete(read.portal);
    portals.set(read.portal, portal);
    for (const [name] of portals) {
      if (portals.size <= NAMED_MOST) break;
      portals.delete(name);
    }
    return push("bind", { statement: portal.statement, portal });
  }

  function execute(bytes: Buffer, from: number, to: number): boolean {
    const name = readName(bytes, from, to);
    if (name === null) return false;
    const portal = portals.get(name) ?? {
      statement: statementOf(""),
      params: [],
      formats: null,
      cost: 0,
      fields: null,
    };
    const { statement, params } = portal;
    const cost = portal.cost + (statement.charged ? 0 : statement.sql.length);
    portal.cost = 0;
    statement.charged = true;
    const opening = { sql: statement.sql, statement: statement.name, params, cost };
    return push("execute", { statement, portal, exchange: begin(session, opening, session.now) });
  }

  function describe(bytes: Buffer, from: number, to: number): boolean {
    const name = readName(bytes, from + 1, to);
    if (name === null) return false;
    if (bytes[from] === 0x53) return push("describe", { statement: statementOf(name) });
    const portal = portals.get(name) ?? null;
    return push("describe", { portal, statement: portal?.statement ?? null });
  }

  function close(bytes: Buffer, from: number, to: number): boolean {
    const name = readName(bytes, from + 1, to);
    if (name === null) return false;
    if (bytes[from] === 0x53) forget(name);
    else portals.delete(name);
    return push("close");
  }

  /** A message of the extended protocol that the server answers. */
  function extended(type: number, bytes: Buffer, from: number, to: number): boolean {
    switch (type) {
      case PARSE: {
        const read = readParse(bytes, from, to);
        if (read === null) return false;
        const statement: Statement = { ...read, fields: null, charged: false };
        remember(statement);
        return push("parse", { statement });
      }
      case BIND:
        return bind(bytes, from, to);
      case DESCRIBE:
        return describe(bytes, from, to);
      case EXECUTE:
        return execute(bytes, from, to);
      default:
        return close(bytes, from, to);
    }
  }

  const sink: MessageSink = {
    wants: (type) => {
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
    },
    message: (type, bytes, from, to, length) => {
      const size = length + 5;
      switch (type) {
        case QUERY:
          session.spareUp = size;
          return query(bytes, from, to);
        case PARSE:
        case BIND:
        case DESCRIBE:
        case EXECUTE:
        case CLOSE:
          session.spareUp += size;
          return session.passing || extended(type, bytes, from, to);
        case SYNC:
          session.passing = false;
          session.spareUp = 0;
          if (session.latest !== null) session.latest.bytesUp += size;
          return push("sync");
        case FUNCTION: {
          session.spareUp = size;
          const sql = `/* function ${to - from === 4 ? bytes.readUInt32BE(from) : "call"} */`;
          return push("function", { exchange: begin(session, { sql, cost: 0 }, session.now) });
        }
        case COPY_DATA:
        case COPY_DONE:
        case COPY_FAIL:
          if (session.latest !== null) session.latest.bytesUp += size;
          return true;
        default:
          return true;
      }
    },
  };
  return messageFramer(sink);
}
