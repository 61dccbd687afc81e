import { DOOR_PORT, parsePort } from "../address/ports.ts";
import { type Fault, fault, isFault } from "../fault/fault.ts";
import type { State } from "./state.ts";

/** A setting's value, as it was set; undefined when it wasn't. */
export function getSetting(state: State, key: string): unknown {
  const row = state.db.prepare("SELECT value FROM settings WHERE key = ?").get(key);
  return row === undefined ? undefined : JSON.parse(String(row.value));
}

/** Keeps any JSON value under a key; undefined removes the setting. Faults: STATE_LOCKED, STATE_BROKEN. */
export function setSetting(state: State, key: string, value: unknown): Fault | null {
  const result = state.transaction(() => {
    if (value === undefined) state.db.prepare("DELETE FROM settings WHERE key = ?").run(key);
    else {
      state.db
        .prepare(
          "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )
        .run(key, JSON.stringify(value));
    }
  });
  return isFault(result) ? result : null;
}

/** The door's port: `COVE_PORT`, else the setting `port`, else 62893. Faults: ADDRESS_INVALID, naming which of them. */
export function doorPort(state: State, env: NodeJS.ProcessEnv = process.env): number | Fault {
  const fromEnv = env.COVE_PORT;
  const source = fromEnv ? "COVE_PORT" : "the setting port";
  const value = fromEnv || getSetting(state, "port");
  if (value === undefined || value === null) return DOOR_PORT;
  const port = parsePort(String(value));
  if (port !== null && port > 0) return port;
  return fault(
    "ADDRESS_INVALID",
    `${source} is not a port: ${String(value)}`,
    `Set it to a number from 1 to 65535, or remove it; the default is ${DOOR_PORT}`,
  );
}
