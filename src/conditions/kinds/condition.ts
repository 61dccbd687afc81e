import type { Clock } from "../time/clock.ts";
import type { Random } from "../time/random.ts";
import type { Field } from "./field.ts";

/** Which way bytes go: `up` from the consumer to the service, `down` back. */
export type Way = "up" | "down";
/** Which bytes a condition is about. */
export type Direction = Way | "both";

/** What every condition has. Conditions are plain data: they go through JSON unchanged. */
export interface ConditionBase {
  readonly kind: string;
  readonly direction: Direction;
  /** Share of connections that it applies to, 0 to 1, drawn once for each connection; of requests, where the kind is about HTTP. */
  readonly probability: number;
  /** Tells two conditions of one kind apart when the list changes. Default: their order. */
  readonly name?: string;
}

/**
 * How a direction ends. `fin`: no more bytes this way, the other way goes on. `close`: both sides are closed once what came
 * before is delivered. `reset`: the source broke; so does the target.
 */
export type End = "fin" | "close" | "reset";

/**
 * A sender that has ended its side, and that no byte can reach, is taken for gone after this time, ms. So no connection stays
 * open forever. Linux waits as long in FIN_WAIT_2.
 */
export const ORPHAN_MS = 60_000;

/** What takes bytes: a stage, or the socket behind the last one. */
export interface Output {
  /** `at`: when they arrived here, in the clock's ms; may lie a little in the past, so that lateness doesn't add up. */
  readonly push: (bytes: Buffer, at: number) => void;
  readonly end: (how: End, at: number) => void;
}

/** One condition at work on one direction of one connection. It hands on every byte, in order, sooner or later. */
export interface Stage<C extends ConditionBase = ConditionBase> extends Output {
  /** Other parameters, same kind: what it holds stays held. Without it the stage is flushed and opened again. */
  readonly change?: (condition: C) => void;
  /** Hands on at once all that it holds, in order, and ends its timers: the condition was removed. */
  readonly flush: () => void;
  /** Drops what it holds and ends its timers: the connection is gone. */
  readonly stop: () => void;
}

/** What a stage knows of its connection. */
export interface Link {
  readonly clock: Clock;
  /** Its own generator: the same seed, connection, direction and condition give the same numbers. */
  readonly random: Random;
  /** The connection is only being made; false: the condition was set while it was open. */
  readonly fresh: boolean;
  /** The round trip that this connection's latency conditions add up to, ms. */
  readonly roundTrip: () => number;
  /** Sends a real RST both ways at once and drops what is held. */
  readonly reset: () => void;
  /** This many bytes will never be handed on. */
  readonly dropped: (bytes: number) => void;
}

/** What happens to a new connection before the service is connected to. */
export interface Admission {
  readonly refuse?: boolean;
  /** Before the service is connected to, ms. Infinity: not before the condition is gone. */
  readonly delay?: number;
}

/** What a condition means for the bytes that a direction must be able to hold. */
interface Load {
  /** Bytes per second. */
  readonly rate?: number;
  /** How long bytes stay, ms. */
  readonly delay?: number;
  /** Bytes leave in pieces as small as this, and each costs memory of its own. */
  readonly piece?: number;
}

/** A kind of condition: one file each, listed in conditions.ts. */
export interface ConditionKind<C extends ConditionBase> {
  readonly kind: C["kind"];
  /** One line for help texts. */
  readonly about: string;
  /** Where it applies when nothing else is said. */
  readonly direction: Direction;
  /** Its parameters: what checks, prints and reads them, and what a page draws its sliders from. */
  readonly fields: Readonly<Record<string, Field>>;
  /** What the fields alone can't tell: a message, or null. */
  readonly check?: (condition: C) => string | null;
  readonly admit?: (condition: C) => Admission;
  readonly load?: (condition: C) => Load;
  readonly stage?: (condition: C, next: Output, link: Link) => Stage<C>;
  /** What it does to a request that it is drawn for, and to its answer. Such a kind matches by method, path and host. */
  readonly harm?: (condition: C) => Harm;
}

/** Harm: what a condition does to a request, its answer or the messages of its WebSocket. What is left out is unchanged. */
export interface Harm {
  /** Cove answers with this status instead of the service, which never gets the request. */
  readonly answer?: number;
  /** The request is lost: the service never gets it, and nothing answers. */
  readonly drop?: true;
  /** The message ends after `bytes` of its body; undefined: in the middle. */
  readonly cut?: { readonly bytes: number | undefined; readonly how: "reset" | "close" };
  /** The rate at which its body passes, bytes per second. */
  readonly slow?: number;
  /** Share of its body's bytes in which one bit is flipped. */
  readonly corrupt?: number;
  /** Share of WebSocket messages that are lost. */
  readonly lose?: number;
}
