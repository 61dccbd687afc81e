import { type Fault, fault } from "../../fault/fault.ts";

/** A recording's name: what can be typed and can't be taken for a path. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u;

/** Null: it can be one. */
export function nameFault(name: string): Fault | null {
  if (NAME.test(name) && !name.toLowerCase().endsWith(".har")) return null;
  return fault(
    "USAGE",
    `${JSON.stringify(name)} can't be a recording's name`,
    "letters, digits, spaces, dots and dashes, 100 at the most, and no .har at its end",
  );
}
