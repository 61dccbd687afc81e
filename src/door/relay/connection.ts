import { connect, type Socket } from "node:net";
import type { Tap } from "../../capture/decoders/tap.ts";
import { admission } from "../../conditions/chain.ts";
import { type Condition, isAboutHttp } from "../../conditions/conditions.ts";
import type { Left } from "../../conditions/http/conversation.ts";
import { type Follower, openFollower } from "../../conditions/http/follower.ts";
import type { Timer } from "../../conditions/time/clock.ts";
import { monotonic } from "../../conditions/time/scheduler.ts";
import type { OnRead } from "../accept/accept.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { breakOff, type Count, openDirection } from "./direction.ts";
import { openTurn, type TurnCount } from "./response-times.ts";

interface ConnectionOptions {
  readonly to: () => Upstream | null;
  readonly seed: number;
  /** The how manieth of its relay. */
  readonly number: number;
  readonly up: Count;
  readonly down: Count;
  /** It doesn't speak HTTP that could be followed, though conditions are about HTTP. */
  readonly noHttp: (why: "tls" | "other") => void;
  readonly turns: TurnCount;
  /** The consumer is gone. */
  readonly left: () => void;
  /** Both sides are. */
  readonly closed: () => void;
}

/** One consumer's connection and the one to the service that belongs to it. */
export interface Connection {
  /** Where the consumer's bytes land. */
  readonly reading: { readonly buffer: () => Buffer; readonly callback: OnRead };
  /** `tap` reads along. */
  readonly accept: (client: Socket, conditions: readonly Condition[], tap: Tap | null) => void;
  readonly set: (conditions: readonly Condition[]) => void;
  /** Breaks it both ways, with a RST. */
  readonly reset: () => void;
  /** Closes both sockets as they are: what was written is still sent, then a FIN. */
  readonly drop: () => void;
}

export function openConnection(options: ConnectionOptions): Connection {
  const { seed, number } = options;
  const turn = openTurn(options.turns);
  const up = openDirection({ way: "up", seed, connection: number, count: options.up, came: turn.asked, reset });
  const down = openDirection({
    way: "down",
    seed,
    connection: number,
    count: options.down,
    went: turn.answered,
    reset,
  });
  let client: Socket | undefined;
  let service: Socket | undefined;
  let accepted = 0;
  let tap: Tap | null = null;
  /** What broke first. */
  let broken: string | null = null;
  /** Until the service may be connected to. */
  let waiting: Timer | null = null;
  /** Stands in both ways while conditions are about HTTP. */
  let follower: Follower | null = null;
  let unfollowable = false;

  function follow(conditions: readonly Condition[], fresh: boolean): void {
    if (follower === null) {
      if (unfollowable || !conditions.some(isAboutHttp)) return;
      const eased = () => {
        up.eased();
        down.eased();
      };
      const ways = { up: up.onward, down: down.onward };
      follower = openFollower({ clock: monotonic, seed, connection: number, ...ways, fresh, eased, reset, left });
      up.follow(follower.up);
      down.follow(follower.down);
    }
    follower.set(conditions);
  }

  function left(why: Left): void {
    follower = null;
    up.follow(null);
    down.follow(null);
    unfollowable = why !== "removed";
    if (why === "tls" || why === "other") options.noHttp(why);
  }

  function reset(): void {
    if (client !== undefined) breakOff(client);
    if (service !== undefined) breakOff(service);
  }

  function dial(): void {
    waiting = null;
    const to = options.to();
    if (to === null || client === undefined || client.destroyed) return reset();
    const onread = { buffer: down.buffer, callback: down.callback };
    const socket = connect({ ...to, onread, noDelay: true, allowHalfOpen: true });
    service = socket;
    up.target(socket);
    down.join(socket);
    socket.on("end", () => down.end("fin"));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      broken ??= error.code ?? "EIO";
      down.end("reset");
    });
    socket.on("close", () => {
      up.stop();
      // What was written is still delivered, and so is what a condition holds.
      if (!down.ended()) client?.destroySoon();
      if (client?.closed) options.closed();
    });
    // Reading starts with the service's answer to the connect: nothing is taken that could not be delivered.
    socket.once("connect", () => {
      tap?.connected(monotonic.now());
      turn.begin(accepted);
      client?.resume();
    });
  }

  /** Connects to the service when the conditions let it. */
  function admit(conditions: readonly Condition[]): void {
    waiting?.cancel();
    const { refuse, delay } = admission(conditions, seed, number);
    // A reset, as a port that nobody listens on gives: a clean end would look like an empty answer.
    if (refuse) return reset();
    const left = accepted + delay - monotonic.now();
    if (left <= 0) return dial();
    waiting = monotonic.at(accepted + delay, dial);
    // Held back for good, it's read all the same: a consumer that leaves is noticed. The condition keeps the bytes.
    if (delay === Number.POSITIVE_INFINITY) client?.resume();
  }

  return {
    reading: { buffer: up.buffer, callback: up.callback },
    accept: (socket, conditions, reader) => {
      client = socket;
      tap = reader;
      accepted = monotonic.now();
      down.target(socket);
      up.join(socket);
      if (tap !== null) {
        up.tap(tap);
        down.tap(tap);
      }
      socket.on("end", () => up.end("fin"));
      socket.on("error", (error: NodeJS.ErrnoException) => {
        broken ??= error.code ?? "EIO";
        up.end("reset");
      });
      socket.on("close", () => {
        tap?.closed(monotonic.now(), broken);
        waiting?.cancel();
        options.left();
        down.stop();
        if (!up.ended()) service?.destroy();
        if (service?.closed ?? true) options.closed();
      });
      if (conditions.length === 0) return dial();
      admit(conditions);
      if (socket.destroyed) return;
      up.set(conditions, true);
      down.set(conditions, true);
      follow(conditions, true);
    },
    set: (conditions) => {
      if (client?.destroyed === false && waiting !== null) admit(conditions);
      up.set(conditions);
      down.set(conditions);
      follow(conditions, false);
    },
    reset,
    drop: () => {
      client?.destroy();
      service?.destroy();
    },
  };
}
