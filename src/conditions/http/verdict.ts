import type { RequestHead } from "../../http1/request-head.ts";
import type { SelectedCondition } from "../chain.ts";
import { kindOf } from "../conditions.ts";
import type { Harm } from "../kinds/condition.ts";
import { type HttpCondition, matchesRequest } from "../kinds/http-match.ts";
import { randomFor } from "../time/random.ts";

/** What happens to one request, its response and its WebSocket. */
export interface Verdict {
  /** `pass`: the service gets it, though maybe not as it was sent. */
  readonly fate: "pass" | "drop" | "answer";
  readonly status: number;
  /** To the request's body, and to the WebSocket's messages that way. */
  readonly up: Harm;
  readonly down: Harm;
}

export const UNHARMED: Harm = {};
const SPARED: Verdict = { fate: "pass", status: 0, up: UNHARMED, down: UNHARMED };

/** Each condition is drawn by itself, so other conditions change nothing. Of two of one kind the first one counts. */
export function verdictOn(
  conditions: readonly SelectedCondition[],
  asked: RequestHead,
  seed: number,
  connection: number,
  number: number,
): Verdict {
  let verdict = SPARED;
  for (const { key, condition } of conditions) {
    const harm = kindOf(condition).harm?.(condition);
    if (harm === undefined || !matchesRequest(condition as HttpCondition, asked)) continue;
    const { probability, direction } = condition;
    if (probability < 1 && randomFor(seed, connection, key, "request", number)() >= probability) continue;
    if (harm.answer !== undefined || harm.drop) {
      if (verdict.fate !== "pass") continue;
      verdict = { ...verdict, fate: harm.drop ? "drop" : "answer", status: harm.answer ?? 0 };
      continue;
    }
    const up = direction === "down" ? verdict.up : { ...harm, ...verdict.up };
    verdict = { ...verdict, up, down: direction === "up" ? verdict.down : { ...harm, ...verdict.down } };
  }
  return verdict;
}
