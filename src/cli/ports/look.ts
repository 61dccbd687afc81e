import { readFileSync } from "node:fs";
import type { Address } from "../../address/address.ts";
import { isLoopback, isUnspecified } from "../../address/classify.ts";
import { nameInPasswd } from "../../machine/linux.ts";
import { machine } from "../../machine/machine.ts";
import { commandLine, readStat } from "../../machine/proc-process.ts";
import type { ContainerFacts, ProcessFacts } from "./row.ts";

/** Who reaches a listener. */
export type Exposure = "loopback" | "lan" | "everywhere";

/** A listening TCP socket, or an open UDP one. */
export interface LookSocket {
  readonly address: Address;
  readonly pids: readonly number[];
  readonly uid: number | null;
  readonly v6only: boolean | null;
  readonly reusePort: boolean | null;
}

/** An established TCP connection, as one of its ends sees it. */
export interface LookConnection {
  readonly local: Address;
  readonly remote: Address;
  readonly pids: readonly number[];
}

/** A running container and what its engine publishes it at. */
export interface LookContainer extends ContainerFacts {
  readonly name: string;
  readonly ports: readonly (Address & { readonly protocol: "tcp" | "udp" })[];
}

/**
 * The machine as the three commands see it: the one place where they take facts from `src/machine`. What the machine
 * doesn't tell (yet) is null or empty here, and the commands leave it out.
 */
export const look = {
  listeners: (port?: number): LookSocket[] =>
    machine.listeners(port).map(({ address, pid, uid }) => ({
      address,
      pids: pid === null ? [] : [pid],
      uid,
      v6only: null,
      reusePort: null,
    })),
  udpSockets: (): LookSocket[] => [],
  connections: (_port: number): LookConnection[] => [],
  processFacts,
  userName,
  exposure: (address: Address): Exposure =>
    isLoopback(address.host) ? "loopback" : isUnspecified(address.host) ? "everywhere" : "lan",
  containers: async (): Promise<readonly LookContainer[]> => [],
  ephemeralRange: (): readonly [number, number] | null => null,
  seesAllProcesses: (): boolean => process.getuid?.() === 0,
};

function processFacts(pid: number): ProcessFacts | null {
  if (process.platform !== "linux" || machine.startStamp(pid) === null) return null;
  const command = commandLine(pid)?.replace(/(:\/\/[^:/@\s]*:)[^@\s]*@/g, "$1•••@") ?? null;
  return {
    pid,
    parent: readStat(pid)?.parent ?? null,
    command,
    program: command?.split(" ")[0]?.replace(/^.*[/\\](?=[^/\\])/, "") ?? null,
    user: null,
    uid: null,
    cwd: null,
    project: null,
    startedAt: null,
    container: null,
  };
}

let passwd: string | undefined;

function userName(uid: number): string | null {
  if (process.platform === "win32") return null;
  passwd ??= readFileSync("/etc/passwd", "utf8");
  return nameInPasswd(passwd, uid);
}
