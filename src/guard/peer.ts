import { fault } from "../fault/fault.ts";
import type { GuardRefusal } from "./refusals.ts";

/** Whose socket is at the other end of a connection. */
export interface Peer {
  /** Who made the socket. Null: unknown, see UNCHECKED and UNNAMED. */
  readonly uid: number | null;
  /** The socket's inode: the way to its process. Null: no process has it open any more, or unknown. */
  readonly inode: number | null;
}

/** This system can't tell whose a connection is, or nobody asked: nobody is refused for it. */
export const UNCHECKED: Peer = Object.freeze({ uid: null, inode: null });

/**
 * The system can tell, but not for this connection: the client closed it before it was looked up, and the kernel keeps no
 * user of a closed socket; or its socket is in another network. It is distinguished from UNCHECKED by identity.
 */
export const UNNAMED: Peer = Object.freeze({ uid: null, inode: null });

/** Who may use a service, besides this user and root. */
export interface PeerPolicy {
  /** `shop/db`; null: the door as a whole. */
  readonly service: string | null;
  /** True for this user, root, and the users in the config. */
  readonly lets: (uid: number) => boolean;
  /** Only these programs: paths of executables or their file names. Null: any. */
  readonly programs: readonly string[] | null;
  /**
   * Refuses UNNAMED clients. True where Cove is the only way in (its own API, a boxed service) and where the config lists
   * the users. Elsewhere it would protect nobody: everyone on this machine can connect to the service's own port.
   */
  readonly namedOnly: boolean;
}

/** Judges a connection by its peer's user. */
export function judgeUser(peer: Peer, { service, lets, programs, namedOnly }: PeerPolicy): GuardRefusal | null {
  if (peer === UNNAMED) {
    if (!namedOnly && programs === null) return null;
    return refuse(
      service,
      "a connection whose user could not be named, since its client had closed it already,",
      "connect again, and keep the connection open until the answer has come",
    );
  }
  if (peer.uid === null || lets(peer.uid)) return null;
  const allow = service === null ? undefined : `guard: { users: [${peer.uid}] }`;
  const hint = `to let this user in, add to the service in the stack's config: guard: { users: [${peer.uid}] }`;
  return refuse(service, `a connection of uid ${peer.uid}`, hint, allow);
}

/** Whether the service's list of programs asks for a look at the peer's program. */
export function wantsProgram({ programs }: PeerPolicy): boolean {
  return programs !== null;
}

/** Judges a connection by its peer's program: the executable's path, null where it could not be found. */
export function judgeProgram(program: string | null, { service, programs }: PeerPolicy): GuardRefusal | null {
  if (programs === null) return null;
  if (program === null) {
    return refuse(
      service,
      "a connection whose program could not be named",
      "to let any program in, remove guard.programs from the service's config",
    );
  }
  const file = program.slice(program.lastIndexOf("/") + 1);
  if (programs.some((wanted) => wanted === program || wanted === file)) return null;
  const allow = `guard: { programs: [${JSON.stringify(file)}] }`;
  return refuse(
    service,
    `a connection of ${program}`,
    `to let this program in too, add it in the stack's config: ${allow}`,
    allow,
  );
}

function refuse(service: string | null, who: string, hint: string, allow?: string): GuardRefusal {
  const where = service === null ? "" : ` to ${service}`;
  return {
    check: "peer",
    status: 403,
    fault: fault("PEER_REFUSED", `${who}${where} was refused`, hint, { ...(service !== null && { service }) }),
    ...(allow !== undefined && { allow }),
  };
}
