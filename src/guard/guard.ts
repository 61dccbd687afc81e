import type { Socket } from "node:net";
import type { Address } from "../address/address.ts";
import { formatAddress } from "../address/parse.ts";
import { findSocketProcess, knownSocketProcess } from "../machine/lookups.ts";
import { judgeCrossSite, type PageRequest } from "./cross-site.ts";
import { CONNECTION_LIMITS, type ConnectionLimits, judgeCount } from "./limits.ts";
import { judgeProgram, judgeUser, type Peer, type PeerPolicy, UNCHECKED, UNNAMED, wantsProgram } from "./peer.ts";
import type { GuardRefusal, Refusals } from "./refusals.ts";
import type { ServiceGuard } from "./service-guard.ts";

export interface GuardParts {
  /**
   * Whose socket is at a connection's client end; null: it could not be named, inode 0: it is closed. Absent: this system
   * can't tell.
   */
  readonly look?: (client: Address, server: Address) => { readonly uid: number; readonly inode: number } | null;
  /** Who may connect to the door at all. */
  readonly door: PeerPolicy;
  /** True for this user and root, who may use all connections. */
  readonly isOwner: (uid: number) => boolean;
  readonly refusals: Refusals;
  readonly limits?: ConnectionLimits;
}

/**
 * All checks together, as the door and the relays call them. Each refusal is recorded when a verdict is given. A
 * verdict comes at once, but for services that list programs: a process that isn't known yet is looked up off the thread
 * (a few ms, 5 s at the most), and that verdict is a promise. Meanwhile not a byte of the connection may be passed on.
 */
export interface Guard {
  /**
   * Judges a connection once, before a byte of it is read. Null: refused, and to be reset. Default policy: the door's,
   * which lets UNNAMED in: `request` judges it again by the policy of the service that it asks for. A list of programs
   * is not looked at: `admitTo` and `request` do that.
   */
  readonly admit: (socket: Socket, policy?: PeerPolicy) => Peer | null;
  /** The same for a connection that leads to one service: by its user, and by its program where the service lists some. */
  readonly admitTo: (socket: Socket, policy: PeerPolicy) => Peer | null | Promise<Peer | null>;
  /** Judges one more connection by how many are open; `ofUser` counts those of a user. */
  readonly count: (peer: Peer, open: number, ofUser: (uid: number) => number) => GuardRefusal | null;
  /** Judges a request to a service. */
  readonly request: (
    peer: Peer,
    address: string,
    target: string,
    asked: PageRequest,
    by: ServiceGuard,
  ) => GuardRefusal | null | Promise<GuardRefusal | null>;
  /** Records a request for a name that no service has. */
  readonly stranger: (peer: Peer, address: string, host: string) => void;
}

export function createGuard({ look, door, isOwner, refusals, limits = CONNECTION_LIMITS }: GuardParts): Guard {
  const record = (
    { check, fault, allow }: GuardRefusal,
    service: string | null,
    from: Peer,
    address: string,
    what: string,
  ) => {
    if (from === UNNAMED && check === "peer" && service !== null) refusals.unnamed(service, "refused");
    refusals.add({
      check,
      service,
      what,
      peer: { address, uid: from.uid },
      why: fault.message,
      hint: fault.hint ?? null,
      allow: allow ?? null,
    });
  };

  function admit(socket: Socket, policy = door): Peer | null {
    const peer = look === undefined ? UNCHECKED : namePeer(socket, look);
    const refusal = judgeUser(peer, policy);
    if (refusal === null) {
      // At the door it is counted once the service is known.
      if (peer === UNNAMED && policy.service !== null) refusals.unnamed(policy.service, "letIn");
      return peer;
    }
    recordConnection(socket, refusal, peer, policy);
    return null;
  }

  function recordConnection(socket: Socket, refusal: GuardRefusal, peer: Peer, { service }: PeerPolicy): void {
    const { remoteAddress = "gone", localAddress = "", localPort } = socket;
    const to = localPort === undefined ? "" : ` to ${formatAddress({ host: localAddress, port: localPort })}`;
    record(refusal, service, peer, remoteAddress, `a connection${to}`);
  }

  return {
    admit,
    admitTo: (socket, policy) => {
      const peer = admit(socket, policy);
      const verdict = peer === null ? null : judgePeerProgram(peer, policy);
      if (verdict === null || peer === null) return peer;
      const decide = (refusal: GuardRefusal | null): Peer | null => {
        if (refusal === null) return peer;
        recordConnection(socket, refusal, peer, policy);
        return null;
      };
      return verdict instanceof Promise ? verdict.then(decide) : decide(verdict);
    },
    count: (peer, open, ofUser) => {
      const { uid } = peer;
      const refusal = judgeCount(open, uid === null || isOwner(uid) ? null : ofUser(uid), limits);
      if (refusal !== null) record(refusal, null, peer, "", "a connection to the door");
      return refusal;
    },
    request: (peer, address, target, asked, { peers, pages }) => {
      const decide = (ofPeer: GuardRefusal | null): GuardRefusal | null => {
        const refusal = ofPeer ?? (pages === null ? null : judgeCrossSite(asked, pages));
        if (refusal !== null) {
          record(refusal, peers.service, peer, address, `${asked.method} ${target.split("?")[0]} at ${asked.host}`);
        } else if (peer === UNNAMED && peers.service !== null) refusals.unnamed(peers.service, "letIn");
        return refusal;
      };
      const verdict = judgeUser(peer, peers) ?? judgePeerProgram(peer, peers);
      return verdict instanceof Promise ? verdict.then(decide) : decide(verdict);
    },
    stranger: (peer, address, host) => {
      refusals.add({
        check: "host",
        service: null,
        what: `a request for ${host.slice(0, 300)}`,
        peer: { address, uid: peer.uid },
        why: "no service has this name, and a page that uses DNS rebinding would send such a request",
        hint: "if the name is yours, add it to a service's names in the stack's config",
        allow: null,
      });
    },
  };
}

function namePeer(socket: Socket, look: NonNullable<GuardParts["look"]>): Peer {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  // A socket that was closed meanwhile has no address.
  if (remoteAddress === undefined || remotePort === undefined) return UNNAMED;
  if (localAddress === undefined || localPort === undefined) return UNNAMED;
  const owner = look({ host: remoteAddress, port: remotePort }, { host: localAddress, port: localPort });
  if (owner === null) return UNNAMED;
  // A closed socket with bytes under way: its user is known, its process is not.
  return owner.inode === 0 ? { uid: owner.uid, inode: null } : owner;
}

/** Where the policy lists programs: the verdict on the peer's, or a promise of it while that isn't known yet. */
function judgePeerProgram(
  { uid, inode }: Peer,
  policy: PeerPolicy,
): GuardRefusal | null | Promise<GuardRefusal | null> {
  if (uid === null || !wantsProgram(policy)) return null;
  const known = inode === null ? null : knownSocketProcess(inode);
  if (inode === null || known !== undefined) return judgeProgram(known?.executable ?? null, policy);
  return findSocketProcess(inode, uid).then((found) => judgeProgram(found?.executable ?? null, policy));
}
