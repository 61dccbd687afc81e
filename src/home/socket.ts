import { createHash } from "node:crypto";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";

/** A Unix socket's path may take 103 bytes on macOS and 107 on Linux, the final NUL not counted. */
const LONGEST = 100;

/** Where home's API listens for one state folder: a Unix socket in it, or a named pipe on Windows. */
export function homeSocket(folder: string): string {
  const digest = () => createHash("sha256").update(folder).digest("hex").slice(0, 16);
  if (process.platform === "win32") return `\\\\.\\pipe\\cove-${userInfo().username}-${digest()}`;
  const inside = join(folder, "home.sock");
  // A folder of its own, so that its 0700 keeps other users of the machine away from the socket.
  return Buffer.byteLength(inside) <= LONGEST ? inside : join(tmpdir(), `cove-${digest()}`, "home.sock");
}

/** The folder that must be this user's alone for the socket to be trusted; null for a named pipe. */
export function socketFolder(socket: string): string | null {
  return process.platform === "win32" ? null : dirname(socket);
}
