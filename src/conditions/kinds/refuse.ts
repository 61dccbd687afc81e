import type { ConditionBase } from "./condition.ts";
import { defineKind } from "./define.ts";

/** New connections are reset at once, as by a port that nobody listens on. Those under way go on. */
export interface Refuse extends ConditionBase {
  readonly kind: "refuse";
}

/**
 * Resets new connections at once, as a port does on which nobody listens. Open ones go on. Throws CoveError
 * (CONDITION_INVALID).
 *
 * @example
 * import { refuse, relay } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [refuse({ probability: 0.1 })] });
 */
export const refuse = defineKind<Refuse>({
  kind: "refuse",
  about: "resets new connections at once",
  direction: "both",
  fields: {},
  admit: () => ({ refuse: true }),
});
