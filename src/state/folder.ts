import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { CoveError, fault } from "../fault/fault.ts";

/**
 * The folder that holds everything Cove remembers, absolute: `COVE_HOME`, else the system's place for a user's state
 * (XDG Base Directory on Linux, Application Support on macOS, LOCALAPPDATA on Windows). Throws a {@link CoveError}
 * (STATE_BROKEN) for a relative COVE_HOME, which would be another folder in each directory, and for a user without a home.
 */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  const { COVE_HOME: own, XDG_STATE_HOME: xdg, LOCALAPPDATA: local } = env;
  if (own) {
    if (isAbsolute(own)) return own;
    throw new CoveError(
      fault(
        "STATE_BROKEN",
        `COVE_HOME is ${own}, which is another folder in each directory`,
        "give a whole path, for example: COVE_HOME=$HOME/.cove",
      ),
    );
  }
  if (process.platform === "darwin") return join(home(env), "Library", "Application Support", "cove");
  if (process.platform === "win32") return join(local || join(home(env), "AppData", "Local"), "cove");
  // The specification has relative paths ignored.
  return join(xdg && isAbsolute(xdg) ? xdg : join(home(env), ".local", "state"), "cove");
}

function home({ HOME }: NodeJS.ProcessEnv): string {
  if (HOME && process.platform !== "win32" && !isAbsolute(HOME)) {
    throw new CoveError(
      fault(
        "STATE_BROKEN",
        `HOME is ${HOME}, which is no whole path`,
        "set HOME to your home folder, or COVE_HOME to another one",
      ),
    );
  }
  try {
    return homedir();
  } catch {
    // Neither HOME nor an entry for this user: a container that was started with a uid of its own.
    const who = process.getuid === undefined ? "this user" : `this user (uid ${process.getuid()})`;
    throw new CoveError(
      fault(
        "STATE_BROKEN",
        `HOME is not set, and ${who} has no home folder`,
        "set HOME, or COVE_HOME to a folder of your own",
      ),
    );
  }
}
