import type { Exchange } from "../../capture/exchange.ts";
import { traceIdOf } from "../../capture/ids.ts";
import type { Ring } from "../../capture/ring.ts";
import { walk } from "../../inspect/filter/search.ts";
import { mapInSlices } from "../../inspect/slices.ts";
import type { ExchangeSummary } from "../../inspect/summary.ts";
import { likeOf, type Step, stepOf } from "../../inspect/why/step.ts";
import { medianOf, OTHERS_MOST } from "../../inspect/why/usual.ts";
import { type UsualTrace, type Why, whyOf } from "../../inspect/why/why.ts";

/** What the analysis needs of the exchanges that are kept. */
interface Kept {
  readonly ring: Ring;
  readonly summary: (exchange: Exchange) => ExchangeSummary;
  readonly trace: (exchange: Exchange) => Promise<readonly ExchangeSummary[]>;
  /** Of a trace: the exchange that a span stands under, by their ids, where services reported what is between them. */
  readonly aboveIn: (traceId: string) => (spanId: string) => string;
}

/** Where an exchange's time went, beside the usual one of the same route. */
export async function explainTime(kept: Kept, exchange: Exchange): Promise<Why> {
  const now = Date.now();
  return whyOf(
    stepOf(exchange, kept.summary(exchange), now),
    await stepsOf(kept, exchange, now),
    await usualTrace(kept, exchange, now),
  );
}

async function stepsOf({ ring, trace, aboveIn }: Kept, exchange: Exchange, now: number): Promise<Step[]> {
  const above = aboveIn(traceIdOf(exchange));
  const steps = await mapInSlices(await trace(exchange), (summary) => {
    const one = ring.get(summary.seq);
    const parentId = summary.parentId === null ? null : above(summary.parentId);
    return one === undefined ? null : stepOf(one, { ...summary, parentId }, now);
  });
  return steps.filter((step) => step !== null);
}

/** Of those that ended well on the same edge; null where too few are kept. */
async function usualTrace(kept: Kept, exchange: Exchange, now: number): Promise<UsualTrace | null> {
  const { ring } = kept;
  const like = likeOf(exchange);
  const seqs = await walk(ring, (one) => one.seq !== exchange.seq && isSame(one, exchange, like), {
    limit: OTHERS_MOST,
  });
  const others = seqs.flatMap((seq) => {
    const ms = ring.get(seq)?.ended ?? null;
    return ms === null ? [] : [{ seq, ms }];
  });
  const median = medianOf(others);
  const found = median === null ? undefined : ring.get(median.seq);
  if (found === undefined) return null;
  const root = stepOf(found, kept.summary(found), now);
  return { root, steps: await stepsOf(kept, found, now), of: others.length };
}

function isSame(one: Exchange, { edge, protocol }: Exchange, like: string): boolean {
  if (one.protocol !== protocol || one.protocol === "tcp" || one.edge.id !== edge.id || one.edge.stack !== edge.stack)
    return false;
  if (one.ended === null || one.error !== null) return false;
  if (one.protocol === "http" && ((one.status ?? 0) >= 400 || one.status === 101)) return false;
  return likeOf(one) === like;
}
