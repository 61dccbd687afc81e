import { micros } from "../micros.ts";
import type { ExchangeSummary } from "../summary.ts";
import { criticalPath, type Stretch } from "./critical-path.ts";
import { type Guesses, guessesOf } from "./guesses.ts";
import { type Part, partsOf } from "./parts.ts";
import { piecesOf } from "./pieces.ts";
import { sentenceOf, usualText } from "./sentence.ts";
import type { Step } from "./step.ts";
import { allCalls, treeOf } from "./tree.ts";
import { differencesOf, type Usual } from "./usual.ts";

/** Where an exchange's time went. Times are ms; those of the path since the exchange's start. */
export interface Why {
  readonly summary: ExchangeSummary;
  /** In a sentence: `212 of 230 ms in 31 identical queries of api → db: N+1 of `orders``. */
  readonly sentence: string;
  /** `usually 18 ms (p50 of 42): …`; null where too few of the same route are kept. */
  readonly usually: string | null;
  /** Of the exchange; of one that is under way until now. */
  readonly ms: number;
  /** What was under way, the longest first. Together they are the whole. */
  readonly parts: readonly Part[];
  /** What determined its end, in order of time. Null: the exchange's own. */
  readonly path: readonly PathStep[];
  /** Of the exchange and what it caused: how long each was under way without a call of its own. By exchange's number. */
  readonly self: readonly { readonly seq: number; readonly selfMs: number }[];
  /** Calls that went on after the answer of the exchange that made them: nobody waited for them. */
  readonly after: readonly { readonly seq: number; readonly edge: string; readonly title: string }[];
  /** Calls that may be of this exchange or of another, by edge. They are in none of the above. */
  readonly perhaps: readonly Guesses[];
  readonly usual: Usual | null;
}

export interface PathStep {
  readonly id: string;
  readonly seq: number;
  readonly short: string;
  readonly edge: string;
  readonly title: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The usual exchange of the same route, with the steps of its trace. */
export interface UsualTrace {
  readonly root: Step;
  readonly steps: readonly Step[];
  /** How many there are to compare with. */
  readonly of: number;
}

/** Steps that are told of: a page draws no more. */
const PATH_MOST = 1_000;

/** Where the time of `root` went. `steps`: its whole trace, with what may belong to it. Nothing is guessed but in `perhaps`. */
export function whyOf(root: Step, steps: readonly Step[], other: UsualTrace | null = null): Why {
  const tree = treeOf(root, steps);
  const parts = partsOf(piecesOf(tree));
  const perhaps = guessesOf(tree);
  const ms = root.to - root.from;
  const usual = other === null ? null : usualOf(parts, other, ms);
  const calls = [...allCalls(tree)];
  return {
    summary: root.summary,
    sentence: sentenceOf(root.summary, ms, parts, perhaps),
    usually: usual === null ? null : usualText(usual),
    ms: micros(ms),
    parts,
    path: criticalPath(tree)
      .slice(0, PATH_MOST)
      .map((stretch) => pathStep(stretch, root.from)),
    self: calls.slice(0, PATH_MOST).map(({ step, calls }) => ({
      seq: step.summary.seq,
      selfMs: micros(uncovered(step, calls)),
    })),
    after: calls.flatMap(({ after }) => after.map(({ step: { summary } }) => nameOf(summary))).slice(0, PATH_MOST),
    perhaps,
    usual,
  };
}

function usualOf(parts: readonly Part[], { root, steps, of }: UsualTrace, ms: number): Usual {
  const { id, short } = root.summary;
  const usualParts = partsOf(piecesOf(treeOf(root, steps)));
  return { id, short, of, ms: micros(root.to - root.from), differences: differencesOf(parts, usualParts, ms) };
}

function pathStep({ node, from, to }: Stretch, start: number): PathStep {
  const { id, seq, short, edge, title } = node.step.summary;
  return { id, seq, short, edge, title, fromMs: micros(from - start), toMs: micros(to - start) };
}

function nameOf({ seq, edge, title }: ExchangeSummary) {
  return { seq, edge, title };
}

/** How long none of its calls was under way. */
function uncovered({ from, to }: Step, calls: readonly { readonly step: Step }[]): number {
  let own = 0;
  let until = from;
  for (const { step } of calls) {
    own += Math.max(0, Math.min(step.from, to) - until);
    until = Math.max(until, Math.min(step.to, to));
  }
  return own + Math.max(0, to - until);
}
