import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Fault } from "../../../fault/fault.ts";
import { faultOfJson } from "../../terminal/fault-text.ts";

/** A fault's last words in the log, bytes. */
const MOST = 64 * 1024;

/** Why a runner in the background ended, from what it wrote to its log behind byte `from`; null: it didn't say. */
export function runnerFault(log: string, from: number): Fault | null {
  const handle = openSync(log, "r");
  try {
    const { size } = fstatSync(handle);
    const start = Math.max(from, size - MOST);
    const bytes = Buffer.alloc(Math.max(0, size - start));
    readSync(handle, bytes, 0, bytes.length, start);
    const lines = bytes.toString("utf8").split("\n");
    return lines.reduce<Fault | null>((found, line) => faultIn(line) ?? found, null);
  } finally {
    closeSync(handle);
  }
}

function faultIn(line: string): Fault | null {
  try {
    const value: unknown = JSON.parse(line);
    const { error } = Object(value) as { error?: unknown };
    return faultOfJson(error);
  } catch {
    return null;
  }
}
