/** Who made a connection, as far as the system tells. One object for all exchanges of a connection. */
export interface Caller {
  /** `127.0.0.1:51234`. */
  readonly address: string;
  /** Null: not known here. */
  readonly uid: number | null;
  readonly inode: number | null;
  /** Looked up with the first exchange, a moment later; null until then, where it was gone, or the system can't tell. */
  process: CallerProcess | null;
  looked: boolean;
}

export interface CallerProcess {
  readonly pid: number;
  /** File name of its program: `node`, `chrome`. */
  readonly program: string;
}

/** Finds a socket's process, some ms later; nothing waits for it. */
export type FindProcess = (inode: number, uid: number | null) => Promise<CallerProcess | null>;

export function newCaller(address: string, uid: number | null, inode: number | null): Caller {
  return { address, uid, inode, process: null, looked: false };
}

/** Look-ups a second at the most; further callers stay unknown, so that a flood of connections isn't slowed down. */
const LOOKS_A_SECOND = 25;

/** Names callers, at their first exchange; a promise is kept when the caller has its name. */
export function callerFinder(find: FindProcess): (caller: Caller, now: number) => Promise<void> | null {
  let since = 0;
  let looks = 0;
  return (caller, now) => {
    caller.looked = true;
    const { inode, uid } = caller;
    if (inode === null) return null;
    if (now - since > 1_000) {
      since = now;
      looks = 0;
    }
    if (++looks > LOOKS_A_SECOND) return null;
    return find(inode, uid).then((process) => {
      caller.process = process;
    });
  };
}
