import type { SQLInputValue } from "node:sqlite";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { nearest } from "../../fault/spelling.ts";
import { type Database, openDatabase } from "../../state/database.ts";
import { type Rows, split } from "./batch.ts";
import { evict } from "./evict.ts";
import { MIGRATIONS } from "./schema.ts";

/**
 * Recordings lie beside the state in a file of their own: SQLite has one writer at a time, and with 40 MB/s of exchanges
 * going into the state's file, other processes waited up to 323 ms for a lease (p99 99 ms; 11 ms with two files).
 */
export const RECORDINGS_FILE = "recordings.sqlite";
/** A page of exchanges ends with the one that passes this, bytes. */
const PAGE_BYTES = 8 * 1024 * 1024;

/** What is known of a recording. */
export interface RecordingInfo {
  readonly name: string;
  /** The filter's text; empty: everything. */
  readonly filter: string;
  /** Epoch ms: when it was started last, and when it ended. Null: it runs, or its home was killed. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** What it holds. */
  readonly exchanges: number;
  readonly bytes: number;
  /** Exchanges that came faster than they could be written. */
  readonly dropped: number;
  /** Exchanges that made room for others. */
  readonly evicted: number;
}

interface Batch extends Rows {
  /** The highest number among them. */
  readonly top: number;
}

interface Page extends Rows {
  /** Where the next page begins; null: that was the last. */
  readonly next: number | null;
}

/** The recordings' file. Everything here blocks its thread: home has it in one of its own. */
export interface RecordingStore {
  /** Begins a recording, or goes on with one. Returns its id, and what its exchanges' numbers are shifted by. */
  start(name: string, filter: string, home: string, at: number): { id: number; shift: number } | Fault;
  /** Writes exchanges, then makes room if they are more than the budget allows. */
  write(id: number, batch: Batch): RecordingInfo | Fault;
  /** It is over; `dropped`: how many were left out since it began. */
  stop(id: number, at: number, dropped: number): RecordingInfo | Fault;
  /** Ordered by their last start. */
  list(): RecordingInfo[] | Fault;
  /** Faults: RECORDING_UNKNOWN. */
  remove(name: string): RecordingInfo | Fault;
  /** Exchanges in the order in which they ended, from `after` on. Faults: RECORDING_UNKNOWN. */
  read(name: string, after: number, limit: number): Page | Fault;
  close(): void;
}

export interface StoreOptions {
  /** The state folder. */
  readonly folder: string;
  /** Bytes of the file that recordings may fill. */
  readonly budget: number;
  /** How long a write waits for other processes, ms. */
  readonly lockTimeout: number;
}

/** Faults: STATE_LOCKED, STATE_BROKEN. */
export function openRecordingStore({ folder, budget, lockTimeout }: StoreOptions): RecordingStore | Fault {
  const database = openDatabase({
    folder,
    name: RECORDINGS_FILE,
    migrations: MIGRATIONS,
    lockTimeout,
    loss: "it keeps the damaged file aside; recordings alone are in it",
    // Pages of what was deleted can be given back, a few at a time.
    first: "PRAGMA auto_vacuum = INCREMENTAL",
  });
  if (isFault(database)) return database;
  database.db.exec(`PRAGMA journal_size_limit = ${16 * 1024 * 1024}`);
  return storeOver(database, budget);
}

function storeOver(database: Database, budget: number): RecordingStore {
  const { db } = database;
  const insert = db.prepare("INSERT INTO exchanges (recording, size, text, bytes) VALUES (?, ?, ?, ?)");
  const row = (where: "id" | "name", is: SQLInputValue) =>
    db.prepare(`SELECT * FROM recordings WHERE ${where} = ?`).get(is);
  const info = (id: number): RecordingInfo => infoOf(row("id", id) ?? {});

  return {
    start: (name, filter, home, at) =>
      database.transaction(() => {
        const known = row("name", name);
        if (known === undefined) {
          const { lastInsertRowid } = db
            .prepare("INSERT INTO recordings (name, filter, started_at, home, shift, top) VALUES (?, ?, ?, ?, 0, 0)")
            .run(name, filter, at, home);
          return { id: Number(lastInsertRowid), shift: 0 };
        }
        const id = Number(known.id);
        const shift = known.home === home ? Number(known.shift) : Number(known.top);
        db.prepare(
          "UPDATE recordings SET filter = ?, started_at = ?, ended_at = NULL, home = ?, shift = ? WHERE id = ?",
        ).run(filter, at, home, shift, id);
        return { id, shift };
      }),
    write: (id, batch) =>
      database.transaction(() => {
        let total = 0;
        for (const [text, bytes] of split(batch)) {
          const size = text.length + bytes.length;
          insert.run(id, size, text, bytes);
          total += size;
        }
        db.prepare(
          "UPDATE recordings SET exchanges = exchanges + ?, bytes = bytes + ?, top = max(top, ?) WHERE id = ?",
        ).run(batch.texts.length, total, batch.top, id);
        evict(db, budget, id);
        return info(id);
      }),
    stop: (id, at, dropped) =>
      database.transaction(() => {
        db.prepare("UPDATE recordings SET ended_at = ?, dropped = dropped + ? WHERE id = ?").run(at, dropped, id);
        return info(id);
      }),
    list: () => database.read(() => db.prepare("SELECT * FROM recordings ORDER BY started_at, id").all().map(infoOf)),
    remove: (name) => {
      const gone = database.transaction(() => {
        const known = row("name", name);
        if (known === undefined) return unknown(database, name);
        db.prepare("DELETE FROM exchanges WHERE recording = ?").run(Number(known.id));
        db.prepare("DELETE FROM recordings WHERE id = ?").run(Number(known.id));
        return infoOf(known);
      });
      // Gives the disk its pages back; a fault in that takes nothing from the removal.
      if (!isFault(gone)) database.read(() => db.exec("PRAGMA incremental_vacuum"));
      return gone;
    },
    read: (name, after, limit) =>
      database.read(() => {
        const known = row("name", name);
        return known === undefined ? unknown(database, name) : pageOf(database, Number(known.id), after, limit);
      }),
    close: () => database.close(),
  };
}

function pageOf({ db }: Database, recording: number, after: number, limit: number): Page {
  const rows = db
    .prepare("SELECT id, text, bytes FROM exchanges WHERE recording = ? AND id > ? ORDER BY id LIMIT ?")
    .iterate(recording, after, limit);
  const texts: string[] = [];
  const parts: Uint8Array[] = [];
  let last = after;
  let total = 0;
  for (const { id, text, bytes } of rows) {
    last = Number(id);
    texts.push(String(text));
    if (!(bytes instanceof Uint8Array)) continue;
    parts.push(bytes);
    total += bytes.length + String(text).length;
    if (total > PAGE_BYTES) break;
  }
  const more = texts.length === limit || total > PAGE_BYTES;
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { texts, sizes: parts.map((part) => part.length), bytes, next: more ? last : null };
}

function infoOf(row: Record<string, unknown>): RecordingInfo {
  return {
    name: String(row.name),
    filter: String(row.filter),
    startedAt: Number(row.started_at),
    endedAt: row.ended_at === null ? null : Number(row.ended_at),
    exchanges: Number(row.exchanges),
    bytes: Number(row.bytes),
    dropped: Number(row.dropped),
    evicted: Number(row.evicted),
  };
}

function unknown({ db }: Database, name: string): Fault {
  const names = db
    .prepare("SELECT name FROM recordings ORDER BY started_at DESC")
    .all()
    .map((row) => String(row.name));
  const meant = nearest(name, names);
  const hint =
    names.length === 0
      ? "nothing is recorded yet"
      : meant === null
        ? `there are: ${names.slice(0, 10).join(", ")}`
        : `did you mean ${meant}?`;
  return fault("RECORDING_UNKNOWN", `there is no recording ${name}`, hint, { names });
}
