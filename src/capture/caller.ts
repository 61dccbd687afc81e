/** Who made a connection, as far as the system tells. One object for all exchanges of a connection. */
export interface Caller {
  /** `127.0.0.1:51234`. */
  readonly address: string;
  /** Null: not known here. */
  readonly uid: number | null;
  readonly inode: number | null;
  /** Found out with the first exchange; null where the process was gone, or the system can't tell. */
  process: CallerProcess | null;
  looked: boolean;
}

export interface CallerProcess {
  readonly pid: number;
  /** File name of its program: `node`, `chrome`. */
  readonly program: string;
}

/** Finds a socket's process. It costs a look through the processes' files: some ms. */
export type FindProcess = (inode: number, uid: number | null) => CallerProcess | null;

export function newCaller(address: string, uid: number | null, inode: number | null): Caller {
  return { address, uid, inode, process: null, looked: false };
}

/** Look-ups a second at the most; further callers stay unknown, so that a flood of connections isn't slowed down. */
const LOOKS_A_SECOND = 25;

/** Names callers, at their first exchange. */
export function callerFinder(find: FindProcess): (caller: Caller, now: number) => void {
  let since = 0;
  let looks = 0;
  return (caller, now) => {
    caller.looked = true;
    if (caller.inode === null) return;
    if (now - since > 1_000) {
      since = now;
      looks = 0;
    }
    if (++looks > LOOKS_A_SECOND) return;
    caller.process = find(caller.inode, caller.uid);
  };
}
