import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";

/** A Unix socket's path may take 103 bytes on macOS and 107 on Linux, the final NUL not counted. */
const LONGEST = 100;

/** Where home's API listens for one state folder: a Unix socket in it, or a named pipe on Windows. */
export function homeSocket(folder: string): string {
  const digest = () =>
    // Loaded where it is needed: `cove ports` asks for this path each time.
    process.getBuiltinModule("node:crypto").createHash("sha256").update(folder).digest("hex").slice(0, 16);
  if (process.platform === "win32") return `\\\\.\\pipe\\cove-${userInfo().username}-${digest()}`;
  const inside = join(folder, "home.sock");
  // A folder of its own, so that its 0700 keeps other users of the machine away from the socket.
  return Buffer.byteLength(inside) <= LONGEST ? inside : join(tmpdir(), `cove-${digest()}`, "home.sock");
}

/**
 * Makes sure that the socket's folder is this user's alone, making it (0700) when asked to. Null when it is, else why not:
 * in the system's temporary folder another user could have made it first, to catch the token.
 */
export function untrusted(socket: string, make: boolean): string | null {
  if (process.platform === "win32") return null;
  const folder = dirname(socket);
  try {
    if (make) mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stat = lstatSync(folder, { throwIfNoEntry: false });
    // Not there: nobody listens either.
    if (stat === undefined) return null;
    if (stat.uid !== process.getuid?.()) return `${folder} belongs to uid ${stat.uid}`;
    if ((stat.mode & 0o022) !== 0) chmodSync(folder, 0o700);
    return null;
  } catch (error) {
    return `${folder} can't be used: ${error instanceof Error ? error.message : String(error)}`;
  }
}
