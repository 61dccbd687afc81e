import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Fault } from "../fault/fault.ts";
import { isBusy, sqliteFault } from "./sqlite-fault.ts";

/** Held until `release` or the process's end, whichever comes first. */
export interface OnlyOne {
  readonly release: () => void;
}

/**
 * Takes `<name>.lock` in `folder`, or gives null while another process has it; never waits. Fault: STATE_BROKEN, where it
 * can't be made (a full disk).
 * An exclusive SQLite transaction on an empty file: the system itself drops it when its process dies,
 * on every platform, so that there are no stale locks to break.
 */
export function onlyOne(folder: string, name: string): OnlyOne | null | Fault {
  const path = join(folder, `${name}.lock`);
  makePrivate(path);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path);
    db.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch (error) {
    db?.close();
    if (isBusy(error)) return null;
    const known = sqliteFault(error, path, "the file holds nothing");
    if (known !== null) return known;
    throw error;
  }
  const mine = db;
  held.add(mine);
  return {
    release: () => {
      held.delete(mine);
      if (mine.isOpen) mine.close();
    },
  };
}

/** Locks that this process has: without a reference to it the collector would close a file, and with it the lock. */
const held = new Set<DatabaseSync>();

/** SQLite would make the file readable to all. An existing one isn't opened: closing it would drop this process's locks on it. */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch {
    // It is there.
  }
}
