import { connect, type Socket } from "node:net";
import type { OnRead } from "../accept/accept.ts";
import { type Upstream, upstreamKey } from "./upstream.ts";

const READ_SIZE = 64 * 1024;
/** Servers close idle connections after 5 s (node's default); ours are given up before, ms. */
const IDLE_TIME = 4_000;
/** Idle connections kept for one service. */
const IDLE_MOST = 64;
/** How long connecting may take, ms. Loopback answers at once; an `external` service may be a tunnel. */
const CONNECT_TIME = 10_000;

/** No buffer: the one before stays. Its type is what node's types ask for. */
const KEEP = null as unknown as Buffer;

/** Whoever uses an upstream connection at the moment. */
export interface UpstreamUser {
  readonly read: OnRead;
  readonly drained: () => void;
  /** The service closed its sending side. */
  readonly ended: () => void;
  /** The connection is gone, with the error if there was one. Called once, after `ended` if that came. */
  readonly gone: (error: NodeJS.ErrnoException | null) => void;
}

/** One connection to a service; used by one exchange at a time, never shared between clients. */
export interface UpstreamConnection {
  readonly socket: Socket;
  readonly key: string;
  user: UpstreamUser | null;
  /** When the service took the connection, `performance.now()`; 0 before that. */
  connectedAt: number;
  /** It has served an exchange before: the service may be closing it at this very moment. */
  reused: boolean;
  /** `inUse` is set when the last read's bytes are still waiting to be written: the next read gets another buffer. */
  readonly bytes: { inUse: boolean };
  /** When it became idle, `performance.now()`. */
  idleSince: number;
  /** How long it may idle, ms. */
  idleTime: number;
}

export interface UpstreamPool {
  /** The most recently used idle connection, else a new one. `fresh` asks for a new one. */
  readonly take: (upstream: Upstream, user: UpstreamUser, fresh: boolean, maxIdle: number) => UpstreamConnection;
  /** Gives back a connection that is ready for the next exchange. `idleTime`: what the service said it keeps it, ms. */
  readonly give: (connection: UpstreamConnection, idleTime: number | null) => void;
  /** Drops connections that idled too long. */
  readonly sweep: (now: number) => void;
  readonly close: () => void;
}

export function createUpstreamPool(): UpstreamPool {
  const idle = new Map<string, UpstreamConnection[]>();

  function open(upstream: Upstream, user: UpstreamUser): UpstreamConnection {
    let buffer = Buffer.allocUnsafeSlow(READ_SIZE);
    const held = { inUse: false };
    let hasRead = false;
    const onread = {
      // Asked at first, by each attempt to connect, and after each read. As long as the bytes went out at once, the same
      // buffer serves for ever, and giving node none after a read spares it to look at the buffer anew.
      buffer: () => {
        if (hasRead && !held.inUse) return KEEP;
        if (held.inUse) buffer = Buffer.allocUnsafeSlow(READ_SIZE);
        held.inUse = false;
        return buffer;
      },
      callback: (length: number, bytes: Uint8Array) => {
        hasRead = true;
        if (connection.user !== null) return connection.user.read(length, bytes);
        // Bytes that nobody asked for: whatever they are, they must not become part of a response.
        drop(connection);
        return false;
      },
    };
    const socket = connect({ ...upstream, onread, noDelay: true, allowHalfOpen: true });
    const connection: UpstreamConnection = {
      socket,
      key: upstreamKey(upstream),
      user,
      connectedAt: 0,
      reused: false,
      bytes: held,
      idleSince: 0,
      idleTime: 0,
    };
    let failure: NodeJS.ErrnoException | null = null;
    socket.setTimeout(CONNECT_TIME, () => {
      failure = Object.assign(new Error("connecting took too long"), { code: "ETIMEDOUT" });
      socket.destroy();
    });
    socket.once("connect", () => {
      connection.connectedAt = performance.now();
      socket.setTimeout(0);
    });
    socket.on("drain", () => connection.user?.drained());
    socket.on("end", () => {
      if (connection.user !== null) connection.user.ended();
      else drop(connection);
    });
    socket.on("error", (error) => {
      failure = error;
    });
    socket.on("close", () => {
      forget(connection);
      const last = connection.user;
      connection.user = null;
      last?.gone(failure);
    });
    return connection;
  }

  function forget(connection: UpstreamConnection): void {
    const list = idle.get(connection.key);
    const at = list?.indexOf(connection) ?? -1;
    if (list === undefined || at === -1) return;
    list.splice(at, 1);
    if (list.length === 0) idle.delete(connection.key);
  }

  function drop(connection: UpstreamConnection): void {
    forget(connection);
    connection.socket.destroy();
  }

  function take(upstream: Upstream, user: UpstreamUser, fresh: boolean, maxIdle: number): UpstreamConnection {
    const list = fresh ? undefined : idle.get(upstreamKey(upstream));
    // Last in, first out: the warmest connection, and the others get to time out.
    const connection = list?.at(-1);
    if (list === undefined || connection === undefined) return open(upstream, user);
    if (performance.now() - connection.idleSince > Math.min(maxIdle, connection.idleTime)) return open(upstream, user);
    list.pop();
    connection.user = user;
    connection.reused = true;
    return connection;
  }

  function give(connection: UpstreamConnection, idleTime: number | null): void {
    connection.user = null;
    connection.idleTime = idleTime === null ? IDLE_TIME : Math.min(IDLE_TIME, Math.max(0, idleTime - 500));
    const { socket, key } = connection;
    const list = idle.get(key) ?? [];
    if (list.length >= IDLE_MOST || connection.idleTime === 0 || socket.destroyed || socket.readableEnded) {
      socket.destroy();
      return;
    }
    connection.idleSince = performance.now();
    if (list.length === 0) idle.set(key, list);
    list.push(connection);
  }

  return {
    take,
    give,
    sweep: (now) => {
      for (const list of idle.values()) {
        // The oldest are first; a copy, since dropping changes the list.
        for (const connection of [...list]) if (now - connection.idleSince > connection.idleTime) drop(connection);
      }
    },
    close: () => {
      for (const list of [...idle.values()]) for (const connection of [...list]) drop(connection);
    },
  };
}
