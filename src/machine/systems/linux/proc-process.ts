import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** What /proc/<pid>/stat says of one process (proc_pid_stat(5)). */
export interface ProcessStat {
  readonly pid: number;
  /** One letter; `Z` and `X` are dead. */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  /** Its threads, a first one that has ended included. */
  readonly threads: number;
  /** Clock ticks from boot to start. */
  readonly startTicks: string;
}

/** Reads one line of /proc/<pid>/stat. The name in parentheses may itself hold `)` and spaces: fields start after the last. */
export function parseStat(text: string): ProcessStat | null {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group] = fields;
  // num_threads is field 20, starttime field 22; state, the first one after the name, is field 3.
  const threads = Number(fields[17]);
  const startTicks = fields[19];
  if (state === undefined || parent === undefined || group === undefined || startTicks === undefined) return null;
  return { pid: Number.parseInt(text, 10), state, parent: Number(parent), group: Number(group), threads, startTicks };
}

/** Null when there's no such process, or it ended while being read. */
export function readStat(pid: number): ProcessStat | null {
  const text = readText(`/proc/${pid}/stat`);
  return text === null ? null : parseStat(text);
}

/** A process whose first thread has ended shows `Z`, and lives while others of its threads do. */
export function isDead({ state, threads }: ProcessStat): boolean {
  return state === "X" || (state === "Z" && !(threads > 1));
}

export function everyPid(): number[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/**
 * Where /proc tells of a process: its own folder; that of a thread that lives where the first one has ended, since the
 * process's own shows no files, program or arguments then.
 */
export function procFolder(pid: number, stat: ProcessStat | null = readStat(pid)): string {
  const own = `/proc/${pid}`;
  if (stat?.state !== "Z" || isDead(stat)) return own;
  for (const thread of namesIn(`${own}/task`)) {
    const folder = `${own}/task/${thread}`;
    const state = parseStat(readText(`${folder}/stat`) ?? "")?.state;
    if (state !== undefined && state !== "Z" && state !== "X") return folder;
  }
  return own;
}

/** A process's arguments; empty for processes that have none; null when hidden. Bytes that aren't UTF-8 become `\ufffd`. */
export function argumentsIn(folder: string): string[] | null {
  const bytes = readBytes(`${folder}/cmdline`);
  if (bytes === null) return null;
  const text = bytes.toString("utf8").replace(/\0+$/, "");
  return text === "" ? [] : text.split("\0");
}

/** The kernel's short name of a process or thread, at most 15 bytes. */
export function shortName(folder: string): string | null {
  const text = readBytes(`${folder}/comm`)?.toString("utf8").replace(/\n$/, "");
  // The kernel cuts by bytes, perhaps within a character.
  return text?.replace(/\ufffd+$/, "") || null;
}

/** A process's environment, as it was started with; null when hidden. */
export function environmentIn(folder: string): Map<string, string> | null {
  const bytes = readBytes(`${folder}/environ`);
  if (bytes === null) return null;
  const pairs = bytes.toString("utf8").split("\0");
  return new Map(
    pairs.flatMap((pair) => {
      const at = pair.indexOf("=");
      return at < 1 ? [] : [[pair.slice(0, at), pair.slice(at + 1)] as const];
    }),
  );
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

/** The ASCII text of a file under /proc; null when it is gone or not ours to read. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null;
  }
}

function readBytes(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Gives the inode of each of a process's sockets until `visit` returns true; whether it did. */
export function eachSocketOf(pid: number, visit: (inode: number) => boolean): boolean {
  let folder = `/proc/${pid}/fd`;
  let names = namesIn(folder);
  if (names.length === 0) {
    // Nothing is open, it isn't ours to look into, or the first thread has ended and the others hold the files.
    const living = `${procFolder(pid)}/fd`;
    if (living === folder) return false;
    folder = living;
    names = namesIn(folder);
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
