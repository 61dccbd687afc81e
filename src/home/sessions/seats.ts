import { fault } from "../../fault/fault.ts";
import type { ConsoleNews, ConsoleRequest } from "../../stack/session/console.ts";
import type { HomeMessage } from "../../stack/session/messages.ts";

/** A place in front of a service: what is said here is said to its runner. */
export interface Seat {
  readonly say: (request: ConsoleRequest) => void;
  readonly leave: () => void;
}

/** Those who sit in front of the services of one stack, each with a number. */
export interface Seats {
  readonly sit: (send: (message: HomeMessage) => void, service: string, tell: (news: ConsoleNews) => void) => Seat;
  /** The runner's answer to one of them. */
  readonly told: (id: number, news: ConsoleNews) => void;
  /** The runner is gone: it is over for all. `why`: what has become of the stack, `has ended`. */
  readonly left: (why: string) => void;
}

/** Numbers are never used again, so that a runner's late news reach nobody else. */
let last = 0;

export function createSeats(stack: string): Seats {
  const taken = new Map<number, (news: ConsoleNews) => void>();
  return {
    sit: (send, service, tell) => {
      const id = ++last;
      taken.set(id, tell);
      return {
        say: (request) => taken.has(id) && send({ type: "console", id, service, request }),
        leave: () => {
          if (taken.delete(id)) send({ type: "console", id, service, request: { type: "close" } });
        },
      };
    },
    told: (id, news) => taken.get(id)?.(news),
    left: (why) => {
      const all = [...taken.values()];
      taken.clear();
      for (const tell of all) tell({ type: "over", fault: fault("STACK_UNKNOWN", `${stack} ${why}`, "see: cove") });
    },
  };
}
