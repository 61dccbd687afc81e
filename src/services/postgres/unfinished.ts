import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/**
 * What was begun on a service's data and is not finished. A set-up that was cut short, or failed, is found by this at
 * the next start and made again. Only what is listed here may ever be thrown away.
 */
export type Unfinished =
  /** The whole cluster: it has never been ready. */
  | { readonly type: "cluster" }
  /** One database of a cluster that others may already use. */
  | { readonly type: "database"; readonly name: string };

const fileIn = (dataDir: string): string => join(dataDir, "unfinished.json");

export function readUnfinished(dataDir: string): Unfinished | null {
  try {
    const read: Unfinished = JSON.parse(readFileSync(fileIn(dataDir), "utf8"));
    return read;
  } catch {
    return null;
  }
}

/** It is on disk when this returns, before the data that it marks is created. */
export function markUnfinished(dataDir: string, what: Unfinished): void {
  const file = openSync(fileIn(dataDir), "w", 0o600);
  try {
    writeSync(file, JSON.stringify(what));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

export function markFinished(dataDir: string): void {
  rmSync(fileIn(dataDir), { force: true });
}
