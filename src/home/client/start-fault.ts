import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Fault, isFault } from "../../fault/fault.ts";

/** Why the last start of home failed, left for the command that started it. */
interface StartFault {
  /** Epoch ms. */
  readonly time: number;
  readonly fault: Fault;
}

const path = (folder: string) => join(folder, "home.failed.json");

export function readStartFault(folder: string): StartFault | null {
  try {
    const left = JSON.parse(readFileSync(path(folder), "utf8")) as Partial<StartFault>;
    return typeof left.time === "number" && isFault(left.fault) ? { time: left.time, fault: left.fault } : null;
  } catch {
    return null;
  }
}

export function writeStartFault(folder: string, reason: Fault): void {
  try {
    writeFileSync(path(folder), JSON.stringify({ time: Date.now(), fault: reason }), { mode: 0o600 });
  } catch {
    // The disk is full: home.log can't have it either, and whoever starts home sees that by itself.
  }
}

export function clearStartFault(folder: string): void {
  rmSync(path(folder), { force: true });
}
