import { homedir } from "node:os";
import { join, resolve } from "node:path";

/**
 * The folder that holds everything Cove remembers, absolute: `COVE_HOME`, else the system's place for a user's state
 * (XDG Base Directory on Linux, Application Support on macOS, LOCALAPPDATA on Windows).
 */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.COVE_HOME) return resolve(env.COVE_HOME);
  if (process.platform === "darwin") return join(homedir(), "Library", "Application Support", "cove");
  if (process.platform === "win32") {
    return join(env.LOCALAPPDATA || join(homedir(), "AppData", "Local"), "cove");
  }
  return join(env.XDG_STATE_HOME || join(homedir(), ".local", "state"), "cove");
}
