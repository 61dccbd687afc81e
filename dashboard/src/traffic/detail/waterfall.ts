import type { ExchangeSummary } from "../../../../src/inspect/summary.ts";
import type { Why } from "../../../../src/inspect/why/why.ts";

/** A line of a waterfall. Places and widths are parts of the whole, 0 to 1. */
interface Bar {
  readonly exchange: ExchangeSummary;
  readonly depth: number;
  readonly left: number;
  readonly width: number;
  /** How much of its width passed before the first byte came. */
  readonly waited: number;
  /** It may be of this trace, or stands under something that may be. */
  readonly guessed: boolean;
}

export interface Waterfall {
  readonly bars: readonly Bar[];
  /** From the first start to the last end, ms. */
  readonly span: number;
  /** Round times to draw lines at, ms. */
  readonly ticks: readonly number[];
}

/** A trace as bars: what an exchange caused stands under it, and what it may have caused below all that is sure. */
export function waterfall(exchanges: readonly ExchangeSummary[], now: number): Waterfall {
  const byTime = [...exchanges].sort((a, b) => a.at - b.at || a.seq - b.seq);
  const start = byTime[0]?.at ?? 0;
  const endOf = ({ at, ms }: ExchangeSummary) => at + (ms ?? Math.max(0, now - at));
  const end = byTime.reduce((latest, one) => Math.max(latest, endOf(one)), start);
  const span = Math.max(end - start, 0.001);

  const spans = new Set(byTime.map(({ spanId }) => spanId));
  const children = new Map<string, ExchangeSummary[]>();
  const roots: ExchangeSummary[] = [];
  for (const one of byTime) {
    if (one.parentId === null || one.parentId === one.spanId || !spans.has(one.parentId)) roots.push(one);
    else children.set(one.parentId, [...(children.get(one.parentId) ?? []), one]);
  }
  const bars: Bar[] = [];
  const walk = (exchange: ExchangeSummary, depth: number, guessed: boolean) => {
    const lasts = endOf(exchange) - exchange.at;
    bars.push({
      exchange,
      depth,
      left: (exchange.at - start) / span,
      width: lasts / span,
      waited: lasts === 0 ? 0 : Math.min(1, (exchange.firstByteMs ?? lasts) / lasts),
      guessed,
    });
    for (const child of children.get(exchange.spanId) ?? []) walk(child, depth + 1, guessed);
  };
  const isGuess = ({ guess }: ExchangeSummary) => guess !== null;
  for (const root of roots.filter((one) => !isGuess(one))) walk(root, 0, false);
  for (const root of roots.filter(isGuess)) walk(root, 0, true);
  return { bars, span, ticks: ticks(span) };
}

/** A stretch of the critical path, as parts of the whole, 0 to 1. */
export interface PathMark {
  readonly left: number;
  readonly width: number;
}

/** The critical path of an exchange on its trace's bars, by exchanges' numbers. */
export function onPath(why: Pick<Why, "summary" | "path">, bars: Waterfall["bars"]): Map<number, PathMark[]> {
  const marks = new Map<number, PathMark[]>();
  const from = bars.find(({ exchange }) => exchange.seq === why.summary.seq);
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
