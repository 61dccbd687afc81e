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
  const db = new DatabaseSync(join(folder, `${name}.lock`));
  try {
    db.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch {
    db.close();
    return null;
  }
  return { release: () => db.isOpen && db.close() };
}
