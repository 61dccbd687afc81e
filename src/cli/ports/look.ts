import type { Address } from "../../address/address.ts";
import { isLoopback, isUnspecified } from "../../address/classify.ts";
import { machine } from "../../machine/machine.ts";
import type { ContainerFacts, ProcessFacts } from "./row.ts";

export type Exposure = "loopback" | "lan" | "everywhere";

export interface LookSocket {
  readonly address: Address;
  readonly pids: readonly number[];
  readonly uid: number | null;
  readonly v6only: boolean | null;
  readonly reusePort: boolean | null;
}

export interface LookConnection {
  readonly local: Address;
  readonly remote: Address;
  readonly pids: readonly number[];
  readonly uid: number | null;
}

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
  processFacts: (_pid: number): ProcessFacts | null => null,
  userName: (uid: number): string | null => String(uid),
  exposure: (address: Address): Exposure =>
    isLoopback(address.host) ? "loopback" : isUnspecified(address.host) ? "everywhere" : "lan",
  containers: async (): Promise<
    readonly (ContainerFacts & { ports: readonly (Address & { protocol: string })[] })[]
  > => [],
  ephemeralRange: (): readonly [number, number] | null => null,
  seesAllProcesses: (): boolean => true,
};
