import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What tests use of npm that is too large for everyone's install: other Nodes and other test runners. */
const PACKAGES: Readonly<Record<string, string>> = {
  jest: "30.5.2",
  "@arethetypeswrong/cli": "0.18.5",
  "node-22": `npm:node-${system()}@22.23.5`,
};
const FOLDER = fileURLToPath(new URL("../../node_modules/.cache/cove-test-programs", import.meta.url));
const INSTALL_TIME = 180_000;

function system(): string {
  return `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
}

/** A folder in whose node_modules they are, installed once for all runs; null where npm can't get them. */
export async function npmPrograms(): Promise<string | null> {
  const manifest = `${JSON.stringify({ private: true, dependencies: PACKAGES }, null, 2)}\n`;
  const file = join(FOLDER, "package.json");
  const done = join(FOLDER, "node_modules/.installed.json");
  if (existsSync(done) && readFileSync(done, "utf8") === manifest) return FOLDER;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(file, manifest);
  const options = ["--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"];
  try {
    await promisify(execFile)("npm", ["install", ...options], { cwd: FOLDER, timeout: INSTALL_TIME });
  } catch {
    return null;
  }
  writeFileSync(done, manifest);
  return FOLDER;
}
