import { readlinkSync } from "node:fs";
import { ownersOf } from "../machine/proc-process.ts";

/** The executable of the process that has this socket open; null where it can't be found. Costs milliseconds. */
export function programOf(inode: number | null): string | null {
  if (inode === null || process.platform !== "linux") return null;
  const pid = ownersOf(new Set([inode])).get(inode);
  if (pid === undefined) return null;
  try {
    // A program that was replaced on disk while it runs.
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, "");
  } catch {
    return null;
  }
}
