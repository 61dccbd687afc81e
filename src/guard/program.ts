import { machine } from "../machine/machine.ts";

/** The executable of the process that has this socket open; null where it can't be found. Costs milliseconds. */
export function programOf(inode: number | null): string | null {
  const pid = inode === null ? null : machine.processOfSocket(inode);
  return pid === null ? null : (machine.processDetails(pid)?.executable ?? null);
}
