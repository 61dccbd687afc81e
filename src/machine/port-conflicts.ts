import { isLoopback, isUnspecified } from "../address/classify.ts";
import { type ListeningSocket, whoAnswers } from "./who-answers.ts";

/** A listener and the processes that hold its socket. */
export interface HeldSocket extends ListeningSocket {
  /** Every process that has it open; empty where the system doesn't tell this user. */
  readonly pids: readonly number[];
  readonly uid: number | null;
  /** Sockets of one server never clash, whichever processes hold them; absent where only the processes tell. */
  readonly server?: string;
}

/**
 * One port with several holders:
 * - `localhost`: 127.0.0.1 and ::1 lead to different processes, so that `localhost` means one or the other
 * - `shadowed`: a process on one address takes connections that another, on every address, seems to get
 * - `shared`: different processes on the very same address (SO_REUSEPORT); the system spreads connections over them
 * - `apart`: different processes on different addresses; harmless, though easily confused
 */
export type ConflictKind = "localhost" | "shadowed" | "shared" | "apart";

export interface PortConflict<T extends HeldSocket> {
  readonly port: number;
  readonly kind: ConflictKind;
  /** Those that stand against each other. */
  readonly between: readonly T[];
}

/** Ports that different processes hold, by port, the worst of each port alone. One process's own sockets never clash. */
export function portConflicts<T extends HeldSocket>(sockets: readonly T[]): PortConflict<T>[] {
  const byPort = new Map<number, T[]>();
  for (const socket of sockets) {
    const others = byPort.get(socket.address.port);
    if (others === undefined) byPort.set(socket.address.port, [socket]);
    else others.push(socket);
  }
  const found: PortConflict<T>[] = [];
  for (const [port, held] of byPort) {
    if (held.length < 2) continue;
    const conflict = localhostSplit(held) ?? shared(held) ?? shadowed(held) ?? apart(held);
    if (conflict !== null) found.push({ port, ...conflict });
  }
  return found.sort((a, b) => a.port - b.port);
}

type Found<T extends HeldSocket> = Omit<PortConflict<T>, "port"> | null;

function localhostSplit<T extends HeldSocket>(held: readonly T[]): Found<T> {
  const v4 = whoAnswers("127.0.0.1", held);
  const v6 = whoAnswers("::1", held);
  const [first] = v4;
  const [second] = v6;
  if (first === undefined || second === undefined || sameProcess(first, second)) return null;
  return { kind: "localhost", between: [...v4, ...v6] };
}

function shared<T extends HeldSocket>(held: readonly T[]): Found<T> {
  for (const socket of held) {
    const same = held.filter(({ address }) => address.host === socket.address.host);
    if (same.some((other) => !sameProcess(other, socket))) return { kind: "shared", between: same };
  }
  return null;
}

function shadowed<T extends HeldSocket>(held: readonly T[]): Found<T> {
  for (const every of held) {
    if (!isUnspecified(every.address.host)) continue;
    for (const one of held) {
      if (isUnspecified(one.address.host) || sameProcess(one, every)) continue;
      // Would the second one get connections if the first were not there?
      const rest = held.filter((socket) => socket !== one);
      if (whoAnswers(one.address.host, rest).includes(every)) return { kind: "shadowed", between: [one, every] };
    }
  }
  return null;
}

function apart<T extends HeldSocket>(held: readonly T[]): Found<T> {
  const [first, ...rest] = held;
  if (first === undefined || rest.every((other) => sameProcess(first, other))) return null;
  // Services get loopback addresses of their own (127.62.x.y) so that each can have the standard port.
  const own = held.filter(({ address }) => isLoopback(address.host) && !/^(127\.0\.0\.1|::1)$/.test(address.host));
  return own.length >= held.length - 1 ? null : { kind: "apart", between: held };
}

/** Processes that share a socket's pid are one server: a master and its workers. Unknown ones count by user. */
function sameProcess(a: HeldSocket, b: HeldSocket): boolean {
  if (a.server !== undefined && a.server === b.server) return true;
  if (a.pids.length === 0 || b.pids.length === 0) return a.pids.length === b.pids.length && a.uid === b.uid;
  return a.pids.some((pid) => b.pids.includes(pid));
}
