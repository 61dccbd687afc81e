import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import { type Fault, fault } from "../../fault/fault.ts";
import type { Binaries } from "./binaries.ts";

/** Postgres refuses to run as root: root's databases run as another user, in a folder which that user can reach. */
export interface Owner {
  /** Undefined: we aren't root, and it runs as we do. */
  readonly uid?: number;
  readonly gid?: number;
  /** Real path; 0700, the owner's. */
  readonly dataDir: string;
}

/** Where root keeps what other users must be able to reach: the state folder is closed to them. */
const SHARED = "/var/lib/cove";
/** Names the service folder that data belongs to. */
const MARKER = "belongs-to";

/**
 * The folder that a service's data lies in, and what belongs to it. Root's isn't in the state folder: where that is
 * deleted and created again, the data is still there, and so must be its password.
 */
export function placeOf(serviceDir: string): string {
  const folder = realpathSync(serviceDir);
  if (process.getuid?.() !== 0) return folder;
  const place = join(SHARED, createHash("sha256").update(folder).digest("hex").slice(0, 24));
  for (const path of [SHARED, place]) {
    mkdirSync(path, { recursive: true, mode: 0o711 });
    chmodSync(path, 0o711);
  }
  if (!existsSync(join(place, MARKER))) writeFileSync(join(place, MARKER), folder, { mode: 0o600 });
  return place;
}

/** Who owns a service's data, and where it is. `serviceDir` is the service's folder in the state folder. */
export function ownerOf(serviceDir: string): Owner {
  const place = placeOf(serviceDir);
  if (process.getuid?.() !== 0) return { dataDir: place };
  removeTemporary();
  const { uid, gid } = nobody();
  const dataDir = join(place, "data");
  if (!existsSync(dataDir)) mkdirSync(dataDir, { mode: 0o700 });
  chownSync(dataDir, uid, gid);
  return { uid, gid, dataDir: realpathSync(dataDir) };
}

/** The programs at a path that the owner can reach: a checkout under /root is closed to others. */
export function reachable(binaries: Binaries, owner: Owner): Binaries | Fault {
  const { postgres, version, engine } = binaries;
  const bin = realpathSync(dirname(postgres));
  if (owner.uid === undefined || isOpen(bin)) return binaries;
  if (engine === "system") {
    return fault(
      "ENGINE_MISSING",
      `${postgres} lies in a folder that only root may enter, and Postgres refuses to run as root`,
      "install it for all users, or leave engine out to use the embedded one",
      { postgres },
    );
  }
  const native = dirname(bin);
  const copy = join(
    SHARED,
    `postgres-${createHash("sha256").update(`${native}\0${version}`).digest("hex").slice(0, 12)}`,
  );
  if (!existsSync(copy)) {
    const half = `${copy}.${process.pid}`;
    cpSync(native, half, { recursive: true, verbatimSymlinks: true });
    openToAll(half);
    try {
      renameSync(half, copy);
    } catch {
      // Another runner was faster.
      rmSync(half, { recursive: true, force: true });
    }
  }
  const there = (program: string) => join(copy, "bin", program.slice(dirname(program).length + 1));
  return { ...binaries, initdb: there(binaries.initdb), postgres: there(postgres) };
}

/** How its programs are run: in a folder that every user has. */
export function runAs({ uid, gid }: Owner): { uid?: number; gid?: number; cwd: string } {
  return {
    cwd: process.platform === "win32" ? tmpdir() : "/",
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  };
}

function isOpen(folder: string): boolean {
  for (let path = folder; ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** What a strict umask has closed. */
function openToAll(path: string): void {
  const found = lstatSync(path);
  if (found.isSymbolicLink()) return;
  const isProgram = found.isDirectory() || (found.mode & 0o100) !== 0;
  chmodSync(path, isProgram ? 0o755 : 0o644);
  if (found.isDirectory()) for (const name of readdirSync(path)) openToAll(join(path, name));
}

/** Data of services in temporary state folders that are gone. Others stay: their disk may only be away. */
function removeTemporary(): void {
  const temporary = realpathSync(tmpdir()) + sep;
  for (const name of readdirSync(SHARED)) {
    try {
      const serviceDir = readFileSync(join(SHARED, name, MARKER), "utf8");
      if (!serviceDir.startsWith(temporary) || existsSync(serviceDir)) continue;
      rmSync(join(SHARED, name), { recursive: true, force: true });
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
