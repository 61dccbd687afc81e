import type { Fault } from "../../fault/fault.ts";
import type { Hello, HomeMessage, RunnerMessage, ServiceChange } from "./messages.ts";

export type Welcome = Extract<HomeMessage, { type: "welcome" }>;
export type Action = Extract<HomeMessage, { type: "do" }>["action"];

/** Handlers of home's messages. */
export interface LinkHandlers {
  /** Everything home must know to take the stack over, made again for every (re)connection. */
  readonly hello: () => Hello;
  /** Home accepted the stack: at first, and again after each reconnection and each `renew`. */
  readonly welcome: (welcome: Welcome) => void;
  /** Home went away; the link is already starting it again. */
  readonly lost: () => void;
  /** Resolves with what changed, for `apply` and `restart`. `services` is what `apply` is limited to; empty: all. */
  readonly act: (
    action: Action,
    service: string | null,
    services: readonly string[],
  ) => Promise<Fault | readonly ServiceChange[]>;
  /** Home has something to say in a service's log. */
  readonly note?: (service: string, text: string) => void;
  /** Somebody sits in front of a service, types, or leaves. */
  readonly console?: (message: Extract<HomeMessage, { type: "console" }>) => void;
}

/**
 * The runner's connection to home. The runner uses only this interface; `home/link.ts` implements it over a WebSocket,
 * and a test or a library caller without a home passes its own.
 */
export interface HomeLink {
  /** Opens the session (starting home where none runs) and keeps it open: after a loss it reconnects within two seconds. */
  readonly open: (handlers: LinkHandlers) => Promise<Welcome | Fault>;
  /** Sends one message; silently dropped while home is away, since the next hello carries the whole state. */
  readonly send: (message: RunnerMessage) => void;
  /** Says on the open session what the stack is now; answered by a `welcome`. Dropped like other messages while home is away. */
  readonly renew: (hello: Hello) => void;
  /** Says `bye` and closes. */
  readonly close: () => Promise<void>;
}
