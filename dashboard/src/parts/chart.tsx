import { useEffect, useLayoutEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

/** One line of a chart. Lines differ by their strokes, not by colour alone. */
export interface Line {
  readonly name: string;
  /** A colour's name in tokens.css: `--teal`. */
  readonly color: string;
  readonly dash?: readonly number[];
  readonly filled?: boolean;
  /** Seconds with a value may stand alone. */
  readonly sparse?: boolean;
}

interface ChartProps {
  /** The current values, for screen readers. */
  readonly label: string;
  readonly lines: readonly Line[];
  /** Times in s, then one row of values per line. */
  readonly data: uPlot.AlignedData;
  readonly format: (value: number) => string;
  /** The least maximum of the axis. */
  readonly least: number;
  /** s. */
  readonly span: number;
  readonly withTimes: boolean;
  readonly height: number;
  /** Charts with the same word here have one cursor. */
  readonly sync: string;
  /** The place among `data` that is pointed at. */
  readonly onPoint: (at: number | null) => void;
}

/** Lines over the last minutes, the newest at the right. */
export function Chart({ label, lines, data, format, least, span, withTimes, height, sync, onPoint }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const told = useRef({ data, onPoint });
  told.current = { data, onPoint };

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const made = new uPlot(
      optionsOf({ lines, format, least, span, withTimes, height, sync, width: element.clientWidth }, element, (at) =>
        told.current.onPoint(at),
      ),
      told.current.data,
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    const redraw = () => made.redraw();
    const theme = new MutationObserver(redraw);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const system = matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", redraw);
    return () => {
      observer.disconnect();
      theme.disconnect();
      system.removeEventListener("change", redraw);
      made.destroy();
    };
  }, [lines, format, least, span, withTimes, height, sync]);
  useEffect(() => plot.current?.setData(data), [data]);

  return <div ref={box} className="chart" role="img" aria-label={label} />;
}

type Look = Omit<ChartProps, "label" | "data" | "onPoint"> & { readonly width: number };

function optionsOf(look: Look, element: HTMLElement, onPoint: (at: number | null) => void): uPlot.Options {
  const { lines, format, least, span, withTimes, height, sync, width } = look;
  // Asked for at each drawing, so that a change of theme shows.
  const color = (name: string) => () => resolved(element, name);
  const font = "11px system-ui, sans-serif";
  const axis = { font, stroke: color("--ink-soft"), ticks: { show: false } };
  return {
    width,
    height,
    legend: { show: false },
    padding: [8, 10, withTimes ? 0 : 6, 0],
    cursor: { sync: { key: sync }, drag: { x: false, y: false }, y: false, points: { size: 6 } },
    scales: {
      x: { time: false, range: (_, __, newest) => [newest - span, newest] },
      y: { range: (_, low, most) => [Math.min(0, low ?? 0), Math.max(least, (most ?? 0) * 1.12)] },
    },
    axes: [
      {
        ...axis,
        show: withTimes,
        size: 22,
        gap: 4,
        grid: { show: false },
        splits: (chart) => [120, 60].map((ago) => (chart.scales.x?.max ?? 0) - ago),
        values: (chart, splits) => splits.map((at) => `${Math.round(((chart.scales.x?.max ?? 0) - at) / 60)} min ago`),
      },
      {
        ...axis,
        size: 58,
        gap: 6,
        space: 26,
        grid: { stroke: color("--line"), width: 1 },
        values: (_, splits) => splits.map(format),
      },
    ],
    series: [
      {},
      ...lines.map(({ color: name, dash, filled, sparse }) => ({
        stroke: color(name),
        width: 1.8,
        ...(dash !== undefined && { dash: [...dash] }),
        ...(filled === true && { fill: color(`${name}-wash`) }),
        points: sparse === true ? { show: true, size: 4, fill: color(name), filter: alone } : { show: false },
      })),
    ],
    hooks: { setCursor: [({ cursor: { idx, left = -1 } }) => onPoint(left < 0 ? null : (idx ?? null))] },
  };
}

/** The places of values without a neighbour: a line would not show them. */
function alone({ data }: uPlot, row: number): number[] {
  const values = data[row] ?? [];
  const has = (at: number) => values[at] !== null && values[at] !== undefined;
  return [...values.keys()].filter((at) => has(at) && !has(at - 1) && !has(at + 1));
}

/** A colour of tokens.css as the canvas understands it: light or dark already chosen. */
function resolved(element: HTMLElement, name: string): string {
  element.style.setProperty("color", `var(${name})`);
  const { color } = getComputedStyle(element);
  element.style.removeProperty("color");
  return color;
}
