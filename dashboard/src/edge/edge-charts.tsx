import { useMemo, useState } from "react";
import type { AlignedData } from "uplot";
import { useHome } from "../home/home.ts";
import { LENGTH, type Sample } from "../home/series.ts";
import { Chart, type Line } from "../parts/chart.tsx";
import { useCell } from "../state/cell.ts";
import { size } from "../text/size.ts";
import { fine } from "../text/time.ts";
import type { Ends } from "./words.ts";
import "./edge-charts.css";

const HEIGHT = 92;

interface EdgeChartsProps {
  readonly stack: string;
  readonly edge: Ends & { readonly id: string };
}

/** An edge's throughput and latency, live. */
export function EdgeCharts({ stack, edge }: EdgeChartsProps) {
  const { series, ticked } = useHome();
  const now = useCell(ticked);
  const [pointed, setPointed] = useState<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the series grows with each tick
  const samples = useMemo(() => series.of(stack, edge.id), [series, stack, edge.id, now]);
  const { bytes, answers } = useMemo(() => columns(samples), [samples]);
  const { to } = edge;
  const lines = useMemo(() => linesOf(to), [to]);
  const at = pointed === null ? samples.at(-1) : samples[pointed];
  const last = pointed === null ? latest(samples) : (at?.turns ?? null);
  const throughput = [rate(at?.down ?? 0), rate(at?.up ?? 0)];
  const latency = last === null ? ["–", "–"] : [fine(last.p50), fine(last.p95)];
  return (
    <div className="charts">
      <figure>
        <figcaption>
          <h3>Throughput</h3>
          <Legend lines={lines.bytes} values={throughput} />
        </figcaption>
        <Chart
          label={`Throughput of the last three minutes; now ${told(lines.bytes, throughput)}`}
          {...{ lines: lines.bytes, data: bytes, format: rate, least: 1_000, height: HEIGHT, onPoint: setPointed }}
          span={LENGTH}
          sync="edge"
          withTimes={false}
        />
      </figure>
      <figure>
        <figcaption>
          <h3 title="From the first byte of a request to the first byte of its response, conditions included">
            Latency
          </h3>
          <Legend lines={lines.answers} values={latency} />
        </figcaption>
        <Chart
          label={`Latency of the last three minutes; now ${told(lines.answers, latency)}`}
          {...{ lines: lines.answers, data: answers, format: fine, least: 1, onPoint: setPointed }}
          height={HEIGHT + 20}
          span={LENGTH}
          sync="edge"
          withTimes
        />
      </figure>
    </div>
  );
}

function Legend({ lines, values }: { readonly lines: readonly Line[]; readonly values: readonly string[] }) {
  return (
    <dl className="legend">
      {lines.map(({ name, color, dash }, n) => (
        <div key={name}>
          <dt>
            <svg viewBox="0 0 18 6" aria-hidden="true" focusable="false" data-color={color}>
              <path d="M1 3h16" strokeDasharray={dash?.join(" ")} />
            </svg>
            {name}
          </dt>
          <dd>{values[n]}</dd>
        </div>
      ))}
    </dl>
  );
}

function linesOf(to: string): { readonly bytes: readonly Line[]; readonly answers: readonly Line[] } {
  return {
    bytes: [
      { name: `from ${to}`, color: "--teal", filled: true },
      { name: `to ${to}`, color: "--sand", dash: [4, 3] },
    ],
    answers: [
      { name: "p50", color: "--teal", sparse: true },
      { name: "p95", color: "--slate", dash: [2, 3], sparse: true },
    ],
  };
}

/** As rows of times, and of values per line. */
function columns(samples: readonly Sample[]): { bytes: AlignedData; answers: AlignedData } {
  // A chart without any second yet still has its axes.
  const all = samples.length > 0 ? samples : [{ time: Date.now(), up: 0, down: 0, turns: null }];
  const times = all.map(({ time }) => time / 1_000);
  return {
    bytes: [times, all.map(({ down }) => down), all.map(({ up }) => up)],
    answers: [times, all.map(({ turns }) => turns?.p50 ?? null), all.map(({ turns }) => turns?.p95 ?? null)],
  };
}

/** The newest response times of the last seconds. */
function latest(samples: readonly Sample[]): Sample["turns"] {
  return samples.slice(-5).findLast(({ turns }) => turns !== null)?.turns ?? null;
}

const rate = (bytes: number) => `${size(bytes)}/s`;
const told = (lines: readonly Line[], values: readonly string[]) =>
  lines.map(({ name }, n) => `${values[n]} ${name}`).join(", ");
