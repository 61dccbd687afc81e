import { chmodSync, closeSync, mkdirSync, openSync, realpathSync, type Stats, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type Fault, fault } from "../fault/fault.ts";

/** Where the kernel shows itself as files: nothing can be kept there. */
const KERNEL = /^\/(proc|sys|dev)(\/|$)/;

/**
 * Makes the state folder (0700) and a file in it (0600) before SQLite sees them; SQLite gives its -wal and -shm files the
 * same mode. Fault: STATE_BROKEN, with what is wrong: the folder's place, its owner, the disk.
 */
export function makePrivate(folder: string, file: string): Fault | null {
  const refused = cannotHold(folder);
  if (refused !== null) return refused;
  try {
    makeFolders(folder);
    closeSync(openSync(file, "a", 0o600));
    if (process.platform !== "win32") {
      if ((statSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700);
      if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
    }
    return null;
  } catch (error) {
    return fileFault(error, folder);
  }
}

/** What the system said of a file of the state, in words that help. */
export function fileFault(error: unknown, folder: string): Fault {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOSPC" || code === "EDQUOT" || isFull(folder)) return full(folder);
  const reasons: Record<string, string> = {
    EACCES: "this user may not write there",
    EPERM: "this user may not write there",
    EROFS: "it is on a read-only file system",
    ENOTDIR: "a part of its path is a file",
    ENAMETOOLONG: "its path is too long",
    ELOOP: "its path has a circle of links",
  };
  const why = reasons[code] ?? (error instanceof Error ? error.message : String(error));
  return fault("STATE_BROKEN", `the state folder ${folder} can't be used: ${why}`, "name another folder in COVE_HOME", {
    folder,
  });
}

/** Whether the disk that a folder is on has no room left for this user. */
export function isFull(folder: string): boolean {
  const there = nearestThere(folder);
  if (there === null) return false;
  try {
    const { bavail, bsize } = statfsSync(there);
    return bavail * bsize < LEAST_ROOM;
  } catch {
    return false;
  }
}

/** What a new state takes with its log, bytes. */
const LEAST_ROOM = 128 * 1024;

export function full(folder: string): Fault {
  return fault(
    "STATE_BROKEN",
    `the disk that ${folder} is on is full`,
    `make room on that disk: df -h ${folder}; or name another folder in COVE_HOME`,
    {
      folder,
    },
  );
}

function cannotHold(folder: string): Fault | null {
  const there = nearestThere(folder);
  if (there === null || process.platform === "win32") return null;
  const real = realpathSync(there);
  if (KERNEL.test(real) && !/^\/dev\/shm(\/|$)/.test(real)) {
    return fault(
      "STATE_BROKEN",
      `the state folder ${folder} is in ${real}, where nothing can be kept`,
      "set HOME to your home folder, or name a folder in COVE_HOME",
      {
        folder,
      },
    );
  }
  return ofAnother(folder, there, statSync(there));
}

/** Root may write into anybody's folders, and what it leaves there its owner can't use. */
function ofAnother(folder: string, there: string, { uid }: Stats): Fault | null {
  if (process.getuid?.() !== 0 || uid === 0) return null;
  return fault(
    "STATE_BROKEN",
    `${there} is another user's (uid ${uid}), and this is root: what Cove left in ${folder} that user couldn't use`,
    "as root use root's own home: sudo -H; or name a folder in COVE_HOME",
    { folder, uid },
  );
}

/** The folder itself or the nearest of those that it is in that exists. */
function nearestThere(folder: string): string | null {
  for (let path = folder; ; path = dirname(path)) {
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) return path;
    if (dirname(path) === path) return null;
  }
}

/** One by one: Node's own recursion goes on for ever where the system answers ENOENT, as /proc does. */
function makeFolders(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(folder) !== folder) makeFolders(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process was faster.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST" && statSync(folder).isDirectory()))
      throw error;
  }
}
