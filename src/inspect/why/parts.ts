import { micros } from "../micros.ts";
import type { Piece, PieceKind } from "./pieces.ts";
import type { Node } from "./tree.ts";

/** What a part of an exchange's time was spent with: all calls of one kind, or one service's own time. */
export interface Part {
  readonly kind: PieceKind;
  /** Of calls the edge: `api→db`; of the others the one that led to the service. */
  readonly edge: string;
  readonly from: string;
  /** The service whose time it is. */
  readonly to: string;
  readonly protocol: "http" | "postgres" | "redis" | "tcp";
  readonly ms: number;
  /** Of the whole, 0 to 1. */
  readonly share: number;
  /** Exchanges that took part. */
  readonly count: number;
  /** How many of them failed. */
  readonly failed: number;
  /** The longest one's. */
  readonly title: string;
  readonly longestMs: number;
  /** The table that its statements are about. */
  readonly table: string | null;
  /** Its notes say so: the same query again and again. */
  readonly nPlusOne: boolean;
  /** Exchanges' ids, in order of time, the first hundred. */
  readonly ids: readonly string[];
  /** The same for the same part of another trace. */
  readonly key: string;
}

/** So often the same query is an N+1, also where the whole trace has more. */
const OFTEN = 5;
const IDS_MOST = 100;

interface Sum {
  readonly kind: PieceKind;
  readonly key: string;
  ms: number;
  readonly nodes: Set<Node>;
}

/** A node's pieces by what they have in common, the longest part first. */
export function partsOf(pieces: readonly Piece[]): Part[] {
  const sums = new Map<string, Sum>();
  let whole = 0;
  for (const { node, kind, from, to } of pieces) {
    const { edge, protocol } = node.step.summary;
    const key = kind === "call" ? `${edge} ${protocol} ${node.step.like}` : `${kind} ${edge}`;
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = { kind, key, ms: 0, nodes: new Set() };
      sums.set(key, sum);
    }
    sum.ms += to - from;
    sum.nodes.add(node);
    whole += to - from;
  }
  return [...sums.values()].map((sum) => partOf(sum, whole)).sort((a, b) => b.ms - a.ms);
}

function partOf({ kind, key, ms, nodes }: Sum, whole: number): Part {
  const inOrder = [...nodes].sort((a, b) => a.step.from - b.step.from);
  const [longest] = [...nodes].sort((a, b) => b.step.to - b.step.from - (a.step.to - a.step.from));
  const { edge, from, to, protocol, title } = longest?.step.summary ?? NOTHING;
  return {
    ...{ kind, edge, from, to, protocol, title, key },
    ms: micros(ms),
    share: whole === 0 ? 0 : ms / whole,
    count: nodes.size,
    failed: inOrder.filter(({ step }) => step.summary.ok === false).length,
    longestMs: longest === undefined ? 0 : micros(longest.step.to - longest.step.from),
    table: longest?.step.table ?? null,
    nPlusOne: kind === "call" && nodes.size >= OFTEN && inOrder.some(({ step }) => saysNPlusOne(step.summary.notes)),
    ids: inOrder.slice(0, IDS_MOST).map(({ step }) => step.summary.id),
  };
}

const NOTHING = { edge: "", from: "", to: "", protocol: "tcp", title: "" } as const;

function saysNPlusOne(notes: readonly string[]): boolean {
  return notes.some((note) => note.endsWith("N+1?"));
}
