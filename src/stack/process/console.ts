import { once } from "node:events";
import type { Writable } from "node:stream";
import type { TerminalModes, TerminalSize } from "../../machine/terminals.ts";

/** A running process's input, and its terminal if it has one. */
export interface ProcessConsole {
  /** Resolves once the system has taken it, or the process can read no more: true if it was taken. */
  readonly write: (bytes: Buffer) => Promise<boolean>;
  /** Its input ends here. A terminal's doesn't: there Ctrl-D says that. */
  readonly end: () => void;
  /** Null: it has no terminal. */
  readonly terminal: {
    readonly resize: (size: TerminalSize) => void;
    readonly modes: () => TerminalModes;
  } | null;
}

/** Its input is none, or isn't Cove's. */
export const NO_CONSOLE: ProcessConsole = { write: async () => false, end: () => {}, terminal: null };

export function consoleOf(input: Writable | null, terminal: ProcessConsole["terminal"]): ProcessConsole {
  if (input === null) return { ...NO_CONSOLE, terminal };
  let open = true;
  const closed = once(input, "close").catch(() => {});
  // A process that has closed its input, or has ended.
  input.on("error", () => {});
  void closed.then(() => {
    open = false;
  });
  return {
    write: async (bytes) => {
      if (!open || input.writableEnded) return false;
      const taken = new Promise<boolean>((resolve) => input.write(bytes, (error) => resolve(!error)));
      return await Promise.race([taken, closed.then(() => false)]);
    },
    end: () => {
      if (terminal === null) input.end();
    },
    terminal,
  };
}
