import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** What makes a folder a project's. */
const MARKS = [
  "package.json",
  ".git",
  "cove.config.ts",
  "cove.yaml",
  "cove.json",
  "pyproject.toml",
  "go.mod",
  "Cargo.toml",
];

/** Finds the project of a working folder, asking the file system once for each folder. */
export function projectFolders(): (cwd: string) => string | null {
  const known = new Map<string, string | null>();
  const find = (folder: string): string | null => {
    // The home folder and the root hold stray marks that would make everything one project.
    if (folder === homedir() || folder === dirname(folder)) return null;
    let found = known.get(folder);
    if (found === undefined) {
      found = MARKS.some((mark) => existsSync(join(folder, mark))) ? folder : find(dirname(folder));
      known.set(folder, found);
    }
    return found;
  };
  return find;
}
