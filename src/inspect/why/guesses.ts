import { micros } from "../micros.ts";
import { allCalls, type Node } from "./tree.ts";

/** What an exchange may have spent time with, too: calls that may be another request's. */
export interface Guesses {
  readonly edge: string;
  readonly protocol: "http" | "postgres" | "redis" | "tcp";
  readonly count: number;
  /** During which at least one was under way and none that is surely its own, ms. */
  readonly ms: number;
}

type Span = readonly [from: number, to: number];

/** By edge, the longest first. */
export function guessesOf(root: Node): Guesses[] {
  const byEdge = new Map<string, Node[]>();
  const sure: Span[] = [];
  const seen = new Set<Node>();
  for (const node of allCalls(root)) {
    if (node !== root && node.calls.length === 0) sure.push([node.step.from, node.step.to]);
    for (const guess of node.perhaps) {
      if (seen.has(guess)) continue;
      seen.add(guess);
      const key = `${guess.step.summary.edge} ${guess.step.summary.protocol}`;
      byEdge.set(key, [...(byEdge.get(key) ?? []), guess]);
    }
  }
  const { from, to } = root.step;
  const found = [...byEdge.values()].map((nodes): Guesses => {
    const spans = nodes.map(({ step }): Span => [Math.max(from, step.from), Math.min(to, step.to)]);
    const { edge = "", protocol = "tcp" } = nodes[0]?.step.summary ?? {};
    const ms = micros(covered([...spans, ...sure]) - covered(sure));
    return { edge, protocol, count: nodes.length, ms };
  });
  return found.sort((a, b) => b.ms - a.ms);
}

/** How long at least one of them lasted. */
function covered(spans: readonly Span[]): number {
  let whole = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const [from, to] of [...spans].sort(([a], [b]) => a - b)) {
    if (to <= until) continue;
    whole += to - Math.max(from, until);
    until = to;
  }
  return whole;
}
