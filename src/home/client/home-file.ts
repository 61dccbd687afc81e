import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const record = z.object({
  pid: z.number(),
  /** Start stamp as `machine.startStamp` gives it. */
  started: z.string(),
  /** The door's port. */
  port: z.number(),
  version: z.string(),
  /** The Unix socket of the API. */
  socket: z.string(),
});

/** What `home.json` in the state folder says about the running home. */
export type HomeRecord = z.infer<typeof record>;

const path = (folder: string) => join(folder, "home.json");

/** The record as it stands, which may be of a home that died; null where there is none. */
export function readHomeFile(folder: string): HomeRecord | null {
  try {
    return record.parse(JSON.parse(readFileSync(path(folder), "utf8")));
  } catch {
    return null;
  }
}

/** Written whole or not at all, 0600. */
export function writeHomeFile(folder: string, home: HomeRecord): void {
  const next = `${path(folder)}.${process.pid}`;
  writeFileSync(next, `${JSON.stringify(home, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, path(folder));
}

/** Removes the record if it is still of this process. */
export function removeHomeFile(folder: string): void {
  if (readHomeFile(folder)?.pid === process.pid) rmSync(path(folder), { force: true });
}
