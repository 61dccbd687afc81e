import { useId, useMemo, useState } from "react";
import { api } from "../home/api.ts";
import { useLook } from "../home/use-look.ts";
import { Chart } from "../parts/chart.tsx";
import { SearchCount, SearchField } from "../parts/search-field.tsx";
import { type MetricChart, metricCharts } from "./metric-chart.ts";
import "./metrics.css";

interface MetricsProps {
  /** Its name. */
  readonly stack: string;
  readonly service: string;
}

/** Exporters send every minute by default; a page that is watched is asked more often, ms. */
const PAUSE = 5_000;
/** More than this asks for a filter, and is drawn on demand. */
const MANY = 6;
const HEIGHT = 72;
/** The shortest and the longest time that is drawn, s. */
const SHORTEST = 120;
const LONGEST = 3_600;

/** What a service measures itself and sends by OTLP. Nothing where it sends nothing. */
export function Metrics({ stack, service }: MetricsProps) {
  const { view } = useLook(() => api.metrics(stack, service), PAUSE);
  const [query, setQuery] = useState("");
  const [all, setAll] = useState(false);
  const heading = useId();
  const charts = useMemo(() => metricCharts(view ?? []), [view]);
  if (charts.length === 0) return null;
  const found = charts.filter(({ name }) => name.toLowerCase().includes(query.toLowerCase()));
  const shown = all ? found : found.slice(0, MANY);
  return (
    <section className="metrics" aria-labelledby={heading}>
      <header>
        <h2 id={heading}>Metrics</h2>
        {charts.length > MANY && (
          <SearchField
            label="Filter the metrics"
            placeholder={`Filter ${charts.length}`}
            value={query}
            onValue={setQuery}
            hotkey={false}
            found={<SearchCount>{found.length}</SearchCount>}
          />
        )}
      </header>
      {shown.map((chart) => (
        <Metric key={chart.name} chart={chart} />
      ))}
      {shown.length < found.length && (
        <button type="button" className="button" onClick={() => setAll(true)}>
          Show {found.length - shown.length} more
        </button>
      )}
    </section>
  );
}

function Metric({ chart: { name, description, what, lines, data, format, more } }: { readonly chart: MetricChart }) {
  const [pointed, setPointed] = useState<number | null>(null);
  const [times] = data;
  const span = Math.min(LONGEST, Math.max(SHORTEST, (times.at(-1) ?? 0) - (times[0] ?? 0)));
  const at = pointed ?? times.length - 1;
  const values = lines.map((_, row) => {
    const value = data[row + 1]?.[at];
    return value === null || value === undefined ? "–" : format(value);
  });
  // A new array is a new chart.
  const names = lines.map((line) => line.name).join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: lines differ where their names do
  const kept = useMemo(() => lines, [names]);
  return (
    <figure>
      <figcaption>
        <h3 title={description}>{name}</h3>
        <span className="soft">{what}</span>
      </figcaption>
      <Chart
        label={`${name} over ${Math.ceil(span / 60)} min; now ${lines.map((line, n) => `${line.name} ${values[n]}`).join(", ")}`}
        {...{ lines: kept, data, format, least: 1e-9, height: HEIGHT, span, onPoint: setPointed }}
        sync="metrics"
        withTimes={false}
      />
      <ul>
        {lines.map((line, n) => (
          <li key={line.name}>
            <svg viewBox="0 0 18 6" aria-hidden="true" style={{ stroke: `var(${line.color})` }}>
              <path d="M0 3h18" strokeDasharray={line.dash?.join(" ")} />
            </svg>
            <span>{line.name}</span> <b>{values[n]}</b>
          </li>
        ))}
        {more > 0 && <li className="soft">and {more} more</li>}
      </ul>
    </figure>
  );
}
