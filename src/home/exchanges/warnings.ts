import type { Fault } from "../../fault/fault.ts";
import type { Hide } from "../../inspect/otlp/hide.ts";
import { redactorOf } from "../../inspect/redact/redactor.ts";
import type { Model } from "../model/model.ts";

/** Logs once what went wrong with capture or recordings: in home's log and in those of all stacks. */
export function warnAll(model: Model, { fault, message, hint }: Fault): void {
  const text = `${fault}  ${message}${hint === undefined ? "" : `; ${hint}`}`;
  console.error(text);
  for (const { id } of model.stacks.values()) model.logOwn(id, text);
}

/** Hides credentials in what is sent elsewhere, by the redaction rules of its edge. */
export const HIDE: Hide = {
  target: (target, { policy }) => redactorOf(policy).target(target),
  sql: (sql, { policy }) => redactorOf(policy).sql(sql),
};
