import { existsSync } from "node:fs";
import type { StackView } from "../../../home/view/view.ts";

/** `~/code/shop (feature/x)`; a folder that was deleted under its stack is told as such. */
export function stackPlace({ root, branch }: Pick<StackView, "root" | "branch">): string {
  const facts = [...(branch === null ? [] : [branch]), ...(existsSync(root) ? [] : ["folder deleted"])];
  return shownFolder(root) + (facts.length === 0 ? "" : ` (${facts.join(", ")})`);
}

export function shownFolder(path: string): string {
  const home = process.env.HOME;
  return home !== undefined && home !== "/" && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
