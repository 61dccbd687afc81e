import type { Address } from "../address/address.ts";
import { darwin } from "./darwin.ts";
import { linux } from "./linux.ts";
import { windows } from "./windows.ts";

/** A TCP socket that waits for connections. */
export interface Listener {
  readonly address: Address;
  /** Null when this user may not know: the socket belongs to another user's process. */
  readonly pid: number | null;
  readonly uid: number | null;
}

/** Who holds a port. Every field is null where the system doesn't tell this user. */
export interface Holder {
  readonly pid: number | null;
  /** The command line, arguments separated by spaces. */
  readonly command: string | null;
  readonly user: string | null;
  readonly uid: number | null;
}

/** One process, even after its pid was given to another: the stamp is unique per start. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; see {@link Machine.startStamp}. */
  readonly started: string;
}

/** What this machine says about sockets and processes. Everything is synchronous and reads the system anew each time. */
export interface Machine {
  /** Ports with a TCP listener on any address of either family. Cheap: no process is looked at. */
  listeningPorts(): Set<number>;
  /** Local ports of every TCP socket that is open in any way, listeners included; without TIME_WAIT. */
  usedPorts(): Set<number>;
  /** TCP listeners with their processes. Pass a port to look at no others, which is much cheaper. */
  listeners(port?: number): Listener[];
  /** Who listens on a port, on any address; null when nobody does. */
  holderOf(port: number): Holder | null;
  /** A text that no other start of any process shares (boot and start time); null when there's no such process. */
  startStamp(pid: number): string | null;
  /** True while this very process runs. A zombie doesn't run; another process that got its pid isn't it. */
  isRunning(identity: ProcessIdentity): boolean;
  /** Pids of children, their children and so on, nearest first, without zombies. */
  descendants(pid: number): number[];
  /** Pids of a process group's living members, without zombies. Always empty on Windows, which has no groups. */
  processGroup(group: number): number[];
  /** Whose socket is at the client's end of a connection; null: it could not be named. Absent: this system can't tell. */
  readonly peer?:
    | ((client: Address, server: Address) => { readonly uid: number; readonly inode: number } | null)
    | undefined;
  /** The lowest port that this user may listen on: 1024 on most systems, 0 for root and on Windows. */
  unprivilegedFrom(): number;
}

/** This machine. Systems other than Linux, macOS and Windows get the macOS way, which needs only lsof, netstat and ps. */
export const machine: Machine = process.platform === "linux" ? linux : process.platform === "win32" ? windows : darwin;

/** A holder for people: `node server.js (pid 812, user ann)`. Passwords in URLs are hidden, long lines cut. */
export function describeHolder(holder: Holder): string {
  const facts = [
    ...(holder.pid === null ? [] : [`pid ${holder.pid}`]),
    ...(holder.user === null ? (holder.uid === null ? [] : [`uid ${holder.uid}`]) : [`user ${holder.user}`]),
  ].join(", ");
  const command = holder.command === null ? "a process that this user may not see" : shortCommand(holder.command);
  return facts === "" ? command : `${command} (${facts})`;
}

function shortCommand(command: string): string {
  // The program's folder says little and is long; Windows quotes a program with spaces in its path.
  const program = /^"([^"]+)"|^(\S+)/.exec(command);
  const whole = program?.[0] ?? "";
  const name = (program?.[1] ?? program?.[2] ?? "").replace(/^.*[/\\](?=[^/\\])/, "");
  const text = `${name}${command.slice(whole.length)}`.replace(/(:\/\/[^:/@\s]*:)[^@\s]*@/g, "$1•••@");
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
