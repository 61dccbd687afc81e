import { execFileSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A checkout of Cove whose programs are measured: this one, or another that it is compared with. */
export interface Tree {
  /** Set before the name of what is measured: `cove`, `cove at 959c7e1`. */
  readonly name: string;
  readonly path: string;
}

export const THIS_TREE: Tree = { name: "cove", path: fileURLToPath(new URL("..", import.meta.url)) };

/** The checkout at `path`, named by its commit. Throws what is wrong with it. */
export function treeAt(path: string): Tree {
  if (!existsSync(join(path, "bench/door-process.ts"))) throw new Error(`${path} is no checkout of Cove`);
  if (!existsSync(join(path, "node_modules"))) throw new Error(`${path} has no node_modules; run there: npm ci`);
  const commit = execFileSync("git", ["-C", path, "rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  return { name: `cove at ${commit}`, path: realpathSync(path) };
}

/** Brings a tree's dist up to its sources: what is measured is never an older build. */
export function build({ path }: Tree): void {
  execFileSync(process.execPath, [join(path, "scripts/build.mjs")], { stdio: ["ignore", "inherit", "inherit"] });
}
