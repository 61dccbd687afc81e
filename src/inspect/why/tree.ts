import type { Step } from "./step.ts";

/** An exchange with what it caused. */
export interface Node {
  readonly step: Step;
  /** What it surely caused and may have waited for, in order of time. */
  readonly calls: readonly Node[];
  /** What it surely caused, and what went on after its answer. */
  readonly after: readonly Node[];
  /** What it may have caused: it is one of several that come into question. */
  readonly perhaps: readonly Node[];
}

/** More than this under each other isn't looked at. */
const DEEPEST = 200;

/** What an exchange caused, as far as the steps of its trace say. */
export function treeOf(root: Step, steps: readonly Step[]): Node {
  const under = new Map<string, Step[]>();
  const guessed = new Map<string, Step[]>();
  const add = (map: Map<string, Step[]>, key: string, step: Step) => {
    const known = map.get(key);
    if (known === undefined) map.set(key, [step]);
    else known.push(step);
  };
  for (const step of steps) {
    const { parentId, spanId, guess } = step.summary;
    if (step.isConnection) continue;
    if (parentId !== null && parentId !== spanId) add(under, parentId, step);
    for (const candidate of guess?.candidates ?? []) add(guessed, candidate.spanId, step);
  }
  /** A `traceparent` may name anything as its parent: also what is under it. */
  const seen = new Set<string>();
  const nodeOf = (step: Step, depth: number): Node => {
    const { spanId, ms, error } = step.summary;
    seen.add(spanId);
    const children = (map: Map<string, Step[]>) =>
      (depth >= DEEPEST ? [] : (map.get(spanId) ?? []))
        .filter((one) => !seen.has(one.summary.spanId) && one.to >= step.from)
        .sort((a, b) => a.from - b.from)
        .map((one) => nodeOf(one, depth + 1));
    const sure = children(under);
    // Whoever broke off, or is still waiting, waits for what is under way.
    const open = ms === null || error !== null;
    const waitedFor = ({ step: { from, to } }: Node) => (open ? from <= step.to : to <= step.to);
    return {
      step,
      calls: sure.filter(waitedFor),
      after: sure.filter((one) => !waitedFor(one)),
      perhaps: children(guessed).filter(waitedFor),
    };
  };
  return nodeOf(root, 0);
}

/** A node and all that is surely under it, from the top. */
export function* allCalls(node: Node): Generator<Node> {
  yield node;
  for (const call of node.calls) yield* allCalls(call);
}
