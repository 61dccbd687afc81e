import { chownSync, closeSync } from "node:fs";
import type { Duplex } from "node:stream";
import { ReadStream } from "node:tty";
import type { ChildStdio } from "../../confine/child-stdio.ts";
import { type Fault, isFault } from "../../fault/fault.ts";
import { type TerminalSize, terminals } from "../../machine/terminals.ts";
import type { Launch } from "../../services/kind/kind.ts";
import type { ProcessConsole } from "./console.ts";
import { missingProgram } from "./whole-command.ts";

/** A new terminal, and a launch of which it is the controlling one. */
export interface ProcessTerminal {
  readonly launch: Launch;
  readonly stdio: ChildStdio;
  /** What the process prints; what is written to it, the process reads as typed. */
  readonly stream: Duplex;
  readonly control: NonNullable<ProcessConsole["terminal"]>;
  /** The process has its end by now, or will never have it. */
  readonly handedOver: () => void;
}

/**
 * A session's leader gets its controlling terminal by opening it (tty_ioctl(4)); `spawn` made it a leader. So every way to
 * start a process can give it a terminal, also the guard's, whose thread must be the one that forks.
 */
const OPEN_IT = '{ :; } <>"$1"; shift; exec "$@"';

/**
 * Opens a terminal for a launch. `errorsApart`: standard error is a pipe. Fault: UNSUPPORTED, where the system has none; an error
 * is as Node's `spawn` has it.
 */
export async function openTerminal(
  launch: Launch,
  { errorsApart, ...size }: TerminalSize & { readonly errorsApart: boolean },
): Promise<ProcessTerminal | Fault | NodeJS.ErrnoException> {
  const system = await terminals();
  if (isFault(system)) return system;
  // The shell below would start, and say so in its own words.
  const missing = missingProgram(launch);
  if (missing !== null) return missing;
  const pty = system.open(size);
  if (pty instanceof Error) return pty;
  const { master, slave, path } = pty;
  if (launch.uid !== undefined) chownSync(path, launch.uid, launch.gid ?? -1);
  const stream = new ReadStream(master);
  const command = typeof launch.command === "string" ? ["/bin/sh", "-c", launch.command] : launch.command;
  return {
    launch: { ...launch, command: ["/bin/sh", "-c", OPEN_IT, "sh", path, ...command] },
    stdio: { stdin: slave, stdout: slave, stderr: errorsApart ? "pipe" : slave },
    stream,
    control: {
      // After its end nothing must reach a descriptor that may be somebody else's by now.
      resize: (to) => stream.destroyed || system.resize(master, to),
      modes: () => (stream.destroyed ? NO_MODES : system.modes(master)),
    },
    handedOver: () => closeSync(slave),
  };
}

const NO_MODES = { lines: true, signals: false, suspendKey: null };
