import { sleep } from "../../../async/sleep.ts";
import { isFault } from "../../../fault/fault.ts";
import type { RunningStack } from "../../../stack/run/runner.ts";
import type { Context } from "../../terminal/context.ts";
import { type OwnTerminal, takeTerminal, terminalSize } from "../../terminal/own-terminal.ts";
import { type ScreenModes, screenModes } from "../../terminal/screen-modes.ts";

/** What `cove run` shows of its command. */
export interface RunOutput {
  /** A line of Cove's own, where it doesn't garble what the command draws; `lasting`: even if that is at the end. */
  readonly say: (line: string, lasting: boolean) => void;
  /** What the user did to end it; null: nothing. */
  readonly interrupted: () => NodeJS.Signals | null;
  /** The command has ended, or never began: everything is as before. Safe to call again. */
  readonly end: () => void;
}

const CTRL_C = 0x03;
/** Ctrl-C again within this time means Cove, ms; of a program with keys of its own, so often. */
const AGAIN_TIME = 5_000;
const AGAIN = { lines: 2, keys: 5 };
/** A program that handles Ctrl-Z itself gets this long to tidy up its screen, ms. */
const TIDY_TIME = 100;
/** A line waits this long for the program to end its own, ms. */
const POLITE_TIME = 2_000;

interface State {
  readonly context: Context;
  readonly running: RunningStack;
  readonly service: string;
  readonly screen: ScreenModes;
  terminal: OwnTerminal | null;
  /** Lines that wait for a moment in which they garble nothing. */
  waiting: { readonly line: string; readonly lasting: boolean; readonly since: number }[];
  /** When Ctrl-C was pressed, performance.now(). */
  presses: number[];
  stopped: boolean;
  over: boolean;
}

/** Gives this terminal to the stack's only service: keys, size, Ctrl-Z; shows what it prints as it prints it. */
export function showInTerminal(context: Context, running: RunningStack, service: string): RunOutput {
  const screen = screenModes();
  const state: State = {
    ...{ context, running, service, screen },
    ...{ terminal: null, waiting: [], presses: [], stopped: false, over: false },
  };
  const console = running.console(service);
  const detach = console.attach({
    output: (bytes, stream) => {
      if (stream === "stderr") return void process.stderr.write(bytes);
      screen.printed(bytes);
      process.stdout.write(bytes);
      sayWaiting(state);
    },
    note: () => {},
  });
  // Until then the keys wait at the system, and Ctrl-C is Cove's.
  void console.begun.then(() => sitDown(state));
  console.resize(terminalSize());
  const looks = setInterval(sayWaiting, POLITE_TIME / 4, state).unref();
  return {
    say: (line, lasting) => {
      state.waiting.push({ line, lasting, since: performance.now() });
      sayWaiting(state);
    },
    interrupted: () => (state.stopped ? "SIGINT" : null),
    end: () => {
      if (state.over) return;
      state.over = true;
      clearInterval(looks);
      detach();
      process.stdout.write(screen.undo());
      state.terminal?.release();
      for (const { line } of state.waiting.filter(({ lasting }) => lasting)) context.note(line);
      state.waiting = [];
    },
  };
}

async function sitDown(state: State): Promise<void> {
  const { running, service } = state;
  const terminal = await takeTerminal({
    keys: (bytes) => typed(state, bytes),
    resized: running.console(service).resize,
    returned: () => returned(state),
    gone: () => void running.stop(),
  });
  if (isFault(terminal)) return;
  state.terminal = terminal;
  if (state.over) terminal.release();
}

/** Says what waits, if the program is at the end of a line; one that is in the middle of one for long is interrupted. */
function sayWaiting(state: State): void {
  const { screen, waiting, running, service } = state;
  const [first] = waiting;
  if (first === undefined || screen.fullScreen()) return;
  const patient = performance.now() - first.since < POLITE_TIME;
  const modes = running.console(service).modes();
  // Without line editing it draws by itself, and counts on what it drew.
  if (modes?.lines === false || (!screen.betweenLines() && patient)) return;
  const lead = screen.betweenLines() ? "" : "\r\n";
  for (const { line } of waiting) process.stdout.write(`${lead}${line.replaceAll("\n", "\r\n")}\r\n`);
  state.waiting = [];
}

function typed(state: State, bytes: Buffer): Promise<unknown> {
  const { running, service } = state;
  const console = running.console(service);
  const modes = console.modes();
  if (modes !== null && bytes.includes(CTRL_C)) countPress(state, modes.lines);
  const taken = console.write(bytes);
  if (modes?.signals === true && modes.suspendKey !== null && bytes.includes(modes.suspendKey)) void suspend(state);
  return taken;
}

/** Ctrl-C is the program's; one who presses it again means it. */
function countPress(state: State, lines: boolean): void {
  const now = performance.now();
  state.presses = [...state.presses.filter((at) => now - at < AGAIN_TIME), now];
  const enough = lines ? AGAIN.lines : AGAIN.keys;
  const { context, running } = state;
  if (state.presses.length < enough) return;
  if (state.presses.length > enough) process.exit(130);
  process.stderr.write(`\r\n${context.paint("dim", "stopping … (Ctrl-C again: at once)")}\r\n`);
  state.stopped = true;
  void running.stop();
}

/** The program alone can't be stopped by its terminal: no shell is there that could continue it. So both stop here. */
async function suspend(state: State): Promise<void> {
  const { running, service, screen, terminal } = state;
  await sleep(TIDY_TIME);
  if (terminal === null) return;
  running.signal(service, "SIGSTOP");
  process.stdout.write(screen.undo());
  terminal.suspend();
}

function returned({ running, service, screen }: State): void {
  process.stdout.write(screen.redo());
  running.signal(service, "SIGCONT");
  // So that what it had drawn is drawn again.
  running.signal(service, "SIGWINCH");
}
