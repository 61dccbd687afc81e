import type { TerminalModes, TerminalSize } from "../../machine/terminals.ts";
import type { ProcessConsole } from "../process/console.ts";
import type { OutputStream } from "../process/ports.ts";

/** Somebody who sees what a service prints, as it prints it. */
export interface Viewer {
  /** A promise holds the service's output back until it resolves. */
  readonly output: (bytes: Buffer, stream: OutputStream) => Promise<void> | undefined;
  /** Something of Cove's own: the service has ended, starts again. */
  readonly note: (text: string) => void;
}

/** A service as those who sit in front of it have it: across its restarts, any number of them at once. */
export interface ServiceConsole {
  /** Resolves once it runs for the first time. */
  readonly begun: Promise<void>;
  /** From now on the viewer sees all. Returns what ends it. */
  readonly attach: (viewer: Viewer) => () => void;
  /** The last of what it printed: about a screen of so many rows. */
  readonly recent: (rows: number) => Buffer;
  /** Types into it; false: it runs no more, or reads no more. */
  readonly write: (bytes: Buffer) => Promise<boolean>;
  /** Its input ends, as far as it is a pipe. */
  readonly end: () => void;
  /** The size of its terminal, now and after restarts. The last one who says it is right. */
  readonly resize: (size: TerminalSize) => void;
  /** Null: it has no terminal, or doesn't run. */
  readonly modes: () => TerminalModes | null;
  /** The size asked for last; null: nobody has asked. */
  readonly size: () => TerminalSize | null;
  /** The supervisor's side. */
  readonly started: (process: ProcessConsole) => void;
  readonly ended: () => void;
  readonly printed: (stream: OutputStream, bytes: Buffer) => Promise<void> | undefined;
  readonly note: (text: string) => void;
}

/** What is kept of the output for those who come later, bytes. */
const KEPT = 64 * 1024;
/** Clears the screen, or changes to another one: nothing before it is to be seen any more (xterm's control sequences). */
const CLEARED = ["\x1b[2J", "\x1b[?1049h", "\x1bc"];

interface State {
  readonly viewers: Set<Viewer>;
  process: ProcessConsole | null;
  size: TerminalSize | null;
  kept: Buffer[];
  keptBytes: number;
}

export function serviceConsole(): ServiceConsole {
  const state: State = { viewers: new Set(), process: null, size: null, kept: [], keptBytes: 0 };
  const begun = Promise.withResolvers<void>();
  return {
    begun: begun.promise,
    attach: (viewer) => {
      state.viewers.add(viewer);
      return () => void state.viewers.delete(viewer);
    },
    recent: (rows) => recent(state, rows),
    write: async (bytes) => (await state.process?.write(bytes)) ?? false,
    end: () => state.process?.end(),
    resize: ({ columns, rows }) => {
      state.size = { columns, rows };
      state.process?.terminal?.resize(state.size);
    },
    modes: () => state.process?.terminal?.modes() ?? null,
    size: () => state.size,
    started: (process) => {
      state.process = process;
      begun.resolve();
    },
    ended: () => {
      state.process = null;
    },
    printed: (stream, bytes) => printed(state, stream, bytes),
    note: (text) => {
      for (const viewer of state.viewers) viewer.note(text);
    },
  };
}

function printed(state: State, stream: OutputStream, bytes: Buffer): Promise<void> | undefined {
  state.kept.push(bytes);
  state.keptBytes += bytes.length;
  while (state.keptBytes > KEPT * 2 && state.kept.length > 1) state.keptBytes -= state.kept.shift()?.length ?? 0;
  const waits = [...state.viewers].flatMap((viewer) => viewer.output(bytes, stream) ?? []);
  return waits.length === 0 ? undefined : Promise.all(waits).then(() => {});
}

function recent({ kept }: State, rows: number): Buffer {
  let bytes = Buffer.concat(kept).subarray(-KEPT);
  const from = Math.max(...CLEARED.map((sign) => bytes.lastIndexOf(sign)));
  if (from !== -1) return bytes.subarray(from);
  let start = bytes.length;
  for (let lines = 0; lines <= rows && start > 0; lines++) start = bytes.lastIndexOf(0x0a, start - 1);
  bytes = bytes.subarray(Math.max(0, start + 1));
  return bytes;
}
