import { type Dirent, existsSync, readdirSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { isUnreadable, readUserText } from "../../../../text/user-text.ts";

/** A project's folder as readers see it: they touch nothing else. Paths are relative, with `/`; `.` is the folder itself. */
export interface FolderView {
  /** The folder's own name. */
  readonly name: string;
  readonly exists: (path: string) => boolean;
  /** Null: it isn't there, or is no text of at most 1 MiB. */
  readonly text: (path: string) => string | null;
  /** An object in JSON with comments allowed; null where it is none. */
  readonly json: (path: string) => Plain | null;
  /** Names of files, at most 500. */
  readonly files: (folder: string) => readonly string[];
  /** Names of folders that hold the project's own code, at most 200. */
  readonly folders: (folder: string) => readonly string[];
}

export type Plain = Readonly<Record<string, unknown>>;

/** Nobody's own code, or no code. */
const SKIPPED = /^(\..*|node_modules|vendor|venv|env|dist|build|target|out|coverage|__pycache__|bower_components)$/;

export function viewOf(root: string): FolderView {
  const listed = (folder: string): readonly Dirent[] => {
    try {
      return readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch {
      return [];
    }
  };
  const text = (path: string) => {
    const read = readUserText(join(root, path));
    return isUnreadable(read) ? null : read;
  };
  return {
    name: basename(root),
    exists: (path) => existsSync(join(root, path)),
    text,
    json: (path) => {
      const read = text(path);
      return read === null ? null : parsedJson(read);
    },
    files: (folder) =>
      listed(folder)
        .filter((entry) => entry.isFile())
        .slice(0, 500)
        .map(({ name }) => name),
    folders: (folder) =>
      listed(folder)
        .filter((entry) => entry.isDirectory() && !SKIPPED.test(entry.name))
        .slice(0, 200)
        .map(({ name }) => name),
  };
}

function parsedJson(text: string): Plain | null {
  try {
    const value: unknown = JSON.parse(text);
    return isPlain(value) ? value : null;
  } catch {
    return null;
  }
}

export function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `apps/web` below `apps`; `web` below `.`. */
export const within = (folder: string, name: string): string => posix.normalize(posix.join(folder, name));
