import { endsInNumber } from "../../address/ipv4.ts";
import { parseName } from "../../address/name.ts";

/** What the names of a stack depend on. */
export interface Nameable {
  /** The name wanted: `shop`, `feature-x.shop`. */
  readonly base: string;
  /** What an earlier home granted. */
  readonly granted: string | null;
  readonly single: boolean;
  /** Names of its HTTP services. */
  readonly services: readonly string[];
}

/** The most stacks of one name. */
const MOST = 100;

/** The base names to try: what an earlier home granted, what is wanted, then `-2`, `-3` on the stack's own label. */
function* candidates(wanted: Nameable): Generator<string> {
  if (wanted.granted !== null) yield wanted.granted;
  yield wanted.base;
  for (let n = 2; n <= MOST; n++) yield `${wanted.base}-${n}`;
}

/** The name at the door that a service has by itself. */
export function ownName(base: string, single: boolean, service: string): string {
  return single ? `${base}.localhost` : `${service}.${base}.localhost`;
}

/** The first base whose names are all free, and null when there is none. */
export function grantBase(wanted: Nameable, isFree: (name: string) => boolean): string | null {
  for (const base of candidates(wanted)) {
    // The base's own name counts too, so that two stacks never share one even without HTTP services.
    const names = [`${base}.localhost`, ...wanted.services.map((service) => ownName(base, wanted.single, service))];
    if (names.every(isFree)) return base;
  }
  return null;
}

/** A name as routes know it: ASCII, lower case, `.localhost` added to a bare label, an optional `*.` in front. Null: not a name. */
export function doorName(text: string): string | null {
  const wildcard = text.startsWith("*.");
  const name = parseName(wildcard ? text.slice(2) : text);
  // What ends in a number is an IPv4 address to browsers (URL standard), never a service's name.
  if (name === null || endsInNumber(name)) return null;
  const full = name.includes(".") ? name : `${name}.localhost`;
  return wildcard ? `*.${full}` : full;
}
