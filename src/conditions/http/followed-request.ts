import type { RequestHead } from "../../http1/request-head.ts";
import type { Verdict } from "./verdict.ts";

/** A request that is under way or waits for its answer. */
export interface FollowedRequest {
  readonly head: RequestHead;
  /** Its number within its connection: what is drawn for it depends on it. */
  readonly number: number;
  verdict: Verdict;
  /** All of the request was there. */
  whole: boolean;
  answered: boolean;
  /** The consumer was told to send the body. */
  continued: boolean;
}

/** Whether a condition does something to it. */
export function harmed({ verdict: { fate, up, down } }: FollowedRequest): boolean {
  return fate !== "pass" || Object.keys(up).length + Object.keys(down).length > 0;
}

/** Whether messages of its WebSocket may get lost. */
export function loses({ up, down }: Verdict): boolean {
  return up.lose !== undefined || down.lose !== undefined;
}
