import type { Node } from "./tree.ts";

/** A stretch of time on the critical path, of the exchange that it is spent in. Epoch ms. */
export interface Stretch {
  readonly node: Node;
  readonly from: number;
  readonly to: number;
}

/**
 * The critical path: from an exchange's end backwards to the call that ended last before, from that one's beginning to the call
 * that ended last before that, and so on, in each call likewise. What stands between is the exchange's own. Shortening what isn't
 * on it shortens nothing.
 */
export function criticalPath(node: Node): Stretch[] {
  const path: Stretch[] = [];
  walk(node, node.step.from, path);
  return path.reverse();
}

function walk(node: Node, from: number, path: Stretch[]): void {
  const own = (begin: number, end: number) => {
    if (end > begin) path.push({ node, from: begin, to: end });
  };
  let at = node.step.to;
  for (const call of [...node.calls].sort((a, b) => b.step.to - a.step.to)) {
    const { step } = call;
    // Another one was waited for when this one ended; or the parent broke off before its end.
    if (Math.min(step.to, node.step.to) > at || step.from < from) continue;
    own(Math.min(step.to, at), at);
    walkCall(call, Math.min(step.to, at), path);
    at = step.from;
  }
  own(from, at);
}

/** A call up to `end`, which is its own end unless its parent broke off before. */
function walkCall(call: Node, end: number, path: Stretch[]): void {
  if (end === call.step.to) walk(call, call.step.from, path);
  else if (end > call.step.from) path.push({ node: call, from: call.step.from, to: end });
}
