import { isPort } from "../../address/ports.ts";
import { type Fault, fault } from "../../fault/fault.ts";

/** An option that takes a whole number. Faults: USAGE. */
export function wholeNumber(value: unknown, option: string, example: string): number | Fault {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0) return number;
  return fault("USAGE", `${option} takes a whole number, not ${String(value)}`, `for example: ${example}`);
}

/** What `--port` was given; undefined where it wasn't. */
export function portOption(value: unknown): number | undefined | Fault {
  if (value === undefined) return undefined;
  const port = Number(value);
  if (Number.isInteger(port) && port > 0 && isPort(port)) return port;
  return fault(
    "USAGE",
    `--port takes a number from 1 to 65535, not ${String(value)}`,
    "leave it out and Cove chooses one that never clashes",
  );
}
