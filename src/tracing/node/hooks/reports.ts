import { closeSync, constants, openSync, writeSync } from "node:fs";

/** Bytes of one write to a FIFO that no other write breaks up (pipe(7), PIPE_BUF). */
const WRITE_MOST = 4_096;
/** Records that wait for a reader, bytes; further ones are dropped, each of which then stays unknown. */
const KEPT_MOST = 256 * 1024;
/** Until the next try where the FIFO is full, and where nobody reads it: the first, and the longest, ms. */
const FULL = { first: 5, longest: 200 };
const ABSENT = { first: 50, longest: 2_000 };

// Test frameworks replace these; what is reported must go on.
const later = setTimeout;
const soon = setImmediate;

/** Whole lines, each text of at most WRITE_MOST bytes. */
const chunks: string[] = [];
let bytes = 0;
let path: string | null = null;
let fd = -1;
/** The next pause of each. */
let fullPause = FULL.first;
let absentPause = ABSENT.first;
let isPlanned = false;
let isPaused = false;
/** Adds what is to be reported when it is written. */
const sources: (() => void)[] = [];

/** Reports go to this FIFO from now on. */
export function reportTo(fifo: string): void {
  path = fifo;
}

/** `gather` is called before each write. */
export function beforeReports(gather: () => void): void {
  sources.push(gather);
}

/** Writes soon what is reported until then. */
export function planReports(): void {
  if (isPlanned || path === null) return;
  isPlanned = true;
  soon(flush);
}

/** A record, without its end. False: too much waits already. */
export function report(line: string): boolean {
  const length = line.length + 1;
  if (bytes + length > KEPT_MOST) return false;
  const last = chunks.length - 1;
  const open = chunks[last];
  if (open !== undefined && open.length + length <= WRITE_MOST) chunks[last] = `${open}${line}\n`;
  else chunks.push(`${line}\n`);
  bytes += length;
  return true;
}

function flush(): void {
  isPlanned = false;
  try {
    for (const gather of sources) gather();
    if (isPaused || !isOpen()) return;
    for (let chunk = chunks[0]; chunk !== undefined; chunk = chunks[0]) {
      writeSync(fd, chunk, null, "latin1");
      chunks.shift();
      bytes -= chunk.length;
      fullPause = FULL.first;
    }
  } catch (error) {
    failed((error as NodeJS.ErrnoException).code);
  }
}

function isOpen(): boolean {
  if (fd === -1 && path !== null) {
    fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    absentPause = ABSENT.first;
  }
  return fd !== -1;
}

/** Nothing is dropped: it is tried again. */
function failed(code: string | undefined): void {
  if (code === "EAGAIN") {
    pause(fullPause);
    fullPause = Math.min(FULL.longest, fullPause * 2);
    return;
  }
  if (fd !== -1) close();
  pause(absentPause);
  absentPause = Math.min(ABSENT.longest, absentPause * 2);
}

function close(): void {
  const old = fd;
  fd = -1;
  try {
    closeSync(old);
  } catch {
    // The program closed it.
  }
}

function pause(ms: number): void {
  if (isPaused) return;
  isPaused = true;
  const timer = later(() => {
    isPaused = false;
    flush();
  }, ms);
  timer.unref();
}
