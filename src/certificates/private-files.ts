import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Writes a file that only this user may read: whole or not at all, also where the process ends halfway. */
export function writePrivate(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const half = `${path}.${randomBytes(6).toString("hex")}.new`;
  try {
    writeFileSync(half, text, { mode: 0o600, flag: "wx", flush: true });
    renameSync(half, path);
  } catch (error) {
    rmSync(half, { force: true });
    throw error;
  }
}

/** A private file's text, or null where there is none. Others' right to read it, if someone gave it, is taken back. */
export function readPrivate(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  if (process.platform !== "win32" && (stat.mode & 0o077) !== 0) chmodSync(path, 0o600);
  return readFileSync(path, "utf8");
}
