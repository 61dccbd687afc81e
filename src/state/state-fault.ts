import { join } from "node:path";
import { type Fault, isFault } from "../fault/fault.ts";
import { stateFolder } from "./folder.ts";
import { sqliteFault } from "./sqlite-fault.ts";
import { LOSS, openState, STATE_FILE } from "./state.ts";

/** What SQLite threw at a place that expects no errors, as a fault; null: it is another error, or a bug of Cove's. */
export function stateFault(error: unknown): Fault | null {
  return sqliteFault(error, join(stateFolder(), STATE_FILE), LOSS);
}

/** How long a look waits for another process's write, ms. */
const LOOK_TIMEOUT = 500;

/** Reads all of the state's pages: STATE_BROKEN where one is damaged, else null. A state that is locked isn't damaged. */
export function checkState(): Fault | null {
  const state = openState({ lockTimeout: LOOK_TIMEOUT });
  if (isFault(state)) return state.fault === "STATE_LOCKED" ? null : state;
  try {
    const said = state.db.prepare("PRAGMA quick_check(1)").get()?.quick_check;
    if (said === "ok") return null;
    const damaged = Object.assign(new Error(String(said).split("\n")[0]), { errcode: 11 });
    return stateFault(damaged);
  } catch (error) {
    const known = stateFault(error);
    if (known === null) throw error;
    return known.fault === "STATE_LOCKED" ? null : known;
  } finally {
    state.close();
  }
}
