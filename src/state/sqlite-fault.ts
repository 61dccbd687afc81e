import { dirname } from "node:path";
import { type Fault, fault } from "../fault/fault.ts";
import { full, isFull } from "./private-folder.ts";

/** Primary result codes (https://sqlite.org/rescode.html) that mean something to a user. */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** True when another process has the file locked and trying again is all there is to do. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === BUSY || code === LOCKED;
}

/**
 * A SQLite error as a fault where the file or the system causes it; null when it is a bug of Cove's. `loss`: what is lost
 * with a damaged file.
 */
export function sqliteFault(error: unknown, file: string, loss: string): Fault | null {
  const code = primaryCode(error);
  const why = error instanceof Error ? error.message : String(error);
  switch (code) {
    case BUSY:
    case LOCKED:
      return fault(
        "STATE_LOCKED",
        `${file} stayed locked by another process`,
        `Find the process that holds it: fuser -v ${file}`,
        { file },
      );
    case CORRUPT:
    case NOTADB:
      return fault("STATE_BROKEN", `${file} is damaged: ${why}`, `mend it with: cove doctor --repair (${loss})`, {
        file,
        damaged: true,
      });
    case FULL:
      return full(dirname(file));
    case READONLY:
    case CANTOPEN:
    case IOERR:
      if (isFull(dirname(file))) return full(dirname(file));
      return fault(
        "STATE_BROKEN",
        `${file} can't be read or written: ${why}`,
        `see who may write it: ls -la ${dirname(file)}; or name another folder in COVE_HOME`,
        { file },
      );
    default:
      return null;
  }
}

function primaryCode(error: unknown): number | null {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return null;
  return error.errcode & 0xff;
}
