import { type Fault, fault } from "../../fault/fault.ts";
import type { Action } from "../../stack/session/link.ts";
import type { HomeMessage } from "../../stack/session/messages.ts";

/** How long a runner may take to do what it was asked, ms. */
const ACTION_TIME = 170_000;

/** What home asked one runner and has no answer to yet. */
export interface PendingRequests {
  /** Sends a `do` and resolves with its outcome. */
  readonly ask: (send: (message: HomeMessage) => void, service: string | null, action: Action) => Promise<Fault | null>;
  /** The runner's `done`. */
  readonly done: (id: number, outcome: Fault | null) => void;
  /** The runner has left: each `down` is fulfilled, everything else failed. */
  readonly left: () => void;
}

export function createPendingRequests(stack: string): PendingRequests {
  const open = new Map<number, { action: Action; answer: (outcome: Fault | null) => void }>();
  let last = 0;
  return {
    ask: (send, service, action) => {
      const id = ++last;
      return new Promise((resolve) => {
        const answer = (outcome: Fault | null) => {
          clearTimeout(timer);
          open.delete(id);
          resolve(outcome);
        };
        const timer = setTimeout(() => answer(tooSlow(stack, action)), ACTION_TIME);
        open.set(id, { action, answer });
        send({ type: "do", id, action, service });
      });
    },
    done: (id, outcome) => {
      const asked = open.get(id);
      // A `down` is over when the runner has left, not when it has begun to.
      if (asked !== undefined && (asked.action !== "down" || outcome !== null)) asked.answer(outcome);
    },
    left: () => {
      for (const { action, answer } of [...open.values()]) {
        answer(action === "down" ? null : fault("HOME_UNREACHABLE", `the runner of ${stack} has ended`));
      }
    },
  };
}

function tooSlow(stack: string, action: Action): Fault {
  return fault("NOT_READY", `${stack} did not ${action} within ${ACTION_TIME / 1000} s`, "look at: cove logs");
}
