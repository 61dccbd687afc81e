import type { Histogram, MetricPoint } from "../records.ts";
import { attributesOf, plain } from "./attributes.ts";
import { list, number, object, type Raw, text, time } from "./raw.ts";

/** AggregationTemporality. */
const DELTA = 1;
/** Buckets of a histogram that are kept. */
const BUCKETS_MOST = 200;

/** A metric's points, and how many of them can't be kept: exponential histograms and summaries aren't. */
export function pointsOf(raw: Raw): { readonly points: readonly MetricPoint[]; readonly rejected: number } {
  const all = [
    ...dataOf(raw.gauge).map((data) => pointOf(raw, "gauge", object(raw.gauge), data)),
    ...dataOf(raw.sum).map((data) => pointOf(raw, "sum", object(raw.sum), data)),
    ...dataOf(raw.histogram).map((data) => pointOf(raw, "histogram", object(raw.histogram), data)),
  ];
  const points = all.filter((one) => one !== null);
  const unread = dataOf(raw.exponentialHistogram).length + dataOf(raw.summary).length;
  return { points, rejected: all.length - points.length + unread };
}

const dataOf = (kind: unknown) => list(object(kind).dataPoints).map(object);

function pointOf(metric: Raw, kind: MetricPoint["kind"], how: Raw, data: Raw): MetricPoint | null {
  const at = time(data.timeUnixNano);
  const value = kind === "histogram" ? histogramOf(data) : (number(data.asDouble) ?? number(data.asInt));
  const name = text(metric.name).slice(0, 256);
  if (at === null || value === null || name === "") return null;
  return {
    ...{ name, unit: text(metric.unit).slice(0, 64), description: plain(metric.description), kind },
    monotonic: kind === "histogram" || how.isMonotonic === true,
    delta: number(how.aggregationTemporality) === DELTA,
    attributes: attributesOf(data.attributes),
    ...{ at, value },
  };
}

function histogramOf(data: Raw): Histogram | null {
  const counts = list(data.bucketCounts).map(number);
  const bounds = list(data.explicitBounds).map(number);
  const count = number(data.count);
  const sound = counts.every((one) => one !== null) && bounds.every((one) => one !== null);
  // Both may be left out: then there is no more than count and sum.
  const whole = counts.length === 0 ? bounds.length === 0 : counts.length === bounds.length + 1;
  if (count === null || !sound || !whole || counts.length > BUCKETS_MOST) return null;
  return { count, sum: number(data.sum) ?? 0, bounds, counts };
}
