import type { ConditionBase } from "./condition.ts";
import { defineKind } from "./define.ts";

/** New connections are reset at once, as by a port that nobody listens on. Those under way go on. */
export interface Refuse extends ConditionBase {
  readonly kind: "refuse";
}

export const refuse = defineKind<Refuse>({
  kind: "refuse",
  about: "resets new connections at once",
  direction: "both",
  fields: {},
  admit: () => ({ refuse: true }),
});
