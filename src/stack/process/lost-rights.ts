import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { hasFileCapabilities } from "../../confine/file-capabilities.ts";
import type { Launch } from "../../services/kind/kind.ts";

/** What such programs say where the system gives them no rights (no_new_privs). */
const COMPLAINTS = [
  /effective uid is not 0/,
  /no new privileges/i,
  /must be (setuid|suid|set-uid|installed setuid|setuid root)/i,
  /not (installed )?set-?uid/i,
  /\b(setuid|seteuid|setgid|setresuid|setgroups)(\(\))?: .*(Operation not permitted|EPERM)/,
  /\bnew[ug]idmap: .*(Operation not permitted|not allowed)/,
  /^ping: .*Operation not permitted/,
  /pkexec must be setuid root/,
];

/** The line by which a program says that its rights were taken; null where none does. */
export function complaintIn(said: readonly string[]): string | null {
  return said.find((line) => COMPLAINTS.some((pattern) => pattern.test(line))) ?? null;
}

/** Programs of the system that get rights of their own when they start. */
export interface Privileged {
  readonly path: string;
  readonly by: "setuid" | "setgid" | "file capabilities";
}

/** The program of a command, if it is one that gets rights when it starts; null for others, and what can't be found. */
export async function privilegedProgram({
  command,
  cwd,
  env,
}: Pick<Launch, "command" | "cwd" | "env">): Promise<Privileged | null> {
  const path = pathOf(programOf(command), cwd, env.PATH ?? "");
  const stat = path === null ? undefined : statSync(path, { throwIfNoEntry: false });
  if (path === null || stat === undefined) return null;
  if ((stat.mode & MODE.setuid) !== 0 && stat.uid !== process.geteuid?.()) return { path, by: "setuid" };
  if ((stat.mode & MODE.setgid) !== 0 && stat.gid !== process.getegid?.()) return { path, by: "setgid" };
  return (await hasFileCapabilities(path)) ? { path, by: "file capabilities" } : null;
}

/** Bits of a file's mode (inode(7)). */
const MODE = { setuid: 0o4000, setgid: 0o2000 } as const;
const CAP_SYS_ADMIN = 21n;

/** Whether services under `fix` get no rights by such programs: the kernel asks for that of who may not do without. */
export function takesRights(): boolean {
  if (process.platform !== "linux") return false;
  try {
    const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? "0";
    return ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) === 0n;
  } catch {
    return false;
  }
}

/** A shell's line begins with its program, perhaps after variables: `A=1 exec sudo …`. */
function programOf(command: Launch["command"]): string {
  if (typeof command !== "string") return command[0] ?? "";
  const words = command.trim().split(/\s+/);
  return words.find((word) => !/^[A-Za-z_]\w*=/.test(word) && word !== "exec" && word !== "env") ?? "";
}

function pathOf(program: string, cwd: string, path: string): string | null {
  const candidates = program.includes("/")
    ? [isAbsolute(program) ? program : resolve(cwd, program)]
    : path.split(delimiter).map((folder) => join(folder, program));
  return program === "" ? null : (candidates.find(isExecutable) ?? null);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What to write into the config, so that such a program keeps its rights. */
export const KEEP_RIGHTS =
  'let it keep its rights, and be told of what it listens on: add to the service in the stack\'s config: guard: { bind: "warn" }';
