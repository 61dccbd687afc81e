import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Held until `release` or the process's end, whichever comes first. */
export interface OnlyOne {
  readonly release: () => void;
}

/**
 * Takes `<name>.lock` in `folder`, or gives null while another process has it; never waits.
 * An exclusive SQLite transaction on an empty file: the system itself drops it when its process dies,
 * on every platform, so that there are no stale locks to break.
 */
export function onlyOne(folder: string, name: string): OnlyOne | null {
  const path = join(folder, `${name}.lock`);
  makePrivate(path);
  const db = new DatabaseSync(path);
  try {
    db.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch {
    db.close();
    return null;
  }
  return { release: () => db.isOpen && db.close() };
}

/** SQLite would make the file readable to all. An existing one isn't opened: closing it would drop this process's locks on it. */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch {
    // It is there.
  }
}
