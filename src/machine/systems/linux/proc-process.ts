import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** What /proc/<pid>/stat says of one process (proc_pid_stat(5)). */
export interface ProcessStat {
  readonly pid: number;
  /** One letter; `Z` and `X` are dead. */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  /** Clock ticks from boot to start. */
  readonly startTicks: string;
}

/** Reads one line of /proc/<pid>/stat. The name in parentheses may itself hold `)` and spaces: fields start after the last. */
export function parseStat(text: string): ProcessStat | null {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group] = fields;
  // starttime is field 22; state, the first one after the name, is field 3.
  const startTicks = fields[19];
  if (state === undefined || parent === undefined || group === undefined || startTicks === undefined) return null;
  return { pid: Number.parseInt(text, 10), state, parent: Number(parent), group: Number(group), startTicks };
}

/** Null when there's no such process, or it ended while being read. */
export function readStat(pid: number): ProcessStat | null {
  const text = readText(`/proc/${pid}/stat`);
  return text === null ? null : parseStat(text);
}

export function isDead(stat: ProcessStat): boolean {
  return stat.state === "Z" || stat.state === "X";
}

export function everyPid(): number[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** The command line with spaces between arguments; the short name for processes that have none; null when hidden. */
export function commandLine(pid: number): string | null {
  const text = readText(`/proc/${pid}/cmdline`);
  if (text === null) return null;
  const command = text.replace(/\0+$/, "").replaceAll("\0", " ");
  return command === "" ? (readText(`/proc/${pid}/comm`)?.trim() ?? null) : command;
}

/** Which processes have which of these sockets open, by inode. Skips what it may not look into. */
export function holdersOf(inodes: ReadonlySet<number>): Map<number, number[]> {
  const holders = new Map<number, number[]>();
  if (inodes.size === 0) return holders;
  for (const pid of everyPid()) {
    eachSocketOf(pid, (inode) => {
      if (!inodes.has(inode)) return false;
      const pids = holders.get(inode);
      if (pids === undefined) holders.set(inode, [pid]);
      else if (pids.at(-1) !== pid) pids.push(pid);
      return false;
    });
  }
  return holders;
}

/** Where a link under /proc points to; null when it is gone or not ours to read. */
export function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** The text of a file under /proc; null when it is gone or not ours to read. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null;
  }
}

/** Gives the inode of each of a process's sockets until `visit` returns true; whether it did. */
export function eachSocketOf(pid: number, visit: (inode: number) => boolean): boolean {
  const folder = `/proc/${pid}/fd`;
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return false;
  }
  for (const name of names) {
    let target: string;
    try {
      target = readlinkSync(`${folder}/${name}`);
    } catch {
      // Closed since the folder was read.
      continue;
    }
    if (target.startsWith("socket:[") && visit(Number(target.slice(8, -1)))) return true;
  }
  return false;
}
