import type { Address } from "../../address/address.ts";
import { formatAddress } from "../../address/parse.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import type { Guard } from "../../guard/guard.ts";
import type { PeerPolicy } from "../../guard/peer.ts";
import type { TcpProxy } from "../../toxiproxy/proxy.ts";
import { openToxiproxy, type Toxiproxy } from "../../toxiproxy/server.ts";
import { HOME_GUARD } from "./service-guards.ts";

/** Home's own Toxiproxy API, there when it was asked for, until home ends. */
export interface HomeToxiproxy {
  /** Default port 8474. Open at that port already, it stays as it is. Faults: PORT_TAKEN, USAGE: open at another one. */
  readonly open: (port?: number) => Promise<Address | Fault>;
  readonly close: () => Promise<void>;
}

/** Who may use a proxy that was made by the API: what it leads to can be reached without it. */
const PROXY_PEERS: PeerPolicy = { ...HOME_GUARD.peers, service: "cove/toxiproxy", namedOnly: false };

export function createToxiproxy(guard: Guard, given: () => readonly TcpProxy[]): HomeToxiproxy {
  let server: Toxiproxy | null = null;
  return {
    open: async (port) => {
      if (server !== null) {
        const { address } = server;
        if (port === undefined || port === 0 || port === address.port) return address;
        const where = formatAddress(address);
        return fault("USAGE", `the Toxiproxy API is open at ${where}`, "end it first: cove toxiproxy --home --off");
      }
      const opened = await openToxiproxy({
        ...(port !== undefined && { port }),
        given,
        admit: (socket, to) => guard.admit(socket, to === "api" ? HOME_GUARD.peers : PROXY_PEERS),
      });
      if (isFault(opened)) return opened;
      server = opened;
      return opened.address;
    },
    close: async () => {
      const closing = server;
      server = null;
      await closing?.close();
    },
  };
}
