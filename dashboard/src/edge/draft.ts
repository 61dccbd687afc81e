import { type Condition, KINDS, parseCondition } from "../../../src/conditions/conditions.ts";
import { defaultOf, type Field } from "../../../src/conditions/kinds/field.ts";
import { isFault } from "../../../src/fault/fault.ts";

/** A condition as it stands in its controls: perhaps not complete yet. */
export interface Draft {
  readonly id: number;
  readonly kind: Condition["kind"];
  readonly values: Readonly<Record<string, unknown>>;
}

let last = 0;

/** First values with a visible effect, for parameters without a default. Other types start empty. */
const FIRST: Readonly<Record<string, unknown>> = { time: 200, size: 10_000, rate: 50_000, share: 0.02 };

/** A new condition of a kind. */
export function begin(kind: Condition["kind"]): Draft {
  const needed = Object.entries<Field>(KINDS[kind].fields)
    .filter(([, field]) => defaultOf(field) === undefined && ("required" in field || field.place === "main"))
    .map(([key, field]) => [key, FIRST[field.type]])
    .filter(([, value]) => value !== undefined);
  return { id: ++last, kind, values: Object.fromEntries(needed) };
}

/** Conditions as drafts; each keeps its controls while it stays what it was. */
export function toDrafts(conditions: readonly Condition[], before: readonly Draft[] = []): readonly Draft[] {
  return conditions.map(({ kind, ...values }, n) => {
    const known = before[n];
    return { id: known?.kind === kind ? known.id : ++last, kind, values };
  });
}

/** A draft with one value changed; undefined leaves it out. */
export function withValue(draft: Draft, key: string, value: unknown): Draft {
  const { [key]: _, ...others } = draft.values;
  return { ...draft, values: value === undefined ? others : { ...others, [key]: value } };
}

/** The conditions of drafts, or the problems by draft. */
export function read(drafts: readonly Draft[]): {
  readonly conditions: readonly Condition[] | null;
  readonly problems: ReadonlyMap<number, string>;
} {
  const conditions: Condition[] = [];
  const problems = new Map<number, string>();
  for (const { id, kind, values } of drafts) {
    const parsed = parseCondition({ ...values, kind });
    if (isFault(parsed)) problems.set(id, parsed.message);
    else conditions.push(parsed);
  }
  return { conditions: problems.size === 0 ? conditions : null, problems };
}
