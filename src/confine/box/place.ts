import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Fault, fault } from "../../fault/fault.ts";

/** The files through which a box talks to the outside: they lie in a folder that is this user's alone. */
export interface BoxPlace {
  readonly folder: string;
  /** The Unix socket that leads to the service. */
  readonly inlet: string;
  /** The Unix socket behind the n-th edge. */
  readonly outlet: (n: number) => string;
  /** What is to run in the box; read once. */
  readonly order: string;
}

/** A Unix socket's path may take 107 bytes on Linux, the final NUL not counted (unix(7)). */
const LONGEST = 100;

/**
 * The place of a service's box: in the service's own folder, or in the system's temporary one where that name is too long.
 * The inlet has the name that Postgres clients look for, given its folder and the port.
 */
export function boxPlace(dataDir: string, port: number): BoxPlace {
  const near = join(dataDir, "box");
  const name = `.s.PGSQL.${port}`;
  const digest = () => createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
  const folder = Buffer.byteLength(join(near, name)) <= LONGEST ? near : join(tmpdir(), `cove-box-${digest()}`);
  return {
    folder,
    inlet: join(folder, name),
    outlet: (n) => join(folder, `edge-${n}`),
    order: join(folder, "order.json"),
  };
}

/** Makes the folder, 0700. Fault: BOX_FAILED, when it can't be made, or is another user's. */
export function makePlace({ folder }: BoxPlace): Fault | null {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = lstatSync(folder);
    if (uid === process.geteuid?.() && (mode & 0o077) === 0) return null;
    return fault("BOX_FAILED", `${folder} belongs to uid ${uid}, or others may enter it`, `remove it: rm -r ${folder}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fault("BOX_FAILED", `${folder} can't be made: ${why}`, "check the permissions of the folder above it");
  }
}
