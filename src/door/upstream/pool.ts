import type { Socket } from "node:net";
import type { OnRead } from "../accept/accept.ts";
import { dial } from "./dial.ts";
import { closeSession, type H2cSession, newSession, readSession, sweepSession, takesStream } from "./h2c-session.ts";
import { h2cStream } from "./h2c-stream.ts";
import { type Upstream, upstreamKey } from "./upstream.ts";
import type { UpstreamSocket } from "./upstream-socket.ts";

const READ_SIZE = 64 * 1024;
/** Servers close idle connections after 5 s (node's default); ours are given up before, ms. */
const IDLE_TIME = 4_000;
/** Idle connections kept for one service: two clients of HTTP/2 may have so many streams at once. */
const IDLE_MOST = 256;
/** No buffer: the one before stays. Its type is what node's types ask for. */
const KEEP = null as unknown as Buffer;

/** Whoever uses an upstream connection at the moment. */
export interface UpstreamUser {
  readonly read: OnRead;
  readonly drained: () => void;
  /** The service takes no more of the request; its answer may still come. */
  readonly refusing: () => void;
  /** The service closed its sending side. */
  readonly ended: () => void;
  /** The connection is gone, with the error if there was one. Called once, after `ended` if that came. */
  readonly gone: (error: NodeJS.ErrnoException | null) => void;
}

/** One connection to a service; used by one exchange at a time, never shared between clients. */
export interface UpstreamConnection {
  readonly socket: UpstreamSocket;
  readonly key: string;
  user: UpstreamUser | null;
  /** When the service took the connection, `performance.now()`; 0 before that. */
  connectedAt: number;
  /** It has served an exchange before: the service may be closing it at this very moment. */
  reused: boolean;
  /** A write to it failed. */
  refusing: boolean;
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
  /** A stream for one exchange, of a connection that speaks HTTP/2 with prior knowledge and is shared between clients. */
  readonly takeStream: (upstream: Upstream, user: UpstreamUser) => UpstreamConnection;
  /**
   * Gives back a connection that is ready for the next exchange. `idleTime`: what the service said it keeps it, ms; `now`:
   * `performance.now()`.
   */
  readonly give: (connection: UpstreamConnection, idleTime: number | null, now: number) => void;
  /** Drops connections that idled too long. */
  readonly sweep: (now: number) => void;
  readonly close: () => void;
}

/** A connection of HTTP/1.1, which is one socket. */
interface SocketConnection extends UpstreamConnection {
  readonly socket: Socket;
}

/** Idle connections by service, the longest idle first. */
type Idle = Map<string, SocketConnection[]>;
/** Connections that speak HTTP/2, by service. */
type Sessions = Map<string, H2cSession[]>;

export function createUpstreamPool(): UpstreamPool {
  const idle: Idle = new Map();
  const sessions: Sessions = new Map();
  return {
    take: (upstream, user, fresh, maxIdle) =>
      (fresh ? null : takeIdle(idle, upstream, user, maxIdle)) ?? open(idle, upstream, user),
    takeStream: (upstream, user) => openStream(sessions, upstream, user),
    give: (connection, idleTime, now) => give(idle, connection, idleTime, now),
    sweep: (now) => {
      for (const list of sessions.values()) for (const session of [...list]) sweepSession(session, now);
      for (const list of idle.values()) {
        // The oldest are first; a copy, since dropping changes the list.
        for (const connection of [...list]) {
          if (now - connection.idleSince > connection.idleTime) drop(idle, connection);
        }
      }
    },
    close: () => {
      for (const list of sessions.values()) for (const session of [...list]) closeSession(session);
      for (const list of [...idle.values()]) for (const connection of [...list]) drop(idle, connection);
    },
  };
}

function openStream(sessions: Sessions, upstream: Upstream, user: UpstreamUser): UpstreamConnection {
  const session = sessions.get(upstreamKey(upstream))?.find(takesStream) ?? openSession(sessions, upstream);
  const reused = session.nextStream > 1;
  const socket = h2cStream(session, {
    read: (bytes) => connection.user?.read(bytes.length, bytes) ?? true,
    drained: () => connection.user?.drained(),
    gone: (code) => {
      const last = connection.user;
      connection.user = null;
      last?.gone(code === "closed" ? null : Object.assign(new Error(code), { code }));
    },
  });
  const connection: UpstreamConnection = {
    ...{ socket, key: "", user, reused, refusing: false, bytes: { inUse: false }, idleSince: 0, idleTime: 0 },
    get connectedAt() {
      return session.connectedAt;
    },
  };
  return connection;
}

function openSession(sessions: Sessions, upstream: Upstream): H2cSession {
  const key = upstreamKey(upstream);
  const socket = dial(upstream, {
    onread: {
      buffer: Buffer.allocUnsafeSlow(READ_SIZE),
      callback: (length, bytes) => readSession(session, bytes as Buffer, length),
    },
    connected: () => {
      session.connectedAt = performance.now();
    },
    refusing: (error) => socket.destroy(error),
  });
  const session = newSession(socket);
  sessions.set(key, [...(sessions.get(key) ?? []), session]);
  socket.on("close", () => {
    const left = (sessions.get(key) ?? []).filter((one) => one !== session);
    if (left.length === 0) sessions.delete(key);
    else sessions.set(key, left);
  });
  return session;
}

function open(idle: Idle, upstream: Upstream, user: UpstreamUser): SocketConnection {
  const bytes = { inUse: false };
  const socket = dial(upstream, {
    onread: readInto(bytes, (length, read) => {
      if (connection.user !== null) return connection.user.read(length, read);
      // Bytes that nobody asked for: whatever they are, they must not become part of a response.
      drop(idle, connection);
      return false;
    }),
    connected: () => {
      connection.connectedAt = performance.now();
    },
    refusing: () => {
      connection.refusing = true;
      connection.user?.refusing();
    },
  });
  const connection: SocketConnection = {
    socket,
    key: upstreamKey(upstream),
    user,
    connectedAt: 0,
    reused: false,
    refusing: false,
    bytes,
    idleSince: 0,
    idleTime: 0,
  };
  follow(idle, connection);
  return connection;
}

/** One buffer serves for ever as long as what was read goes out at once; else the next read gets another one. */
function readInto(bytes: { inUse: boolean }, read: OnRead) {
  let buffer = Buffer.allocUnsafeSlow(READ_SIZE);
  let hasRead = false;
  return {
    // Asked at first, by each attempt to connect, and after each read: giving node none then spares it to look at the
    // buffer anew.
    buffer: () => {
      if (hasRead && !bytes.inUse) return KEEP;
      if (bytes.inUse) buffer = Buffer.allocUnsafeSlow(READ_SIZE);
      bytes.inUse = false;
      return buffer;
    },
    callback: (length: number, into: Uint8Array) => {
      hasRead = true;
      return read(length, into);
    },
  };
}

/** Tells the user of the moment what happens to the connection. */
function follow(idle: Idle, connection: SocketConnection): void {
  const { socket } = connection;
  let failure: NodeJS.ErrnoException | null = null;
  socket.on("drain", () => connection.user?.drained());
  socket.on("end", () => {
    if (connection.user !== null) connection.user.ended();
    else drop(idle, connection);
  });
  socket.on("error", (error) => {
    failure = error;
  });
  socket.on("close", () => {
    forget(idle, connection);
    const last = connection.user;
    connection.user = null;
    last?.gone(failure);
  });
}

function forget(idle: Idle, connection: SocketConnection): void {
  const list = idle.get(connection.key);
  const at = list?.indexOf(connection) ?? -1;
  if (list === undefined || at === -1) return;
  list.splice(at, 1);
  if (list.length === 0) idle.delete(connection.key);
}

function drop(idle: Idle, connection: SocketConnection): void {
  forget(idle, connection);
  connection.socket.destroy();
}

/** Last in, first out: the warmest connection, and the others get to time out. Null: none is young enough. */
function takeIdle(idle: Idle, upstream: Upstream, user: UpstreamUser, maxIdle: number): SocketConnection | null {
  const list = idle.get(upstreamKey(upstream));
  const connection = list?.at(-1);
  if (list === undefined || connection === undefined) return null;
  if (performance.now() - connection.idleSince > Math.min(maxIdle, connection.idleTime)) return null;
  list.pop();
  connection.user = user;
  connection.reused = true;
  return connection;
}

function give(idle: Idle, given: UpstreamConnection, idleTime: number | null, now: number): void {
  // A stream has ended with its exchange, and isn't given back.
  const connection = given as SocketConnection;
  const { socket, key } = connection;
  connection.user = null;
  connection.idleTime = idleTime === null ? IDLE_TIME : Math.min(IDLE_TIME, Math.max(0, idleTime - 500));
  const list = idle.get(key) ?? [];
  const over = connection.idleTime === 0 || connection.refusing || socket.destroyed || socket.readableEnded;
  if (over || list.length >= IDLE_MOST) {
    socket.destroy();
    return;
  }
  connection.idleSince = now;
  if (list.length === 0) idle.set(key, list);
  list.push(connection);
}
