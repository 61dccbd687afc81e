import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** An empty folder for one test, removed after it. Its real path, as servers print it. */
export function scratch(name: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `cove-${name}-`)));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
