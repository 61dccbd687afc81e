import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { StartFile } from "../../services/kind/kind.ts";
import type { PlannedService } from "./plan.ts";

/** Larger files are compared by size and time, bytes. */
const HASHED = 32 << 20;

/** Stamps of the files that a service reads only at its start, by path: equal stamps mean equal content. */
export type StartStamps = ReadonlyMap<string, string>;

export function stampStartFiles(service: Pick<PlannedService, "kind" | "options" | "cwd">): StartStamps {
  return new Map(startFilesOf(service).map(({ path }) => [path, stampOf(path)]));
}

export function startFilesOf({
  kind,
  options,
  cwd,
}: Pick<PlannedService, "kind" | "options" | "cwd">): readonly StartFile[] {
  return kind.startFiles?.(options, cwd) ?? [];
}

function stampOf(path: string): string {
  try {
    const { size, mtimeMs } = statSync(path);
    return size > HASHED ? `${size} ${mtimeMs}` : createHash("sha256").update(readFileSync(path)).digest("hex");
  } catch {
    return "unreadable";
  }
}
