import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Fault, isFault } from "../fault/fault.ts";
import { type Database, openDatabase } from "./database.ts";
import { stateFolder } from "./folder.ts";
import { MIGRATIONS } from "./migrations.ts";

/** How long a write waits for other processes' writes by default, ms. */
const LOCK_TIMEOUT = 30_000;

export const STATE_FILE = "cove.sqlite";
/** What is lost with a damaged file, for its fault. */
export const LOSS =
  "it keeps the damaged file aside and takes over what can be read of leases and aliases; databases and files of services are kept elsewhere";

/** The one SQLite file that all of a user's Cove processes share, and the folder around it. */
export interface State extends Database {
  /** Absolute. */
  readonly folder: string;
  /** A folder for one service's own data (0700), made on first use: `<folder>/services/<project key>/<service>`. */
  serviceDir(projectKey: string, service: string): string;
}

/**
 * Opens the state, making or migrating it as needed; safe while fifty processes do the same. `lockTimeout` is how long a
 * write waits for other processes, ms, default 30,000; the wait blocks this process's event loop.
 * Faults: STATE_LOCKED, STATE_BROKEN (damaged, unreadable, or written by a newer Cove).
 */
export function openState(options: { folder?: string; lockTimeout?: number } = {}): State | Fault {
  const folder = options.folder ?? stateFolder();
  const database = openDatabase({
    folder,
    name: STATE_FILE,
    migrations: MIGRATIONS,
    lockTimeout: options.lockTimeout ?? LOCK_TIMEOUT,
    loss: LOSS,
  });
  if (isFault(database)) return database;
  return {
    ...database,
    folder,
    serviceDir(projectKey, service) {
      const dir = join(folder, "services", safeName(projectKey), safeName(service));
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      return dir;
    },
  };
}

/** Service names come from people; as a folder's name one must not leave its parent or be a reserved one. */
function safeName(name: string): string {
  return encodeURIComponent(name)
    .replace(/^\.+/, (dots) => "%2E".repeat(dots.length))
    .replaceAll("*", "%2A");
}
