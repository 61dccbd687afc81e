import type { Attributes, Histogram, MetricPoint, Sender } from "./records.ts";

/** The points of one metric with one set of attributes, of one service. */
export interface Series extends Sender {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly kind: MetricPoint["kind"];
  readonly monotonic: boolean;
  readonly attributes: Attributes;
  /** What is drawn, by time. */
  readonly points: readonly SeriesPoint[];
}

/** A gauge's value, a sum's growth per second (its value, where it isn't monotonic), a histogram's distribution since the point before. */
interface SeriesPoint {
  /** Epoch ms. */
  readonly at: number;
  /** Of histograms: measurements per second. */
  readonly value: number;
  /** Of histograms with buckets, interpolated within one; null of all others. */
  readonly p50: number | null;
  readonly p95: number | null;
}

/** Points kept of a series: an hour, at one in five seconds. */
const POINTS_MOST = 720;
/** Series kept; of more the ones that were longest without a point go. */
const SERIES_MOST = 2_000;

interface Growing extends Omit<Series, "points"> {
  readonly points: SeriesPoint[];
  last: MetricPoint | null;
}

export interface SeriesBook {
  readonly add: (sender: Sender, point: MetricPoint) => void;
  readonly of: (stack: string, service: string | null) => readonly Series[];
  readonly clear: () => void;
}

export function seriesBook(): SeriesBook {
  const all = new Map<string, Growing>();
  return {
    add: (sender, point) => {
      const key = keyOf(sender, point);
      const series = all.get(key) ?? newSeries(sender, point);
      // The map's order is that of the last points.
      all.delete(key);
      all.set(key, series);
      for (const oldest of all.keys()) {
        if (all.size <= SERIES_MOST) break;
        all.delete(oldest);
      }
      grow(series, point);
    },
    of: (stack, service) =>
      [...all.values()].filter((one) => one.stack === stack && (service === null || one.service === service)),
    clear: () => all.clear(),
  };
}

function keyOf({ stack, service }: Sender, { name, kind, attributes }: MetricPoint): string {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([stack, service, name, kind, sorted]);
}

function newSeries({ stack, service }: Sender, point: MetricPoint): Growing {
  const { name, unit, description, kind, monotonic, attributes } = point;
  return { ...{ stack, service, name, unit, description, kind, monotonic, attributes }, points: [], last: null };
}

function grow(series: Growing, point: MetricPoint): void {
  const { last } = series;
  // One told twice, or too late.
  if (last !== null && point.at <= last.at) return;
  series.last = point;
  const drawn = drawnPoint(point, last);
  if (drawn === null) return;
  series.points.push(drawn);
  if (series.points.length > POINTS_MOST) series.points.shift();
}

/** What a point adds to the drawing; null for the first of those that only say what changed since another. */
function drawnPoint(point: MetricPoint, last: MetricPoint | null): SeriesPoint | null {
  const { at, value, delta, monotonic } = point;
  if (typeof value === "number" && !monotonic) return { at, value, p50: null, p95: null };
  if (last === null) return null;
  const seconds = (at - last.at) / 1_000;
  if (typeof value === "number") {
    const before = typeof last.value === "number" && !delta ? last.value : 0;
    // Less than before: the service has started anew, and counts from 0.
    const growth = value < before ? value : value - before;
    return { at, value: growth / seconds, p50: null, p95: null };
  }
  const since = delta || typeof last.value === "number" ? value : difference(value, last.value);
  return { at, value: since.count / seconds, p50: quantile(since, 0.5), p95: quantile(since, 0.95) };
}

function difference(now: Histogram, before: Histogram): Histogram {
  const comparable = now.count >= before.count && now.counts.length === before.counts.length;
  if (!comparable) return now;
  const counts = now.counts.map((count, at) => Math.max(0, count - (before.counts[at] ?? 0)));
  return { count: now.count - before.count, sum: now.sum - before.sum, bounds: now.bounds, counts };
}

/** Interpolated within its bucket; the last bucket has no end, so its beginning is all that is known. */
function quantile({ bounds, counts }: Histogram, part: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0 || bounds.length === 0) return null;
  const wanted = part * total;
  let below = 0;
  for (const [at, count] of counts.entries()) {
    if (below + count >= wanted && count > 0) {
      const to = bounds[at];
      const from = at === 0 ? Math.min(0, to ?? 0) : (bounds[at - 1] ?? 0);
      return to === undefined ? from : from + ((wanted - below) / count) * (to - from);
    }
    below += count;
  }
  return null;
}
