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
