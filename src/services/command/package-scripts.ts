import { globSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { isUnreadable, readUserJson, readUserText } from "../../text/user-text.ts";

/** The nearest package above a folder, as `npm run` finds it. */
export interface Package {
  readonly folder: string;
  readonly scripts: Readonly<Record<string, string>>;
}

export function nearestPackage(dir: string): Package | null {
  const found = nearestManifest(dir);
  return found === null ? null : { folder: found.folder, scripts: textsOf(found.manifest.scripts) };
}

function nearestManifest(dir: string): { folder: string; manifest: Record<string, unknown> } | null {
  for (let folder = resolve(dir); ; folder = dirname(folder)) {
    const manifest = readJson(join(folder, "package.json"));
    if (manifest !== null) return { folder, manifest };
    if (folder === dirname(folder)) return null;
  }
}

/** Packages that the nearest package.json above a folder depends on. */
export function packagesOf(dir: string): readonly string[] {
  const manifest = nearestManifest(dir)?.manifest ?? {};
  return [manifest.dependencies, manifest.devDependencies].flatMap((list) => Object.keys(isObject(list) ? list : {}));
}

/** The tasks of the nearest deno.json; null: there is none. */
export function denoTasks(dir: string): Package | null {
  for (let folder = resolve(dir); ; folder = dirname(folder)) {
    const config = readJson(join(folder, "deno.json")) ?? readJson(join(folder, "deno.jsonc"));
    if (config !== null) return { folder, scripts: textsOf(config.tasks) };
    if (folder === dirname(folder)) return null;
  }
}

/**
 * The folder of one package of a workspace, as `-w web`, `--filter web`, `workspace web` name it: by its name, by its name
 * without the scope, or by its path from here. Null: none, or several.
 */
export function workspaceFolder(cwd: string, selector: string): string | null {
  if (/[*!{}[\]^]|\.\.\./.test(selector)) return null;
  const members = workspaceMembers(cwd);
  if (members === null) return null;
  const named = members.folders.filter(({ name }) => name === selector);
  const unscoped = members.folders.filter(({ name }) => name.split("/").at(-1) === selector && name !== selector);
  const placed = members.folders.filter(({ folder }) =>
    [cwd, members.root].some((from) => relative(folder, resolve(from, selector)) === ""),
  );
  for (const found of [named, placed, unscoped]) {
    if (found.length > 0) return found.length === 1 ? (found[0]?.folder ?? null) : null;
  }
  return null;
}

/** The only package of the workspace that has a script; null: none, or several. */
export function onlyFolderWith(cwd: string, script: string): string | null {
  const having = workspaceMembers(cwd)?.folders.filter(
    ({ folder }) => nearestPackage(folder)?.scripts[script] !== undefined,
  );
  return having?.length === 1 ? (having[0]?.folder ?? null) : null;
}

/** The root of the workspace that a folder belongs to; null: it is in none. */
export function workspaceRoot(cwd: string): string | null {
  return workspaceMembers(cwd)?.root ?? null;
}

interface Members {
  readonly root: string;
  readonly folders: readonly { readonly folder: string; readonly name: string }[];
}

function workspaceMembers(cwd: string): Members | null {
  for (let root = resolve(cwd); ; root = dirname(root)) {
    const patterns = workspacePatterns(root);
    if (patterns !== null) return { root, folders: foldersOf(root, patterns) };
    if (root === dirname(root)) return null;
  }
}

/** What a folder says its workspace's packages are; null: it is no workspace's root. */
function workspacePatterns(folder: string): readonly string[] | null {
  const pnpm = readUserText(join(folder, "pnpm-workspace.yaml"));
  if (!isUnreadable(pnpm)) return listIn(pnpm, "packages");
  const manifest = readJson(join(folder, "package.json"));
  const own = manifest?.workspaces;
  const list = isObject(own) ? own.packages : own;
  return Array.isArray(list) ? list.filter((one) => typeof one === "string") : null;
}

/** The plain texts of a list at the top of a YAML file, which is all that pnpm's has. */
function listIn(yaml: string, key: string): string[] {
  const block =
    new RegExp(`^${key}:[^\\S\\n]*(\\[[^\\]]*\\]|(?:\\n(?:[^\\S\\n]*(?:-.*|#.*)?))*)`, "m").exec(yaml)?.[1] ?? "";
  return [...block.matchAll(/(?:-|[[,])\s*(?:"([^"]*)"|'([^']*)'|([^\s"'#,[\]]+))/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? "",
  );
}

function foldersOf(root: string, patterns: readonly string[]): { folder: string; name: string }[] {
  const wanted = patterns.filter((pattern) => !pattern.startsWith("!"));
  const exclude = patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  const files = globSync(
    wanted.map((pattern) => join(pattern, "package.json")),
    { cwd: root, exclude: ["**/node_modules", ...exclude] },
  );
  return [...new Set(files)].sort().flatMap((file) => {
    const manifest = readJson(join(root, file));
    return typeof manifest?.name === "string" ? [{ folder: dirname(join(root, file)), name: manifest.name }] : [];
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function textsOf(value: unknown): Record<string, string> {
  const entries = Object.entries(isObject(value) ? value : {});
  return Object.fromEntries(entries.flatMap(([key, text]) => (typeof text === "string" ? [[key, text]] : [])));
}

function readJson(file: string): Record<string, unknown> | null {
  const parsed = readUserJson(file);
  return isObject(parsed) ? parsed : null;
}
