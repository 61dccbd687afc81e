import type { Redirection } from "./bind-verdict.ts";
import { stillListens } from "./still-listens.ts";

/**
 * When a turned socket is looked for, ms after it was turned. Dev servers find a free port by listening on it for a moment,
 * on all addresses: those have closed it by the first look. What has only bound it may listen later.
 */
const LOOKS = [1_000, 3_000, 10_000];

/** Passes on those turns whose socket came to stay; refusals at once. `stop` drops what still waits. */
export function lastingTurns(tell: (turn: Redirection) => void): {
  readonly turned: (turn: Redirection) => void;
  readonly stop: () => void;
} {
  const waiting = new Set<NodeJS.Timeout>();
  const lookAfter = (turn: Redirection, inode: number, looks: readonly number[], before: number) => {
    const [next, ...later] = looks;
    if (next === undefined) return;
    const timer = setTimeout(() => {
      waiting.delete(timer);
      if (stillListens(inode)) tell(turn);
      else lookAfter(turn, inode, later, next);
    }, next - before).unref();
    waiting.add(timer);
  };
  return {
    turned: (turn) => {
      if (turn.to === null || turn.inode === undefined) tell(turn);
      else lookAfter(turn, turn.inode, LOOKS, 0);
    },
    stop: () => {
      for (const timer of waiting) clearTimeout(timer);
      waiting.clear();
    },
  };
}
