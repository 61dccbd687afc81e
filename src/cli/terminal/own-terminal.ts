import { type Fault, isFault } from "../../fault/fault.ts";
import { type TerminalSize, type Terminals, terminals } from "../../machine/terminals.ts";

/** What happens at the terminal that this process was started in. */
export interface TerminalEvents {
  /** Bytes as the keys gave them. A promise is waited for once too many keys wait. */
  readonly keys: (bytes: Buffer) => Promise<unknown> | undefined;
  readonly resized: (size: TerminalSize) => void;
  /** The job is in front again: after Ctrl-Z and `fg`, or started with `&` and brought to the front. */
  readonly returned?: () => void;
  /** The terminal is gone. */
  readonly gone: () => void;
}

export interface OwnTerminal {
  readonly size: () => TerminalSize;
  /** Gives the terminal back as it was. Safe to call again. */
  readonly release: () => void;
  /** As a shell's Ctrl-Z: gives the terminal back, and stops this job; goes on once the job is continued. */
  readonly suspend: () => void;
}

/** Between looks whether the job has come to the front: nothing tells it, ms. */
const LOOK_TIME = 300;
/** After the signal that stops this process, when it goes on at the latest, ms: one that no shell watches isn't stopped. */
const STOP_TIME = 100;
/** Keys that may wait to be read by the program, bytes. */
const WAITING_MOST = 64 * 1024;
const STDIN = 0;

interface State {
  readonly system: Terminals;
  readonly events: TerminalEvents;
  /** Undoes the raw mode; null: the terminal is as the shell has it. */
  restore: (() => void) | null;
  looks: NodeJS.Timeout | undefined;
  waiting: number;
  /** The last size that was told, or seen at first. */
  told: TerminalSize;
  over: boolean;
}

/**
 * Takes the terminal over: every key comes at once, and none makes a signal. In a background job nothing is touched or
 * read, since the system would stop it for that; it takes over when it comes to the front. Whatever ends this process (but
 * SIGKILL) gives the terminal back. Fault: UNSUPPORTED.
 */
export async function takeTerminal(events: TerminalEvents): Promise<OwnTerminal | Fault> {
  const system = await terminals();
  if (isFault(system)) return system;
  const state: State = {
    system,
    events,
    restore: null,
    looks: undefined,
    waiting: 0,
    told: terminalSize(),
    over: false,
  };
  const onData = (bytes: Buffer) => typed(state, bytes);
  const onResize = () => tellSize(state);
  const onContinue = () => takeOver(state);
  const onGone = () => state.over || events.gone();
  const release = () => {
    state.over = true;
    giveBack(state);
    process.stdin.off("data", onData);
    process.stdout.off("resize", onResize);
    process.off("SIGCONT", onContinue);
    process.off("exit", release);
  };
  process.on("exit", release);
  process.on("SIGCONT", onContinue);
  process.stdout.on("resize", onResize);
  process.stdin.on("end", onGone);
  process.stdin.on("error", onGone);
  process.stdin.on("data", onData);
  process.stdin.pause();
  takeOver(state);
  return { size: terminalSize, release, suspend: () => suspend(state) };
}

export function terminalSize(): TerminalSize {
  return { columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 };
}

function takeOver(state: State): void {
  clearTimeout(state.looks);
  if (state.over) return;
  if (!state.system.inForeground(STDIN)) {
    if (state.restore !== null) process.stdin.pause();
    state.restore = null;
    state.looks = setTimeout(takeOver, LOOK_TIME, state).unref();
    return;
  }
  const wasAway = state.restore === null;
  // After a stop that nobody announced (SIGSTOP) the shell has set the terminal up for itself.
  state.restore?.();
  state.restore = state.system.makeRaw(STDIN);
  process.stdin.resume();
  tellSize(state);
  if (wasAway) state.events.returned?.();
}

function tellSize(state: State): void {
  const { columns, rows } = terminalSize();
  if (columns === state.told.columns && rows === state.told.rows) return;
  state.told = { columns, rows };
  state.events.resized(state.told);
}

function giveBack(state: State): void {
  clearTimeout(state.looks);
  process.stdin.pause();
  // A job in the background would be stopped for it, and the terminal is somebody else's.
  if (state.restore !== null && state.system.inForeground(STDIN)) state.restore();
  state.restore = null;
}

function suspend(state: State): void {
  giveBack(state);
  // The whole job, as the terminal would: npx or a script may stand before this process.
  process.kill(0, "SIGTSTP");
  setTimeout(takeOver, STOP_TIME, state);
}

function typed(state: State, bytes: Buffer): void {
  const taken = state.events.keys(bytes);
  if (taken === undefined) return;
  state.waiting += bytes.length;
  if (state.waiting > WAITING_MOST) process.stdin.pause();
  void taken.finally(() => {
    state.waiting -= bytes.length;
    if (state.restore !== null && state.waiting <= WAITING_MOST) process.stdin.resume();
  });
}
