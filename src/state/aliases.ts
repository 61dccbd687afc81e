import type { Address } from "../address/address.ts";
import { type Fault, isFault } from "../fault/fault.ts";
import type { State } from "./state.ts";

/** A name at the door for a service that runs by itself. */
export interface Alias extends Address {
  readonly name: string;
}

/** Gives a name to an address; a name that exists already moves there. */
export function setAlias(state: State, { name, host, port }: Alias): Fault | null {
  const result = state.transaction(() =>
    state.db.prepare("INSERT OR REPLACE INTO aliases (name, host, port) VALUES (?, ?, ?)").run(name, host, port),
  );
  return isFault(result) ? result : null;
}

/** True when there was such a name. */
export function removeAlias(state: State, name: string): boolean | Fault {
  return state.transaction(() => state.db.prepare("DELETE FROM aliases WHERE name = ?").run(name).changes > 0);
}

/** By name. */
export function listAliases(state: State): Alias[] {
  const rows = state.db.prepare("SELECT name, host, port FROM aliases ORDER BY name").all();
  return rows.map((row) => ({ name: String(row.name), host: String(row.host), port: Number(row.port) }));
}
