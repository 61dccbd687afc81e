import type { ExchangeSummary } from "../../../../src/inspect/summary.ts";
import type { Why } from "../../../../src/inspect/why/why.ts";
import type { KeptSpan } from "../../../../src/telemetry/store.ts";

/** What a bar stands for: an exchange that Cove saw, or a span that a service reported. */
type Shown =
  | { readonly exchange: ExchangeSummary; readonly span: null }
  | { readonly exchange: null; readonly span: KeptSpan };

/** A line of a waterfall. Places and widths are parts of the whole, 0 to 1. */
export type Bar = Shown & {
  readonly depth: number;
  readonly left: number;
  readonly width: number;
  /** How much of its width passed before the first byte came. */
  readonly waited: number;
  /** It may be of this trace, or stands under something that may be. */
  readonly guessed: boolean;
};

export interface Waterfall {
  readonly bars: readonly Bar[];
  /** From the first start to the last end, ms. */
  readonly span: number;
  /** Round times to draw lines at, ms. */
  readonly ticks: readonly number[];
}

/** What is drawn, before it is known where. */
interface Step {
  readonly shown: Shown;
  readonly id: string;
  readonly parentId: string | null;
  readonly at: number;
  readonly lasts: number;
  readonly firstByte: number;
  readonly isGuess: boolean;
}

/** A trace as bars: what a step caused stands under it, and what it may have caused below all that is sure. */
export function waterfall(
  exchanges: readonly ExchangeSummary[],
  now: number,
  reported: readonly KeptSpan[] = [],
): Waterfall {
  const steps = [...exchanges.map((one) => exchangeStep(one, now)), ...reported.map(spanStep)].sort(
    (a, b) => a.at - b.at,
  );
  const start = steps[0]?.at ?? 0;
  const end = steps.reduce((latest, { at, lasts }) => Math.max(latest, at + lasts), start);
  const span = Math.max(end - start, 0.001);

  const known = new Set(steps.map(({ id }) => id));
  const children = new Map<string, Step[]>();
  const roots: Step[] = [];
  for (const one of steps) {
    if (one.parentId === null || one.parentId === one.id || !known.has(one.parentId)) roots.push(one);
    else children.set(one.parentId, [...(children.get(one.parentId) ?? []), one]);
  }
  const bars: Bar[] = [];
  const drawn = new Set<Step>();
  const walk = (step: Step, depth: number, guessed: boolean) => {
    // A span may name anything as its parent: also what is under it.
    if (drawn.has(step)) return;
    drawn.add(step);
    const { at, lasts, firstByte } = step;
    bars.push({
      ...step.shown,
      ...{ depth, guessed, left: (at - start) / span, width: lasts / span },
      waited: lasts === 0 ? 0 : Math.min(1, firstByte / lasts),
    });
    for (const child of children.get(step.id) ?? []) walk(child, depth + 1, guessed);
  };
  for (const root of roots.filter(({ isGuess }) => !isGuess)) walk(root, 0, false);
  for (const root of roots.filter(({ isGuess }) => isGuess)) walk(root, 0, true);
  return { bars, span, ticks: ticks(span) };
}

function exchangeStep(exchange: ExchangeSummary, now: number): Step {
  const { spanId, parentId, at, ms, firstByteMs, guess } = exchange;
  const lasts = ms ?? Math.max(0, now - at);
  return {
    ...{ shown: { exchange, span: null }, id: spanId, parentId, at, lasts },
    ...{ firstByte: firstByteMs ?? lasts, isGuess: guess !== null },
  };
}

function spanStep(span: KeptSpan): Step {
  const { spanId, parentId, at, ms } = span;
  return { shown: { exchange: null, span }, id: spanId, parentId, at, lasts: ms, firstByte: 0, isGuess: false };
}

/** A stretch of the critical path, as parts of the whole, 0 to 1. */
export interface PathMark {
  readonly left: number;
  readonly width: number;
}

/** The critical path of an exchange on its trace's bars, by exchanges' numbers. */
export function onPath(why: Pick<Why, "summary" | "path">, bars: Waterfall["bars"]): Map<number, PathMark[]> {
  const marks = new Map<number, PathMark[]>();
  const from = bars.find(({ exchange }) => exchange?.seq === why.summary.seq);
  const { ms } = why.summary;
  // While it is under way it ends elsewhere on each look.
  if (from === undefined || ms === null || ms === 0) return marks;
  const scale = from.width / ms;
  for (const { seq, fromMs, toMs } of why.path) {
    const mark = { left: from.left + fromMs * scale, width: (toMs - fromMs) * scale };
    const known = marks.get(seq);
    if (known === undefined) marks.set(seq, [mark]);
    else known.push(mark);
  }
  return marks;
}

/** Two to five round times within a span. */
function ticks(span: number): number[] {
  const step = [1, 2, 5, 10]
    .map((one) => one * 10 ** Math.floor(Math.log10(span / 2)))
    .find((one) => span / one <= 5.001);
  if (step === undefined) return [];
  const found: number[] = [];
  for (let at = step; at <= span * 0.97; at += step) found.push(at);
  return found;
}

/** A part of the time that an exchange took, ms since its start. */
export interface Phase {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** What an exchange spent its time with. Steps that are not known are left out. */
export function phases(
  timing: Readonly<Record<"queued" | "connected" | "firstByte" | "ended", number | null>>,
): Phase[] {
  const steps: readonly (readonly [string, number | null])[] = [
    ["Waited to be let through", timing.queued],
    ["Connecting", timing.connected],
    ["Waiting for the first byte", timing.firstByte],
    ["Receiving", timing.ended],
  ];
  const found: Phase[] = [];
  let from = 0;
  for (const [name, to] of steps) {
    if (to === null) continue;
    if (to > from) found.push({ name, from, to });
    from = Math.max(from, to);
  }
  return found;
}
