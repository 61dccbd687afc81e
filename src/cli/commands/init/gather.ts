import type { Finding } from "./readers/finding.ts";
import { type FolderView, isPlain, within } from "./readers/folder-view.ts";
import { READERS } from "./readers.ts";

/** Folders of parts, one level further down. */
const GROUPS = /^(apps|packages|services|projects|modules)$/;
/** Folders whose programs are no part of the stack. */
const ASIDE = /^(docs?|examples?|tests?|e2e|scripts|tools|cypress|playwright|migrations|public|static|assets|bench)$/;

/** All that the readers find in a project's folder and in those of its parts, the more telling first. */
export function gather(view: FolderView): readonly Finding[] {
  const folders = partFolders(view);
  return READERS.flatMap((reader) =>
    (reader.rootOnly === true ? ["."] : folders).flatMap((folder) => reader.read(view, folder)),
  );
}

/** The folder itself, its folders, those of groups such as `apps`, and the workspaces that package.json names. */
function partFolders(view: FolderView): readonly string[] {
  const children = view.folders(".").filter((name) => !ASIDE.test(name));
  const grouped = children.filter((name) => GROUPS.test(name)).flatMap((name) => below(view, name));
  const workspaces = workspacePatterns(view).flatMap((pattern) => {
    const folder = pattern.replace(/^\.\//, "").replace(/\/\*{1,2}$/, "");
    return pattern.endsWith("*") ? below(view, folder) : [folder];
  });
  return [...new Set([".", ...children, ...grouped, ...workspaces])];
}

const below = (view: FolderView, folder: string): string[] =>
  view
    .folders(folder)
    .filter((name) => !ASIDE.test(name))
    .map((name) => within(folder, name));

function workspacePatterns(view: FolderView): string[] {
  const given = view.json("package.json")?.workspaces;
  const npm = isPlain(given) ? given.packages : given;
  const pnpm = [...(view.text("pnpm-workspace.yaml") ?? "").matchAll(/^\s*-\s*["']?([^"'\s#!]+)["']?/gm)];
  const all = [...(Array.isArray(npm) ? npm.map(String) : []), ...pnpm.map(([, pattern = ""]) => pattern)];
  return all.filter((pattern) => pattern !== "" && !pattern.startsWith("!") && !pattern.includes(".."));
}
