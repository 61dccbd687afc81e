import { isPort } from "../../address/ports.ts";
import { type Fault, fault } from "../../fault/fault.ts";

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
