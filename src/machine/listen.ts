import type { Server } from "node:net";
import type { Address } from "../address/address.ts";
import { type Fault, fault } from "../fault/fault.ts";
import { findHolder } from "./lookups.ts";
import { startListening } from "./start-listening.ts";

/** What to do next, for the hint of the fault. */
export interface ListenHints {
  /** Another process has the port. */
  readonly taken: string;
  /** The port needs rights that this user doesn't have. Default: to choose a higher one. */
  readonly privileged?: string;
}

/**
 * Makes a server listen at this very address, without SO_REUSEPORT: another process of this user could take half of the
 * connections. Port 0 takes any free one. Returns where it listens; later errors of the server, each of one connection
 * that could not be accepted, are ignored. Faults: PORT_TAKEN, which names the holder; PORT_PRIVILEGED; ADDRESS_INVALID: not an address
 * of this machine. `detail.error` has the system's code.
 *
 * @example
 * const at = await listen(server, { host: "127.0.0.1", port: 8474 }, { taken: "choose another port: --port 8475" });
 */
export async function listen(server: Server, at: Address, hints: ListenHints): Promise<Address | Fault> {
  const { host, port } = at;
  const error = await startListening(server, { host, port, backlog: 1024, exclusive: true });
  if (error !== null) return whyNot(error, at, hints);
  const bound = server.address();
  return typeof bound === "object" && bound !== null ? { host: bound.address, port: bound.port } : at;
}

async function whyNot({ code }: NodeJS.ErrnoException, at: Address, hints: ListenHints): Promise<Fault> {
  const { host, port } = at;
  const detail = { ...at, error: code };
  switch (code) {
    case "EADDRINUSE": {
      // Loaded only here: a server's process that finds its port free doesn't need to know this machine.
      const [holder, { describeHolder }] = await Promise.all([findHolder(at), import("./machine.ts")]);
      const who = holder === null ? "another process" : describeHolder(holder);
      return fault("PORT_TAKEN", `${named(at)} is held by ${who}`, hints.taken, { ...detail, ...holder });
    }
    case "EACCES": {
      const { machine } = await import("./machine.ts");
      const hint = hints.privileged ?? `choose a port from ${machine.unprivilegedFrom()} up`;
      return fault("PORT_PRIVILEGED", `this user may not listen on port ${port}`, hint, detail);
    }
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
    case "EINVAL":
      return fault(
        "ADDRESS_INVALID",
        `${host} is not an address of this machine, so nothing can listen there`,
        "choose an address of this machine, such as 127.0.0.1",
        detail,
      );
    default:
      return fault("PORT_TAKEN", `nothing can listen on ${named(at)} (${code})`, "see: cove doctor", detail);
  }
}

/** The usual loopback addresses go without saying. */
function named({ host, port }: Address): string {
  return host === "127.0.0.1" || host === "::1" ? `port ${port}` : `port ${port} of ${host}`;
}
