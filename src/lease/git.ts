import { readFileSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** The git checkout around a folder, read from its files: starting git costs more than all the rest of `cove run`. */
export interface Checkout {
  /** Absolute. */
  readonly root: string;
  /** Set in a linked worktree (`git worktree add`) only. */
  readonly worktree: {
    /** The branch; the worktree's folder name while HEAD is detached, since a hash would change with every commit. */
    readonly branch: string;
    /** The folder name of the main checkout (or bare repository) that it belongs to. */
    readonly mainName: string;
  } | null;
}

/**
 * The nearest checkout at or above a folder; null outside git. Reads synchronously: for a handful of small files the wait for
 * Node's pool of threads is longer than the reading, the more so while a command starts.
 */
export async function findCheckout(dir: string): Promise<Checkout | null> {
  for (let folder = dir; ; folder = dirname(folder)) {
    const dotGit = join(folder, ".git");
    const kind = kindOf(dotGit);
    if (kind?.isDirectory()) return { root: folder, worktree: null };
    if (kind?.isFile()) return { root: folder, worktree: readWorktree(folder, dotGit) };
    if (folder === dirname(folder)) return null;
  }
}

/** gitrepository-layout(5): a linked worktree's `.git` is a file that leads to a folder with HEAD and `commondir`. */
function readWorktree(root: string, dotGit: string): Checkout["worktree"] {
  const gitDir = /^gitdir: (.+)/.exec(readText(dotGit) ?? "")?.[1]?.trim();
  if (gitDir === undefined) return null;
  const folder = resolve(root, gitDir);
  const commonDir = readText(join(folder, "commondir"));
  // A submodule's `.git` is a file too, but its repository stands alone.
  if (commonDir === null) return null;
  const common = resolve(folder, commonDir);
  const main = basename(common) === ".git" ? dirname(common) : common;
  return {
    branch: branchOf(folder) ?? basename(root),
    mainName: basename(main).replace(/\.git$/, ""),
  };
}

function branchOf(gitDir: string): string | null {
  // During a rebase HEAD is detached, but the work still belongs to the branch.
  for (const file of ["HEAD", join("rebase-merge", "head-name"), join("rebase-apply", "head-name")]) {
    const branch = /^(?:ref: )?refs\/heads\/(.+)/.exec(readText(join(gitDir, file)) ?? "")?.[1];
    // With the reftable format HEAD holds this placeholder; the folder's name then does as well.
    if (branch !== undefined && branch !== ".invalid") return branch;
  }
  return null;
}

function kindOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return null;
  }
}
