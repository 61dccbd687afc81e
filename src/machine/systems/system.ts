import type { Address } from "../../address/address.ts";

/** A TCP socket that waits for connections, or a UDP socket that waits for datagrams. */
export interface Listener {
  readonly address: Address;
  /** One of `pids`; null when this user may not know: the socket belongs to another user's process. */
  readonly pid: number | null;
  /** Every process that has it open: forked workers share one. Only one of them where the system doesn't report more. */
  readonly pids: readonly number[];
  readonly uid: number | null;
  /** Of an IPv6 socket: whether it takes no IPv4 connections. Null for IPv4, or where the system doesn't say. */
  readonly v6only: boolean | null;
  /** Several sockets share this very address (SO_REUSEPORT); null where the system doesn't say. */
  readonly reusePort: boolean | null;
}

/** One end of a TCP connection. */
export interface Connection {
  readonly local: Address;
  readonly remote: Address;
  readonly pids: readonly number[];
  readonly uid: number | null;
}

/** Whose a socket is. */
export interface SocketOwner {
  readonly uid: number;
  /** Unique among this system's open sockets, and the way to its process. */
  readonly inode: number;
}

/** A socket whose process is asked for. */
export interface SocketQuestion {
  readonly inode: number;
  /** The socket's user; null: not known. */
  readonly uid: number | null;
}

/** A process. Every field is null where the system doesn't tell this user. */
export interface ProcessDetails {
  readonly pid: number;
  readonly parent: number | null;
  /** The command line, arguments separated by spaces. */
  readonly command: string | null;
  /** The arguments one by one, the program's own name first; null also where the system hands them out as one text. */
  readonly arguments: readonly string[] | null;
  /** The name that the kernel keeps: of the file that was started, before links were followed; cut to 15 bytes on Linux. */
  readonly name: string | null;
  /** The program's path. */
  readonly executable: string | null;
  readonly user: string | null;
  readonly uid: number | null;
  /** The folder that it works in. */
  readonly cwd: string | null;
  /** When it started, epoch ms. */
  readonly startedAt: number | null;
  /** Its container's id, where it runs in one. */
  readonly container: string | null;
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
  /**
   * TCP listeners with their processes. Pass a port (0: any) to look at no others, which is much cheaper; so it is on Linux
   * where none is `wanted`. Other systems give those that aren't as well.
   */
  listeners(port?: number, wanted?: (address: Address) => boolean): Listener[];
  /** UDP sockets that are bound to a port and connected to nobody. */
  udpSockets(): Listener[];
  /** TCP connections that have this local or remote port: of those within this machine, both ends. */
  connections(port: number): Connection[];
  /**
   * Whose socket is at the client's end of a TCP connection within this machine, as the system knows it at this moment.
   * Inode 0: it is closed, and bytes of it are still under way. Null: it could not be named, since it is closed or in another network;
   * then nothing is known about its user. Absent where the system can't tell. Costs some 5 µs.
   */
  readonly peer?: ((client: Address, server: Address) => SocketOwner | null) | undefined;
  /**
   * For each socket a process that has it open, those of the sockets' users first; null when none is found. Goes through
   * all processes, which takes milliseconds: the door asks `lookups.ts`, which does it on another thread and remembers.
   */
  processesOfSockets(sockets: readonly SocketQuestion[]): (number | null)[];
  /** Null when there's no such process. */
  processDetails(pid: number): ProcessDetails | null;
  /** The environment that a process was started with; null where this user may not see it, or the system can't tell. */
  processEnvironment(pid: number): ReadonlyMap<string, string> | null;
  userName(uid: number): string | null;
  /** First and last port that the system gives to outgoing connections; null where it doesn't say. */
  ephemeralRange(): readonly [number, number] | null;
  /** Whether this user can see the processes behind other users' sockets. */
  seesAllProcesses(): boolean;
  /** A text that no other start of any process shares (boot and start time); null when there's no such process. */
  startStamp(pid: number): string | null;
  /** True while this very process runs. A zombie doesn't run; another process that got its pid isn't it. */
  isRunning(identity: ProcessIdentity): boolean;
  /** Pids of children, their children and so on, nearest first, without zombies. */
  descendants(pid: number): number[];
  /** Pids of living children. */
  children(pid: number): number[];
  /**
   * A variable of the environment that a process was started with; null where it has none of this name. Undefined: it
   * can't be read, since it is another user's, or the program has written over it (nginx, Postgres). Absent where the
   * system doesn't tell.
   */
  readonly variableOf?: ((pid: number, name: string) => string | null | undefined) | undefined;
  /** Pids of this user's processes (root's: everyone's) that were started with a variable whose value begins so. */
  readonly processesWith?: ((name: string, start: string) => number[]) | undefined;
  /** Whether a process is suspended (SIGSTOP, Ctrl-Z): it does nothing until SIGCONT. Absent where the system doesn't tell. */
  readonly isSuspended?: ((pid: number) => boolean) | undefined;
  /** Pids of children that have ended and that nobody has waited for. */
  readonly zombies?: ((pid: number) => number[]) | undefined;
  /** Pids of a process group's living members, without zombies. Always empty on Windows, which has no groups. */
  processGroup(group: number): number[];
  /** The lowest port that this user may listen on: 1024 on most systems, 0 for root and on Windows. */
  unprivilegedFrom(): number;
}
