import { createHash } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { toLabel } from "../address/name.ts";
import { readUserJson } from "../text/user-text.ts";
import { CONFIG_FILES } from "./config-files.ts";
import { findCheckout } from "./git.ts";

/** Whose lease it is: one checkout of one project. Two worktrees, or two clones, are two projects. */
export interface Project {
  /** Absolute real path of the checkout's (or, outside git, the package's or config's) root. */
  readonly root: string;
  /** The branch, in a linked git worktree only; null in the main checkout and outside git. */
  readonly branch: string | null;
  /** Stable identity made of root and branch: 16 hex digits. */
  readonly key: string;
  /** A DNS-safe name: package.json's, else the folder's. */
  readonly name: string;
}

/** Files that make a folder a project's root, as the tools that own them do. */
const ROOT_MARKERS = [...CONFIG_FILES, "package.json", "pyproject.toml", "go.mod", "Cargo.toml"];

/**
 * Which project a folder belongs to. Its root is the nearest folder upward with a config or a package file, at most up to
 * the git checkout's root (outside git: never the home folder or the file system's root, where stray ones lie);
 * else the checkout's root; else the folder itself. Links are resolved, so that every way in gives the same project.
 */
export async function identifyProject(dir: string): Promise<Project> {
  const start = realPath(dir);
  const checkout = await findCheckout(start);
  const root = nearestRoot(start, checkout?.root ?? null) ?? checkout?.root ?? start;
  const worktree = checkout?.worktree ?? null;
  const branch = worktree?.branch ?? null;
  const key = createHash("sha256")
    .update(`${root}\0${branch ?? ""}`)
    .digest("hex")
    .slice(0, 16);
  // A worktree's folder is often called after its branch; its repository's name is what the project is called.
  const folder = worktree !== null && root === checkout?.root ? worktree.mainName : basename(root);
  return { root, branch, key, name: toLabel(packageName(root) ?? folder) };
}

function nearestRoot(start: string, last: string | null): string | null {
  const home = realPath(homedir());
  for (let folder = start; ; folder = dirname(folder)) {
    const outermost = folder === last || folder === dirname(folder);
    const stray = last === null && folder !== start && (folder === home || folder === dirname(folder));
    if (stray) return null;
    for (const marker of ROOT_MARKERS) {
      if (existsSync(join(folder, marker))) return folder;
    }
    if (outermost) return null;
  }
}

/** The name in package.json without its scope; null when there's none to read. */
function packageName(root: string): string | null {
  const parsed = readUserJson(join(root, "package.json"));
  if (typeof parsed !== "object" || parsed === null || !("name" in parsed)) return null;
  return typeof parsed.name === "string" ? parsed.name.replace(/^@[^/]*\//, "") || null : null;
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return resolve(path);
  }
}
