import type { Node } from "./tree.ts";

/**
 * What passed in a piece of time:
 * - `call`: an exchange was under way that caused no other one that Cove saw.
 * - `queued`: it waited for a service that was starting, or was held at a breakpoint.
 * - `connect`: it waited for a connection to the service.
 * - `service`: the service had it, and no call of it was under way.
 * - `answer`: the same, after the answer's first byte.
 */
export type PieceKind = "call" | "queued" | "connect" | "service" | "answer";

/** A piece of an exchange's time that is of one exchange, itself or one below it. Epoch ms. */
export interface Piece {
  readonly node: Node;
  readonly kind: PieceKind;
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts a node's time into pieces, each of the exchange that is under way the deepest; where there are several at once, of the one
 * that ends last. They add up to the whole.
 */
export function piecesOf(node: Node): Piece[] {
  const pieces: Piece[] = [];
  cut(node, node.step.from, node.step.to, true, pieces);
  return pieces.reverse();
}

/** From `to` backwards to `from`. */
function cut(node: Node, from: number, to: number, isRoot: boolean, pieces: Piece[]): void {
  if (node.calls.length === 0 && !isRoot) {
    if (to > from) pieces.push({ node, kind: "call", from, to });
    return;
  }
  const byEnd = [...node.calls].sort((a, b) => b.step.to - a.step.to);
  let at = to;
  let next = 0;
  while (at > from) {
    // Of all that are under way until `at` the one that began first.
    let covers: Node | null = null;
    for (; next < byEnd.length; next++) {
      const call = byEnd[next];
      if (call === undefined || call.step.to < at) break;
      if (call.step.from < at && (covers === null || call.step.from < covers.step.from)) covers = call;
    }
    if (covers !== null) {
      const begins = Math.max(from, covers.step.from);
      cut(covers, begins, at, false, pieces);
      at = begins;
    } else {
      const ends = Math.max(from, byEnd[next]?.step.to ?? from);
      ownPieces(node, ends, at, pieces);
      at = ends;
    }
  }
}

/** What the node itself did meanwhile, backwards. */
function ownPieces(node: Node, from: number, to: number, pieces: Piece[]): void {
  const { queued, connected, firstByte } = node.step;
  const marks: readonly (readonly [PieceKind, number])[] = [
    ["answer", firstByte ?? Number.POSITIVE_INFINITY],
    ["service", Math.max(connected ?? 0, queued ?? 0)],
    ["connect", connected === null ? Number.POSITIVE_INFINITY : (queued ?? 0)],
    ["queued", 0],
  ];
  let at = to;
  for (const [kind, since] of marks) {
    const begins = Math.max(from, Math.min(at, since));
    if (begins < at) pieces.push({ node, kind, from: begins, to: at });
    at = Math.min(at, begins);
  }
}
