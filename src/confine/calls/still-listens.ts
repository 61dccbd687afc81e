import { TCP_LISTEN } from "../../machine/systems/linux/proc-net.ts";
import { eachProcSocket } from "../../machine/systems/linux/proc-sockets.ts";

/** Whether this very socket takes connections now, and not another one on its port. */
export function stillListens(inode: number): boolean {
  let found = false;
  eachProcSocket("tcp", (row) => {
    found ||= row.state === TCP_LISTEN && row.inode === inode;
  });
  return found;
}
