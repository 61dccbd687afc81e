/** Just enough of a process to walk the tree. */
export interface ProcessNode {
  readonly pid: number;
  readonly parent: number;
}

/** Children, their children and so on, nearest first. */
export function descendantsIn(processes: readonly ProcessNode[], root: number): number[] {
  const children = new Map<number, number[]>();
  for (const { pid, parent } of processes) {
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  const found: number[] = [];
  const seen = new Set([root]);
  const queue = [root];
  for (const pid of queue) {
    for (const child of children.get(pid) ?? []) {
      // Windows keeps a dead parent's pid, which may have been reused: a cycle must not loop for ever.
      if (seen.has(child)) continue;
      seen.add(child);
      found.push(child);
      queue.push(child);
    }
  }
  return found;
}
