import { type Fault, fault, isFault } from "../../fault/fault.ts";
import type { Action } from "../../stack/session/link.ts";
import type { HomeMessage, ServiceChange } from "../../stack/session/messages.ts";

/** How long a runner may take to do what it was asked, ms. */
const ACTION_TIME = 170_000;

/** What changed, or why nothing did. */
export type Outcome = Fault | readonly ServiceChange[];

/** What a runner is asked to do; `services` limits an `apply`, empty: all. */
export interface Wanted {
  readonly service: string | null;
  readonly action: Action;
  readonly services: readonly string[];
}

/** What home asked one runner and has no answer to yet. */
export interface PendingRequests {
  /** Sends a `do` and resolves with its outcome. */
  readonly ask: (send: (message: HomeMessage) => void, wanted: Wanted) => Promise<Outcome>;
  /** The runner's `done`. */
  readonly done: (id: number, outcome: Outcome) => void;
  /** The runner has left: each `down` is fulfilled, everything else failed. */
  readonly left: () => void;
}

export function createPendingRequests(stack: string): PendingRequests {
  const open = new Map<number, { action: Action; answer: (outcome: Outcome) => void }>();
  let last = 0;
  return {
    ask: (send, wanted) => {
      const { action } = wanted;
      const id = ++last;
      return new Promise((resolve) => {
        const answer = (outcome: Outcome) => {
          clearTimeout(timer);
          open.delete(id);
          resolve(outcome);
        };
        const timer = setTimeout(() => answer(tooSlow(stack, action)), ACTION_TIME);
        open.set(id, { action, answer });
        send({ type: "do", id, ...wanted });
      });
    },
    done: (id, outcome) => {
      const asked = open.get(id);
      // A `down` is over when the runner has left, not when it has begun to.
      if (asked !== undefined && (asked.action !== "down" || isFault(outcome))) asked.answer(outcome);
    },
    left: () => {
      for (const { action, answer } of [...open.values()]) {
        answer(action === "down" ? [] : fault("HOME_UNREACHABLE", `the runner of ${stack} has ended`));
      }
    },
  };
}

function tooSlow(stack: string, action: Action): Fault {
  return fault("NOT_READY", `${stack} did not ${action} within ${ACTION_TIME / 1000} s`, "look at: cove logs");
}
