import type { ProcessIdentity } from "../machine/systems/system.ts";

/** The variable that each start of a service gets in its environment; its value is that start's own. */
export const MARK = "COVE_RUN";

/** What the values of one runner's starts begin with. */
export function markOf({ pid, started }: ProcessIdentity): string {
  return `${pid}-${started}-`;
}
