import { orThrow } from "../../fault/fault.ts";
import type { ConditionBase, ConditionKind } from "./condition.ts";
import type { Field } from "./field.ts";
import { parseAs } from "./parse.ts";

/** The parameters that only this kind has. */
type OwnKey<C extends ConditionBase> = Exclude<keyof C, keyof ConditionBase> & string;

/** What a constructor takes: what is needed, and what has a default or may be left out. */
type ConditionOptions<C extends ConditionBase, Needed extends keyof C> = Pick<C, Needed> &
  Partial<Omit<C, "kind" | Needed>>;

/** A kind of condition that makes conditions when it is called. */
export type ConditionConstructor<C extends ConditionBase, Needed extends keyof C> = ConditionKind<C> &
  ([Needed] extends [never]
    ? (options?: ConditionOptions<C, Needed>) => C
    : (options: ConditionOptions<C, Needed>) => C);

/** A kind as its file describes it: a field for each parameter; a parameter without a default is required. */
type Description<C extends ConditionBase, Needed extends OwnKey<C>> = ConditionKind<C> & {
  readonly fields: {
    readonly [Key in OwnKey<C>]-?: Field &
      (Key extends Needed ? { readonly required: true } : { readonly required?: never });
  };
};

/**
 * A kind of condition from its description. `Needed` names the parameters that have no default. The result is the kind and its
 * constructor, which throws CoveError (CONDITION_INVALID).
 */
export function defineKind<C extends ConditionBase, Needed extends OwnKey<C> = never>(
  description: Description<C, Needed>,
): ConditionConstructor<C, Needed> {
  const make = (options: unknown = {}): C => orThrow(parseAs(description, options));
  return Object.assign(make, description) as ConditionConstructor<C, Needed>;
}
