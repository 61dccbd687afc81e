import { dirname } from "node:path";
import type { StackView } from "../../../home/view/view.ts";
import { identifyProject } from "../../../lease/project.ts";
import { findConfig } from "../../../stack/config/config.ts";

/** The project that a folder belongs to, and the one whose config it uses: mostly the same. */
export interface FolderProject {
  /** Key of the project whose config the folder uses, else of its own. */
  readonly key: string;
  /** Real paths of both; another checkout of the same repository has others. */
  readonly roots: readonly [string, ...string[]];
  /** There is a config here or in a folder above. */
  readonly configured: boolean;
}

export async function folderProject(dir: string): Promise<FolderProject> {
  const [config, own] = await Promise.all([findConfig(dir), identifyProject(dir)]);
  if (config === null) return { key: own.key, roots: [own.root], configured: false };
  const { key, root } = await identifyProject(dirname(config));
  return { key, roots: root === own.root ? [root] : [root, own.root], configured: true };
}

/** The stacks of a project that run: that of its config, and those of single services. */
export function stacksOf({ key, roots }: FolderProject, stacks: readonly StackView[]): StackView[] {
  return stacks.filter(({ id, root }) => id === key || roots.includes(root));
}

/** The one of a project's stacks that is meant where none is named: its config's, else its only one. */
export function mainStack({ key }: FolderProject, here: readonly StackView[]): StackView | null {
  const whole = here.filter(({ single }) => !single);
  const exact = here.find(({ id }) => id === key);
  // A worktree that has gone to another branch has another key; the stack in it is still its own.
  return exact ?? (here.length === 1 ? here[0] : whole.length === 1 ? whole[0] : undefined) ?? null;
}
