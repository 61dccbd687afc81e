import { execFile } from "node:child_process";
import { printable } from "../ports/words.ts";

/** Engines give a container 10 s before they kill it; a little more for themselves, ms. */
const STOP_TIME = 30_000;

/** Stops a container through its engine's own command, which knows how; null when done, else why not. */
export function stopContainer(engine: string, id: string): Promise<string | null> {
  return new Promise((resolve) => {
    // Without a shell, and behind `--`: an id is never an option.
    execFile(engine, ["stop", "--", id], { timeout: STOP_TIME }, (error, _, stderr) => {
      if (error === null) resolve(null);
      else if (error.code === "ENOENT") resolve(`${engine} is not on the PATH; stop it with: ${engine} stop ${id}`);
      else resolve(printable(String(stderr)) || printable(error.message));
    });
  });
}
