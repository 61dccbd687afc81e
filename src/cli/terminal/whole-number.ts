import { type Fault, fault } from "../../fault/fault.ts";

/** An option that takes a whole number. Faults: USAGE. */
export function wholeNumber(value: unknown, option: string, example: string): number | Fault {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0) return number;
  return fault("USAGE", `${option} takes a whole number, not ${String(value)}`, `for example: ${example}`);
}
