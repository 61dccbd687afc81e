import { inOrder, type Rows, type Sight } from "./rows.ts";

/** Deeper than this isn't indented further. */
const DEEPEST = 12;

/**
 * Rows with what each exchange caused right under it. `parents`: the number of the exchange that one is under; one whose
 * parent isn't shown stands for itself.
 */
export function asTraces(rows: Rows, parents: ReadonlyMap<number, number>): Sight {
  const flat = inOrder(rows);
  const { count } = flat;
  // Links between places, as plain numbers: this runs for 100,000 rows, several times a second.
  const firstChild = new Int32Array(count).fill(-1);
  const lastChild = new Int32Array(count).fill(-1);
  const nextSibling = new Int32Array(count).fill(-1);
  const parentAt = new Int32Array(count).fill(-1);
  for (let at = 0; at < count; at++) {
    const parent = parents.get(flat.seqAt(at));
    if (parent === undefined) continue;
    const above = flat.indexOf(parent);
    // A cause comes before what it causes: this also rules out circles.
    if (above < 0 || above >= at) continue;
    parentAt[at] = above;
    if (firstChild[above] === -1) firstChild[above] = at;
    else nextSibling[lastChild[above] ?? 0] = at;
    lastChild[above] = at;
  }
  const order = new Int32Array(count);
  const place = new Int32Array(count);
  const depths = new Uint8Array(count);
  let next = 0;
  for (let root = 0; root < count; root++) {
    if (parentAt[root] !== -1) continue;
    let at = root;
    let depth = 0;
    for (;;) {
      order[next] = at;
      place[at] = next;
      depths[next++] = Math.min(depth, DEEPEST);
      const child = firstChild[at] ?? -1;
      if (child !== -1) {
        at = child;
        depth++;
        continue;
      }
      while (at !== root && nextSibling[at] === -1) {
        at = parentAt[at] ?? root;
        depth--;
      }
      if (at === root) break;
      at = nextSibling[at] ?? root;
    }
  }
  return {
    count,
    seqAt: (index) => flat.seqAt(order[index] ?? -1),
    indexOf: (seq) => {
      const at = flat.indexOf(seq);
      return at < 0 ? -1 : (place[at] ?? -1);
    },
    depthAt: (index) => depths[index] ?? 0,
  };
}
