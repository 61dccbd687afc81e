import { chmodSync, closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Fault, fault, isFault } from "../fault/fault.ts";

import { MIGRATIONS } from "./migrations.ts";
import { isBusy, sqliteFault } from "./sqlite-fault.ts";

/** How long a write waits for other processes' writes unless told otherwise, ms. */
const PATIENCE = 30_000;
/** The longest of its waits between two tries, ms. */
const LONGEST_WAIT = 128;

/** The one SQLite file that all of a user's Cove processes share, and the folder around it. */
export interface State {
  /** Absolute. */
  readonly folder: string;
  readonly db: DatabaseSync;
  /**
   * Runs `run` in one write transaction, alone among all processes. Rolls back when `run` throws or returns a fault.
   * Inside another transaction it becomes a part of that one, which can fail by itself. Faults: STATE_LOCKED
   * after 30 s of waiting (or the patience given), STATE_BROKEN.
   */
  transaction<T>(run: () => T): T | Fault;
  /** A folder for one service's own data (0700), made on first use: `<folder>/services/<project key>/<service>`. */
  serviceDir(projectKey: string, service: string): string;
  close(): void;
}

/**
 * The folder that holds everything Cove remembers, absolute: `COVE_HOME`, else the system's place for a user's state
 * (XDG Base Directory on Linux, Application Support on macOS, LOCALAPPDATA on Windows).
 */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.COVE_HOME) return resolve(env.COVE_HOME);
  if (process.platform === "darwin") return join(homedir(), "Library", "Application Support", "cove");
  if (process.platform === "win32") {
    return join(env.LOCALAPPDATA || join(homedir(), "AppData", "Local"), "cove");
  }
  return join(env.XDG_STATE_HOME || join(homedir(), ".local", "state"), "cove");
}

/**
 * Opens the state, making or migrating it as needed; safe while fifty processes do the same. `patience` is how long a
 * write waits for other processes, ms, default 10,000; the wait blocks this process's event loop.
 * Faults: STATE_LOCKED, STATE_BROKEN (damaged, unreadable, or written by a newer Cove).
 */
export function openState(options: { folder?: string; patience?: number } = {}): State | Fault {
  const patience = options.patience ?? PATIENCE;
  const folder = options.folder ?? stateFolder();
  const file = join(folder, "cove.sqlite");
  const failed = makePrivate(folder, file);
  if (failed !== null) return failed;

  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: patience, enableForeignKeyConstraints: true });
    const opened = db;
    goOverToWriteAheadLog(opened, patience);
    opened.exec("PRAGMA synchronous = NORMAL");
    const state = stateOver(opened, folder, file, patience);
    const migrated = migrate(state, file);
    if (!isFault(migrated)) return state;
    opened.close();
    return migrated;
  } catch (error) {
    db?.close();
    const known = sqliteFault(error, file);
    if (known === null) throw error;
    return known;
  }
}

function stateOver(db: DatabaseSync, folder: string, file: string, patience: number): State {
  let depth = 0;
  const transaction = <T>(run: () => T): T | Fault => {
    const name = `nested_${depth}`;
    const [begin, commit, rollback] =
      depth === 0
        ? ["", "COMMIT", "ROLLBACK"]
        : [`SAVEPOINT ${name}`, `RELEASE ${name}`, `ROLLBACK TO ${name}; RELEASE ${name}`];
    let begun = false;
    try {
      if (depth === 0) beginAlone(db, patience);
      else db.exec(begin);
      begun = true;
      depth++;
      const result = run();
      db.exec(isFault(result) ? rollback : commit);
      return result;
    } catch (error) {
      // SQLite may have rolled back by itself (disk full); then there's nothing left to undo.
      if (begun && db.isTransaction) db.exec(rollback);
      const known = sqliteFault(error, file);
      if (known === null) throw error;
      return known;
    } finally {
      if (begun) depth--;
    }
  };

  return {
    folder,
    db,
    transaction,
    serviceDir(projectKey, service) {
      const dir = join(folder, "services", safeName(projectKey), safeName(service));
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      return dir;
    },
    close: () => db.close(),
  };
}

/** The folder is 0700 and the file 0600 before SQLite sees them; SQLite gives its -wal and -shm files the same mode. */
function makePrivate(folder: string, file: string): Fault | null {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    closeSync(openSync(file, "a", 0o600));
    if (process.platform !== "win32") {
      if ((statSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700);
      if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
    }
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fault(
      "STATE_BROKEN",
      `the state folder ${folder} can't be used: ${why}`,
      "Name another folder in COVE_HOME",
      {
        folder,
      },
    );
  }
}

/** Going over to WAL wants the file alone and doesn't wait for it, whatever the busy timeout. */
function goOverToWriteAheadLog(db: DatabaseSync, patience: number): void {
  waitOutOthers(patience, () => {
    if (db.prepare("PRAGMA journal_mode").get()?.journal_mode === "wal") return;
    db.exec("PRAGMA journal_mode = WAL");
  });
}

function beginAlone(db: DatabaseSync, patience: number): void {
  waitOutOthers(patience, () => {
    db.exec("PRAGMA busy_timeout = 0");
    try {
      db.exec("BEGIN IMMEDIATE");
    } finally {
      db.exec(`PRAGMA busy_timeout = ${patience}`);
    }
  });
}

/**
 * Tries until the file isn't busy or patience runs out. SQLite's own waiting sleeps the same times in every process, so that
 * fifty of them wake together, one gets the lock and the others sleep on. Waits at random spread them, and long ones let
 * whoever has its turn do several writes in a row, with its page cache still warm.
 */
function waitOutOthers(patience: number, attempt: () => void): void {
  const giveUp = performance.now() + patience;
  for (let longest = 2; ; longest = Math.min(longest * 2, LONGEST_WAIT)) {
    try {
      attempt();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUp) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.random() * longest);
    }
  }
}

function migrate(state: State, file: string): Fault | null {
  const version = () => Number(state.db.prepare("PRAGMA user_version").get()?.user_version);
  if (version() === MIGRATIONS.length) return null;
  return state.transaction(() => {
    // Read again: another process may have migrated while this one waited for the lock.
    const from = version();
    if (from > MIGRATIONS.length) {
      return fault(
        "STATE_BROKEN",
        `${file} was written by a newer Cove (schema ${from}, this one knows ${MIGRATIONS.length})`,
        "Update this Cove, or name another folder in COVE_HOME",
        { file, schema: from, known: MIGRATIONS.length },
      );
    }
    for (const migration of MIGRATIONS.slice(from)) state.db.exec(migration);
    state.db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    return null;
  });
}

/** Service names come from people; as a folder's name one must never climb out or hit a reserved one. */
function safeName(name: string): string {
  return encodeURIComponent(name)
    .replace(/^\.+/, (dots) => "%2E".repeat(dots.length))
    .replaceAll("*", "%2A");
}
