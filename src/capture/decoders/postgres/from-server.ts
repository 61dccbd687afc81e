import type { ExchangeError } from "../../exchange.ts";
import { type Fields, NO_FIELDS, readError, readFields, readName, readOids, readValues, tagRows } from "./bodies.ts";
import type { Expected } from "./expected.ts";
import { messageFramer } from "./frames.ts";
import { begin, end, runningOf, type Session, setColumns } from "./session.ts";

const DESCRIPTION_MOST = 256 * 1024;
const ERROR_MOST = 16 * 1024;
const TAG_MOST = 256;
/** What a row costs beside its values, bytes. */
const ROW = 32;
/** What failed before anyone was let in. */
const CONNECT = { sql: "/* connect */", cost: 0, offset: 0 };

const AUTHENTICATION = 0x52; // R
const PARAMETER_STATUS = 0x53; // S
const KEY_DATA = 0x4b; // K
const NEGOTIATE = 0x76; // v
const NOTICE = 0x4e; // N
const NOTIFICATION = 0x41; // A
const READY = 0x5a; // Z
const ROW_DESCRIPTION = 0x54; // T
const NO_DATA = 0x6e; // n
const PARAMETERS = 0x74; // t
const DATA_ROW = 0x44; // D
const COMPLETE = 0x43; // C
const EMPTY = 0x49; // I
const SUSPENDED = 0x73; // s
const ERROR = 0x45; // E
const PARSED = 0x31; // 1
const BOUND = 0x32; // 2
const CLOSED = 0x33; // 3
const COPY_IN = 0x47; // G
const COPY_OUT = 0x48; // H
const COPY_BOTH = 0x57; // W
const COPY_DATA = 0x64; // d
const COPY_DONE = 0x63; // c
const FUNCTION_RESULT = 0x56; // V

/** A transaction's state, as ReadyForQuery has it. */
const IDLE = 0x49; // I
const IN_BLOCK = 0x54; // T
const IN_FAILED_BLOCK = 0x45; // E

/** Reads what the server answers. False: it can't be followed any further. */
export function serverMessages(session: Session): (bytes: Buffer) => boolean {
  return messageFramer({
    wants: (type, length) => wants(session, type, length),
    message: (type, bytes, from, to, length) => take(session, type, bytes, from, to, length),
  });
}

/** Bytes of a message of this type that are looked at; -1: there is no such message. */
function wants({ queue }: Session, type: number, length: number): number {
  switch (type) {
    case DATA_ROW:
      return Math.min(length, Math.max(0, queue.first()?.room ?? 0));
    case ROW_DESCRIPTION:
    case PARAMETERS:
      return DESCRIPTION_MOST;
    case ERROR:
      return ERROR_MOST;
    case COMPLETE:
      return TAG_MOST;
    case READY:
      return 1;
    case AUTHENTICATION:
    case PARAMETER_STATUS:
    case KEY_DATA:
    case NEGOTIATE:
    case NOTICE:
    case NOTIFICATION:
    case NO_DATA:
    case EMPTY:
    case SUSPENDED:
    case PARSED:
    case BOUND:
    case CLOSED:
    case COPY_IN:
    case COPY_OUT:
    case COPY_BOTH:
    case COPY_DATA:
    case COPY_DONE:
    case FUNCTION_RESULT:
      return 0;
    default:
      return -1;
  }
}

/** `length`: of the whole body. */
function take(session: Session, type: number, bytes: Buffer, from: number, to: number, length: number): boolean {
  if (type === DATA_ROW) return row(session, bytes, from, to, length);
  if (type === COPY_DATA) return copies(session, length + 5, true);
  session.spareDown += length + 5;
  switch (type) {
    case COMPLETE:
      return done(session, readName(bytes, from, to));
    case READY:
      return ready(session, bytes[from] ?? 0);
    case PARAMETERS:
      return parameters(session, readOids(bytes, from, to));
    case ROW_DESCRIPTION: {
      const fields = readFields(bytes, from, to);
      if (fields === null && to - from < DESCRIPTION_MOST) return false;
      return described(session, fields);
    }
    case NO_DATA:
      return described(session, NO_FIELDS);
    case PARSED:
      return answered(session, "parse");
    case BOUND:
      return answered(session, "bind");
    case CLOSED:
      return answered(session, "close");
    case EMPTY:
    case SUSPENDED:
      return done(session, null);
    case ERROR:
      return failed(session, readError(bytes, from, to));
    case COPY_IN:
    case COPY_OUT:
    case COPY_BOTH:
      return copies(session, 0, false);
    case FUNCTION_RESULT:
      return functionEnded(session);
    default:
      return true;
  }
}

/** What rows and ends of statements belong to now. */
function running({ queue }: Session): Expected | null {
  const expected = queue.first();
  return expected?.kind === "query" || expected?.kind === "execute" ? expected : null;
}

function answered({ queue }: Session, kind: Expected["kind"]): boolean {
  if (queue.first()?.kind !== kind) return false;
  queue.take();
  return true;
}

function row(session: Session, bytes: Buffer, from: number, to: number, length: number): boolean {
  const expected = running(session);
  if (expected === null) return false;
  const exchange = runningOf(session, expected);
  exchange.rowCount++;
  exchange.bytesDown += length + 5;
  exchange.firstByte ??= session.now - exchange.clock;
  if (from === to) return true;
  const { portal, fields } = expected;
  const known = fields ?? portal?.fields ?? portal?.statement.fields ?? NO_FIELDS;
  const formats = portal === null ? known.formats : portal.formats;
  const values = readValues(bytes, from, to, known.oids, formats, expected.room);
  if (values === null || (!values.whole && to - from === length)) return false;
  setColumns(session, exchange, known);
  exchange.rows.push(values.values);
  expected.room -= values.cost + ROW;
  session.link.recorder.grew(exchange, values.cost + ROW);
  return true;
}

/** A statement is over. */
function done(session: Session, tag: string | null): boolean {
  const expected = running(session);
  if (expected === null) return false;
  const exchange = runningOf(session, expected);
  const fields = expected.portal?.fields ?? expected.portal?.statement.fields;
  if (fields != null) setColumns(session, exchange, fields);
  exchange.tag = tag;
  if (tag !== null) {
    exchange.rowCount = tagRows(tag) ?? exchange.rowCount;
    if ((tag === "BEGIN" || tag === "START TRANSACTION") && session.block === null) session.block = ++session.blocks;
  }
  end(session, exchange);
  // ReadyForQuery has it too, but later statements may come before that.
  if (tag === "COMMIT" || (tag === "ROLLBACK" && !/\bto\b/i.test(exchange.sql))) session.block = null;
  if (expected.kind === "execute") session.queue.take();
  expected.exchange = null;
  expected.since = session.now;
  return true;
}

function failed(session: Session, error: ExchangeError): boolean {
  const expected = session.queue.first();
  // Between queries: the server shuts down, or the connection waited too long. The end of the connection reports the rest.
  if (expected === undefined) {
    if (!session.ready) end(session, begin(session, CONNECT, session.link.accepted), error);
    return true;
  }
  const { exchange, rest, kind } = expected;
  // What the end of a query or a Sync commits may fail, as with deferred constraints: then the last statement did.
  if (kind === "sync" || (kind === "query" && exchange === null && rest.length === 0)) {
    if (session.latest !== null) {
      session.latest.error ??= error;
      session.link.recorder.grew(session.latest, 0);
    }
    return true;
  }
  if (kind === "query" || kind === "function") {
    end(session, runningOf(session, expected), error);
    expected.exchange = null;
    // The other statements of the query aren't run.
    rest.length = 0;
    return true;
  }
  passOver(session, expected, error);
  return true;
}

/** The server goes on at the next Sync: what was sent before it isn't run. */
function passOver(session: Session, culprit: Expected, error: ExchangeError): void {
  const { queue } = session;
  let told = false;
  session.passing = true;
  for (let one = queue.first(); one !== undefined; one = queue.first()) {
    if (one.kind === "sync") {
      session.passing = false;
      break;
    }
    queue.take();
    if (one.exchange === null) continue;
    const own: boolean = !told && (one === culprit || one.statement === culprit.statement);
    told ||= own;
    const passed = { code: "skipped", message: "a message before it failed: the server did not run it" };
    end(session, one.exchange, own ? error : passed);
  }
  if (told) return;
  const { statement, portal } = culprit;
  const sql = statement?.sql ?? "";
  const { offset } = culprit;
  const opening = { sql, statement: statement?.name ?? "", params: portal?.params ?? [], cost: sql.length, offset };
  end(session, begin(session, opening, culprit.clock), error);
}

function ready(session: Session, status: number): boolean {
  if (status !== IDLE && status !== IN_BLOCK && status !== IN_FAILED_BLOCK) return false;
  if (status === IDLE) session.block = null;
  else session.block ??= ++session.blocks;
  session.blockTrace = status === IDLE ? null : (session.blockTrace ?? session.latest?.trace ?? null);
  session.spareDown = 0;
  if (!session.ready) {
    session.ready = true;
    return true;
  }
  const expected = session.queue.first();
  if (expected?.kind !== "query" && expected?.kind !== "sync" && expected?.kind !== "function") return false;
  // A query that isn't recorded.
  if (expected.exchange !== null) end(session, expected.exchange);
  session.queue.take();
  return true;
}

function parameters({ queue }: Session, oids: readonly number[] | null): boolean {
  const expected = queue.first();
  if (expected?.kind !== "describe" || oids === null) return false;
  if (expected.statement !== null) expected.statement.oids = oids;
  return true;
}

/** `fields`: null where there are too many to read. */
function described(session: Session, fields: Fields | null): boolean {
  const expected = session.queue.first();
  if (expected?.kind === "query") {
    const exchange = runningOf(session, expected);
    expected.fields = fields;
    if (fields !== null) setColumns(session, exchange, fields);
    return true;
  }
  if (expected?.kind !== "describe") return false;
  if (expected.portal !== null) expected.portal.fields = fields;
  else if (expected.statement !== null) expected.statement.fields = fields;
  session.queue.take();
  return true;
}

function copies(session: Session, size: number, first: boolean): boolean {
  const expected = running(session);
  if (expected === null) return false;
  const exchange = runningOf(session, expected);
  exchange.bytesDown += size;
  if (first) exchange.firstByte ??= session.now - exchange.clock;
  return true;
}

function functionEnded(session: Session): boolean {
  const expected = session.queue.first();
  if (expected?.kind !== "function" || expected.exchange === null) return false;
  end(session, expected.exchange);
  return true;
}
