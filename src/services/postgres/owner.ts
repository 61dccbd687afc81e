import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Binaries } from "./binaries.ts";

/** Postgres refuses to run as root: root's databases run as another user, in a folder which that user can reach. */
export interface Owner {
  /** Undefined: we aren't root, and it runs as we do. */
  readonly uid?: number;
  readonly gid?: number;
  /** 0700, the owner's. */
  readonly dataDir: string;
}

/** Where root keeps what other users must be able to reach: the state folder is closed to them. */
const SHARED = "/var/lib/cove";
/** Names the service folder that data belongs to, so that it can go when that is gone. */
const MARKER = "belongs-to";

/** Who owns a service's data, and where it is. `serviceDir` is the service's folder in the state folder. */
export function ownerOf(serviceDir: string): Owner {
  if (process.getuid?.() !== 0) return { dataDir: serviceDir };
  const { uid, gid } = nobody();
  mkdirSync(SHARED, { recursive: true, mode: 0o711 });
  chmodSync(SHARED, 0o711);
  removeLeftovers();
  const place = join(SHARED, createHash("sha256").update(serviceDir).digest("hex").slice(0, 24));
  if (!existsSync(place)) {
    mkdirSync(place, { mode: 0o711 });
    writeFileSync(join(place, MARKER), serviceDir, { mode: 0o600 });
  }
  const dataDir = join(place, "data");
  if (!existsSync(dataDir)) {
    mkdirSync(dataDir, { mode: 0o700 });
    chownSync(dataDir, uid, gid);
  }
  return { uid, gid, dataDir };
}

/** The programs, at a path that the owner can reach: a checkout under /root is closed to others. */
export function reachable(binaries: Binaries, owner: Owner): Binaries {
  if (owner.uid === undefined || isOpen(dirname(binaries.postgres))) return binaries;
  const native = dirname(dirname(binaries.postgres));
  const copy = join(SHARED, `postgres-${createHash("sha256").update(native).digest("hex").slice(0, 12)}`);
  if (!existsSync(copy)) {
    const half = `${copy}.${process.pid}`;
    cpSync(native, half, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(half, copy);
    } catch {
      // Another runner was faster.
      rmSync(half, { recursive: true, force: true });
    }
  }
  const there = (path: string) => join(copy, path.slice(native.length));
  return { ...binaries, initdb: there(binaries.initdb), postgres: there(binaries.postgres) };
}

function isOpen(folder: string): boolean {
  for (let path = folder; ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** Data of services whose folder is gone (a removed state folder). */
function removeLeftovers(): void {
  for (const name of readdirSync(SHARED)) {
    const marker = join(SHARED, name, MARKER);
    try {
      if (!existsSync(readFileSync(marker, "utf8"))) rmSync(join(SHARED, name), { recursive: true, force: true });
    } catch {
      // No data folder, or one that is being made.
    }
  }
}

function nobody(): { uid: number; gid: number } {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((text) => text.startsWith("nobody:"));
  const [, , uid = "65534", gid = "65534"] = line?.split(":") ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}
