import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Fault, fault, isFault } from "../fault/fault.ts";
import { makePrivate } from "./private-folder.ts";
import { sqliteFault } from "./sqlite-fault.ts";
import { retryWhileBusy, writeLock } from "./write-lock.ts";

/** A SQLite file of Cove's, in WAL mode, 0600, that several processes write. */
export interface Database {
  readonly db: DatabaseSync;
  /**
   * Runs `run` in one write transaction, alone among all processes. Rolls back when `run` throws or returns a fault.
   * Inside another transaction it becomes a part of that one, which can fail by itself. Faults: STATE_LOCKED
   * after the lock timeout, STATE_BROKEN.
   */
  transaction<T>(run: () => T): T | Fault;
  /** Runs `run`, which only reads: it waits for nobody. Faults: STATE_LOCKED, STATE_BROKEN. */
  read<T>(run: () => T): T | Fault;
  close(): void;
}

export interface DatabaseOptions {
  /** The state folder; made where it is missing. */
  readonly folder: string;
  /** The file's name in it. */
  readonly name: string;
  /** Entry N takes the file from version N to N + 1. */
  readonly migrations: readonly string[];
  /** How long a write waits for other processes, ms; the wait blocks the thread. */
  readonly lockTimeout: number;
  /** What is lost with the file: shown when a damaged one has to be moved away. */
  readonly loss: string;
  /** Run on a new file, before anything is in it. */
  readonly first?: string;
}

/**
 * Opens a file, making or migrating it as needed; safe while fifty processes do the same. Faults: STATE_LOCKED,
 * STATE_BROKEN (damaged, unreadable, or written by a newer Cove).
 */
export function openDatabase({
  folder,
  name,
  migrations,
  lockTimeout,
  loss,
  first,
}: DatabaseOptions): Database | Fault {
  const file = join(folder, name);
  const failed = makePrivate(folder, file);
  if (failed !== null) return failed;

  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: lockTimeout, enableForeignKeyConstraints: true });
    const opened = db;
    if (first !== undefined) opened.exec(first);
    goOverToWriteAheadLog(opened, lockTimeout);
    opened.exec("PRAGMA synchronous = NORMAL");
    const known = (error: unknown) => sqliteFault(error, file, loss);
    const database: Database = {
      db: opened,
      transaction: transactions(opened, lockTimeout, known),
      read: (run) => {
        try {
          return run();
        } catch (error) {
          const failed = known(error);
          if (failed === null) throw error;
          return failed;
        }
      },
      close: () => opened.close(),
    };
    const migrated = migrate(database, file, migrations);
    if (!isFault(migrated)) return database;
    opened.close();
    return migrated;
  } catch (error) {
    db?.close();
    const known = sqliteFault(error, file, loss);
    if (known === null) throw error;
    return known;
  }
}

function transactions(
  db: DatabaseSync,
  lockTimeout: number,
  known: (error: unknown) => Fault | null,
): Database["transaction"] {
  const lock = writeLock(db, lockTimeout);
  let depth = 0;
  return <T>(run: () => T): T | Fault => {
    const name = `nested_${depth}`;
    const [begin, commit, rollback] =
      depth === 0
        ? ["", "COMMIT", "ROLLBACK"]
        : [`SAVEPOINT ${name}`, `RELEASE ${name}`, `ROLLBACK TO ${name}; RELEASE ${name}`];
    let begun = false;
    try {
      if (depth === 0) lock.begin();
      else db.exec(begin);
      begun = true;
      depth++;
      const result = run();
      db.exec(isFault(result) ? rollback : commit);
      return result;
    } catch (error) {
      // SQLite may have rolled back by itself (disk full); then there's nothing left to undo.
      if (begun && db.isTransaction) db.exec(rollback);
      const failed = known(error);
      if (failed === null) throw error;
      return failed;
    } finally {
      if (begun) depth--;
      if (begun && depth === 0) lock.ended();
    }
  };
}

/** Switching to WAL needs exclusive access and doesn't wait for it, whatever the busy timeout. */
function goOverToWriteAheadLog(db: DatabaseSync, lockTimeout: number): void {
  retryWhileBusy(lockTimeout, () => {
    if (db.prepare("PRAGMA journal_mode").get()?.journal_mode === "wal") return;
    db.exec("PRAGMA journal_mode = WAL");
  });
}

function migrate(state: Database, file: string, migrations: readonly string[]): Fault | null {
  const version = () => Number(state.db.prepare("PRAGMA user_version").get()?.user_version);
  if (version() === migrations.length) return null;
  return state.transaction(() => {
    // Read again: another process may have migrated while this one waited for the lock.
    const from = version();
    if (from > migrations.length) {
      return fault(
        "STATE_BROKEN",
        `${file} was written by a newer Cove (schema ${from}, this one knows ${migrations.length})`,
        "Update this Cove, or name another folder in COVE_HOME",
        { file, schema: from, known: migrations.length },
      );
    }
    for (const migration of migrations.slice(from)) state.db.exec(migration);
    state.db.exec(`PRAGMA user_version = ${migrations.length}`);
    return null;
  });
}
