import type { AlignedData } from "uplot";
import type { Series } from "../../../src/telemetry/series.ts";
import type { Line } from "../parts/chart.tsx";
import { size } from "../text/size.ts";
import { fine } from "../text/time.ts";

/** A metric as it is drawn. */
export interface MetricChart {
  readonly name: string;
  readonly description: string;
  /** What the numbers are: `request per s`, `ms, p95`. */
  readonly what: string;
  readonly lines: readonly Line[];
  readonly data: AlignedData;
  readonly format: (value: number) => string;
  /** Series that aren't drawn. */
  readonly more: number;
}

/** Series of one metric that are drawn: those with the latest points. */
const LINES_MOST = 4;
const LOOKS: readonly Pick<Line, "color" | "dash">[] = [
  { color: "--teal" },
  { color: "--sand", dash: [6, 3] },
  { color: "--slate", dash: [2, 3] },
  { color: "--coral", dash: [8, 2, 2, 2] },
];

/** A service's series as charts, one for each metric, in order of their names. */
export function metricCharts(series: readonly Series[]): MetricChart[] {
  const byName = Map.groupBy(
    series.filter(({ points }) => points.length > 0),
    ({ name }) => name,
  );
  return [...byName.values()].map(chartOf).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function chartOf(all: readonly Series[]): MetricChart {
  const newest = [...all].sort((a, b) => (b.points.at(-1)?.at ?? 0) - (a.points.at(-1)?.at ?? 0));
  const [first] = newest;
  const isDistribution = first?.kind === "histogram" && first.points.some(({ p95 }) => p95 !== null);
  const drawn = newest.slice(0, isDistribution && newest.length === 1 ? 1 : LINES_MOST);
  const rows = isDistribution && drawn.length === 1 ? quantiles(drawn[0]) : drawn.map((one) => rowOf(one, drawn));
  const times = [...new Set(rows.flatMap(({ values }) => [...values.keys()]))].sort((a, b) => a - b);
  const unit = first?.unit ?? "";
  const isRate = first?.kind !== "gauge" && first?.monotonic === true && !isDistribution;
  return {
    name: first?.name ?? "",
    description: first?.description ?? "",
    what: isDistribution
      ? `${wordOf(unit)}${drawn.length > 1 ? ", p95" : ""}`
      : isRate
        ? `${wordOf(unit)} per s`.trim()
        : wordOf(unit),
    lines: rows.map(({ name }, at) => ({ name, sparse: true, ...(LOOKS[at] ?? { color: "--teal" }) })),
    data: [times.map((at) => at / 1_000), ...rows.map(({ values }) => times.map((at) => values.get(at) ?? null))],
    format: formatOf(unit),
    more: newest.length - drawn.length,
  };
}

interface Row {
  readonly name: string;
  readonly values: ReadonlyMap<number, number | null>;
}

function quantiles(series: Series | undefined): Row[] {
  const points = series?.points ?? [];
  return [
    { name: "p50", values: new Map(points.map(({ at, p50 }) => [at, p50])) },
    { name: "p95", values: new Map(points.map(({ at, p95 }) => [at, p95])) },
  ];
}

function rowOf(series: Series, beside: readonly Series[]): Row {
  const values = new Map(series.points.map(({ at, value, p95 }) => [at, series.kind === "histogram" ? p95 : value]));
  return { name: nameOf(series, beside), values };
}

/** By the attributes that differ from those of the series beside it. */
function nameOf({ name, attributes }: Series, beside: readonly Series[]): string {
  const own = Object.entries(attributes).filter(([key, value]) =>
    beside.some((other) => other.attributes[key] !== value),
  );
  return own.map(([, value]) => String(value)).join(" ") || name;
}

/** UCUM's `{request}` is what is counted; `1` is none. */
function wordOf(unit: string): string {
  if (unit === "By") return "bytes";
  return unit === "1" ? "" : unit.replace(/^\{(.*)\}$/, "$1");
}

function formatOf(unit: string): (value: number) => string {
  if (unit === "By") return size;
  if (unit === "ms") return fine;
  if (unit === "s") return (value) => fine(value * 1_000);
  return (value) => value.toLocaleString("en", { maximumSignificantDigits: 3 });
}
