import { closeSync, constants, openSync } from "node:fs";
import { type Fault, fault } from "../fault/fault.ts";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A pseudo-terminal: what is written to `master` is typed at `slave`, and what is printed there is read here. */
interface Pty {
  readonly master: number;
  readonly slave: number;
  /** The slave's file. */
  readonly path: string;
}

/** How a terminal treats what is typed (termios(4)). */
export interface TerminalModes {
  /** Handed over line by line, so that a person can edit (ICANON). Programs with keys of their own turn it off. */
  readonly lines: boolean;
  /** Keys make signals: Ctrl-C (ISIG). */
  readonly signals: boolean;
  /** The byte that stops a program, mostly Ctrl-Z; null: none does. */
  readonly suspendKey: number | null;
}

/** The system's terminals. All take descriptors. */
export interface Terminals {
  /** Opens a new pseudo-terminal. Both ends are closed in programs that are started. An error is the system's. */
  readonly open: (size: TerminalSize) => Pty | Error;
  readonly resize: (fd: number, size: TerminalSize) => void;
  readonly modes: (fd: number) => TerminalModes;
  /** Whether this process may read from its terminal without being stopped: its job is the shell's foreground job. */
  readonly inForeground: (fd: number) => boolean;
  /** From now on every key arrives at once, as it is, and output isn't changed. Returns what undoes it. */
  readonly makeRaw: (fd: number) => () => void;
}

/** What differs between Linux and the BSDs: ioctl_tty(2), termios(3). */
interface Layout {
  readonly setSize: number;
  /** Where in `struct termios` the local flags and the control characters are. */
  readonly localFlags: number;
  readonly characters: number;
  readonly signals: number;
  readonly lines: number;
}

const LAYOUTS: Partial<Record<NodeJS.Platform, Layout>> = {
  linux: { setSize: 0x5414, localFlags: 12, characters: 17, signals: 0x1, lines: 0x2 },
  darwin: { setSize: 0x80087467, localFlags: 24, characters: 32, signals: 0x80, lines: 0x100 },
};
/** VSUSP on both. */
const SUSPEND = 10;
/** A control character that is turned off: Linux 0, BSD 0xff. */
const NO_CHARACTER = [0, 0xff];
/** No `struct termios` is larger. */
const TERMIOS_SIZE = 128;
const TCSADRAIN = 1;

let loaded: Promise<Terminals | Fault> | undefined;

/** Loaded at the first call, some 6 ms. Fault: UNSUPPORTED, where the system has none (Windows), or koffi can't be loaded. */
export function terminals(): Promise<Terminals | Fault> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Terminals | Fault> {
  const layout = LAYOUTS[process.platform];
  if (layout === undefined) return unsupported(`${process.platform} has no pseudo-terminals that Cove can use`);
  try {
    const { default: koffi } = await import("koffi");
    return terminalsBy(koffi, layout);
  } catch (error) {
    return unsupported(error instanceof Error ? error.message : String(error));
  }
}

function unsupported(why: string): Fault {
  return fault("UNSUPPORTED", `no terminal can be made here: ${why}`, "without one, input and output are pipes");
}

function terminalsBy(koffi: typeof import("koffi").default, layout: Layout): Terminals {
  const libc = koffi.load(null);
  const grantpt: (fd: number) => number = libc.func("grantpt", "int", ["int"]);
  const unlockpt: (fd: number) => number = libc.func("unlockpt", "int", ["int"]);
  const ptsname: (fd: number) => string | null = libc.func("ptsname", "str", ["int"]);
  const tcgetattr: (fd: number, at: Buffer) => number = libc.func("tcgetattr", "int", ["int", "void *"]);
  const tcsetattr: (fd: number, when: number, at: Buffer) => number = libc.func("tcsetattr", "int", [
    ...["int", "int"],
    "void *",
  ]);
  const cfmakeraw: (at: Buffer) => void = libc.func("cfmakeraw", "void", ["void *"]);
  const tcgetpgrp: (fd: number) => number = libc.func("tcgetpgrp", "int", ["int"]);
  const getpgrp: () => number = libc.func("getpgrp", "int", []);
  // With `...`: Apple's arm64 passes such arguments in another way.
  const ioctl = libc.func("int ioctl(int fd, ulong request, ...)");

  const resize = (fd: number, { columns, rows }: TerminalSize) => {
    const size = Buffer.alloc(8);
    size.writeUInt16LE(Math.min(0xffff, Math.max(1, rows)), 0);
    size.writeUInt16LE(Math.min(0xffff, Math.max(1, columns)), 2);
    ioctl(fd, layout.setSize, "void *", size);
  };

  return {
    open: (size) => {
      let master = -1;
      try {
        master = openSync("/dev/ptmx", constants.O_RDWR | constants.O_NOCTTY);
        const path = grantpt(master) === 0 && unlockpt(master) === 0 ? ptsname(master) : null;
        if (path === null) throw new Error(`the system gives no pseudo-terminal (errno ${koffi.errno()})`);
        const slave = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
        resize(master, size);
        return { master, slave, path };
      } catch (error) {
        if (master !== -1) closeSync(master);
        return error instanceof Error ? error : new Error(String(error));
      }
    },
    resize,
    modes: (fd) => {
      const termios = Buffer.alloc(TERMIOS_SIZE);
      if (tcgetattr(fd, termios) !== 0) return { lines: true, signals: true, suspendKey: null };
      const flags = termios.readUInt32LE(layout.localFlags);
      const key = termios.readUInt8(layout.characters + SUSPEND);
      return {
        lines: (flags & layout.lines) !== 0,
        signals: (flags & layout.signals) !== 0,
        suspendKey: NO_CHARACTER.includes(key) ? null : key,
      };
    },
    inForeground: (fd) => tcgetpgrp(fd) === getpgrp(),
    makeRaw: (fd) => {
      const before = Buffer.alloc(TERMIOS_SIZE);
      if (tcgetattr(fd, before) !== 0) return () => {};
      const raw = Buffer.from(before);
      cfmakeraw(raw);
      tcsetattr(fd, TCSADRAIN, raw);
      return () => void tcsetattr(fd, TCSADRAIN, before);
    },
  };
}
