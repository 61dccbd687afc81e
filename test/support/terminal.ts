import { type ChildProcess, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { onTestFailed, onTestFinished } from "vitest";

/** Opens a terminal for a program, as a terminal emulator does; standard input is the keyboard, descriptor 3 takes sizes. */
const EMULATOR = `
import fcntl, os, pty, select, struct, sys, termios
def resize(fd, text):
    columns, rows = text.split()
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))
pid, master = pty.fork()
if pid == 0:
    os.close(3)
    os.execvp(sys.argv[1], sys.argv[1:])
resize(master, "80 24")
watched = [0, 3, master]
while master in watched:
    for fd in select.select(watched, [], [])[0]:
        try: data = os.read(fd, 65536)
        except OSError: data = b""
        if data == b"": watched.remove(fd)
        elif fd == 0: os.write(master, data)
        elif fd == 3: resize(master, data.decode().strip().split("\\n")[-1])
        else: os.write(1, data)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) & 0xff)
`;

export interface Emulator {
  readonly child: ChildProcess;
  readonly type: (keys: string) => void;
  readonly resize: (columns: number, rows: number) => void;
  /** All that was printed so far. */
  readonly screen: () => string;
  /** Waits until what is printed from `from` on matches; returns where the match ends. */
  readonly waitFor: (pattern: RegExp, from?: number, limit?: number) => Promise<number>;
  readonly ended: Promise<number | null>;
}

/** Runs a program in a terminal of its own, 80 by 24. Needs python3. */
export function emulate(command: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Emulator {
  const child = spawn("python3", ["-c", EMULATOR, ...command], { ...options, stdio: ["pipe", "pipe", "pipe", "pipe"] });
  let screen = "";
  for (const output of [child.stdout, child.stderr]) {
    output?.setEncoding("utf8").on("data", (text: string) => {
      screen += text;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  onTestFailed(() => console.log(`${command.join(" ")} had printed:\n${JSON.stringify(screen)}`));
  onTestFinished(async () => {
    // The terminal's end ends what runs in it.
    child.kill("SIGKILL");
    await ended;
  });
  return {
    child,
    type: (keys) => void child.stdin?.write(keys),
    resize: (columns, rows) => void (child.stdio[3] as Writable).write(`${columns} ${rows}\n`),
    screen: () => screen,
    waitFor: async (pattern, from = 0, limit = 30_000) => {
      const deadline = performance.now() + limit;
      for (;;) {
        const match = pattern.exec(screen.slice(from));
        if (match !== null) return from + match.index + match[0].length;
        if (performance.now() > deadline || child.exitCode !== null) {
          throw new Error(
            `${command.join(" ")} did not print ${pattern}; it printed:\n${JSON.stringify(screen.slice(from))}`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    ended,
  };
}
