import { type Condition, kindOf } from "../../../src/conditions/conditions.ts";
import type { Direction } from "../../../src/conditions/kinds/condition.ts";
import { defaultOf, PROBABILITY, printField } from "../../../src/conditions/kinds/field.ts";

/** The two ends of an edge. */
export interface Ends {
  readonly from: string;
  readonly to: string;
}

/** A direction by where the bytes go: `to db`, `to api`, `both ways`. */
export function way(direction: Direction, { from, to }: Ends): string {
  if (direction === "both") return "both ways";
  return direction === "up" ? `to ${to}` : `to ${from}`;
}

/** A condition for people: `latency 200ms ± 50ms to api, normal, for 10% of connections`. */
export function words(condition: Condition, ends: Ends): string {
  const kind = kindOf(condition);
  const values: Readonly<Record<string, unknown>> = { ...condition };
  let head = kind.kind.replace("-", " ");
  const rest: string[] = [];
  for (const [key, field] of Object.entries(kind.fields)) {
    const { [key]: value } = values;
    if (value === undefined || (value === defaultOf(field) && !("required" in field))) continue;
    const text = printField(field, value);
    if (field.place === "main") head += ` ${text}`;
    else if (field.place === "spread") head += ` ± ${text}`;
    else rest.push(field.type === "choice" ? text : `${key} ${text}`);
  }
  if (isDirected(condition)) head += ` ${way(condition.direction, ends)}`;
  if (condition.probability !== 1) {
    // A kind that handles bytes is drawn for each connection, any other for each request.
    const drawn = kind.stage === undefined && kind.admit === undefined ? "requests" : "connections";
    rest.push(`for ${printField(PROBABILITY, condition.probability)} of ${drawn}`);
  }
  return [head, ...rest].join(", ");
}

/** Whether it matters which bytes a condition is about: it doesn't where connections are only refused. */
export function isDirected(condition: Pick<Condition, "kind">): boolean {
  const { stage, admit } = kindOf(condition as Condition);
  return stage !== undefined || admit === undefined;
}
