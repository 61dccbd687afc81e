import { type KeyboardEvent, memo, type PointerEvent, useId, useMemo, useRef } from "react";
import type { PortsView } from "../../../src/home/view/view.ts";
import { type Cell, useCell } from "../state/cell.ts";
import { type Band, type Chart, chart, type Rect } from "./chart.ts";
import { ChartMark } from "./chart-mark.tsx";
import { labels } from "./labels.ts";
import { type Mark, nearest } from "./marks.ts";
import { useWidth } from "./use-width.ts";
import "./port-chart.css";

interface PortChartProps {
  readonly view: PortsView;
  readonly marks: readonly Mark[];
  /** The port that is looked at. */
  readonly looked: Cell<number | null>;
  /** Enter on a mark. */
  readonly onOpen: (port: number) => void;
}

/** Narrower than this the number line runs down, px. */
const ROOM_ACROSS = 760;
const HEIGHT = 286;
const TALL = 660;
/** Above the bands, for their names, px. */
const TOP = 42;
/** For IANA's ranges: under the picture, or beside it. */
const RULER = 34;
/** A pointer this near to a mark means it, px. */
const REACH = 12;

/** IANA's three ranges (RFC 6335 §6). */
const IANA = [
  { name: "well-known", first: 0, last: 1_023 },
  { name: "registered", first: 1_024, last: 49_151 },
  { name: "dynamic", first: 49_152, last: 65_535 },
] as const;

/** All 65,536 ports: how they are divided, and what is there. */
export function PortChart({ view, marks, looked, onOpen }: PortChartProps) {
  const port = useCell(looked);
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const id = useId();
  const across = width >= ROOM_ACROSS;
  const drawn = useMemo(
    () => (across ? chart(width, HEIGHT, "across", 12) : chart(Math.max(1, width - RULER), TALL, "down", TOP)),
    [width, across],
  );
  const picked = marks.find((mark) => mark.port === port);

  const onPointer = (event: PointerEvent<SVGSVGElement>) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const point = { x: event.clientX - left, y: event.clientY - top - TOP };
    looked.set(nearest(marks, drawn.place, point, REACH)?.port ?? drawn.at(point));
  };
  const onKey = (event: KeyboardEvent) => {
    const next = stepped(event.key, marks, port);
    if (next !== null) {
      event.preventDefault();
      event.stopPropagation();
      looked.set(next);
    } else if (event.key === "Enter" && picked !== undefined) onOpen(picked.port);
  };

  return (
    <div
      className="port-chart"
      ref={box}
      role="listbox"
      aria-label="The ports of this machine. Arrow keys move between ports in use."
      aria-activedescendant={picked === undefined ? undefined : `${id}${picked.port}`}
      tabIndex={0}
      onKeyDown={onKey}
      onFocus={() => port === null && looked.set(marks[0]?.port ?? null)}
    >
      {width > 0 && (
        <svg
          className="chart-picture"
          width={width}
          height={drawn.height + TOP + (across ? RULER : 0)}
          role="presentation"
          onPointerMove={onPointer}
          onPointerDown={onPointer}
          onPointerLeave={(event) => event.pointerType === "mouse" && looked.set(null)}
        >
          <g transform={`translate(0 ${TOP})`}>
            <Ground drawn={drawn} view={view} id={id} />
            <Buoys drawn={drawn} marks={marks} id={id} />
          </g>
        </svg>
      )}
      {width > 0 && port !== null && <Cross drawn={drawn} port={port} marked={picked !== undefined} />}
    </div>
  );
}

/** What is in use; re-rendered only when that changes. */
const Buoys = memo(function Buoys({ drawn, marks, id }: Pick<PortChartProps, "marks"> & { drawn: Chart; id: string }) {
  return (
    <>
      {marks.map((mark) => (
        <ChartMark key={mark.port} id={`${id}${mark.port}`} mark={mark} {...drawn.place(mark.port)} />
      ))}
      {labels(marks, drawn).map(({ text, kind, anchor, x, y }) => (
        <text key={text} className="chart-label" data-kind={kind} x={x} y={y} textAnchor={anchor} dy="0.34em">
          {text}
        </text>
      ))}
    </>
  );
});

/** The next port for a key: from mark to mark by number. Null for other keys. */
function stepped(key: string, marks: readonly Mark[], port: number | null): number | null {
  const [first, last] = [marks[0]?.port ?? null, marks.at(-1)?.port ?? null];
  if (key === "Home") return first;
  if (key === "End") return last;
  if (key === "ArrowRight" || key === "ArrowDown") {
    return marks.find((mark) => port === null || mark.port > port)?.port ?? last;
  }
  if (key === "ArrowLeft" || key === "ArrowUp") {
    return marks.findLast((mark) => port === null || mark.port < port)?.port ?? first;
  }
  return null;
}

/** What doesn't change from look to look: bands, ranges and their names. */
const Ground = memo(function Ground({ drawn, view, id }: { drawn: Chart; view: PortsView; id: string }) {
  const { bands, areas } = drawn;
  const { ephemeral, leaseRange } = view;
  return (
    <>
      <defs>
        {bands.map((band) => (
          <Cells key={band.first} band={band} id={`${id}cells${band.first}`} />
        ))}
        <pattern id={`${id}hatch`} width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path className="chart-hatch" d="M0 0V9" />
        </pattern>
      </defs>
      {bands.map((band) => (
        <Area key={band.first} className="chart-band" {...band} />
      ))}
      {areas(...leaseRange).map((area) => (
        <Area key={area.x + area.y} className="chart-leases" {...area} />
      ))}
      {bands.map((band) => (
        <Area key={band.first} {...band} fill={`url(#${id}cells${band.first})`} />
      ))}
      {ephemeral !== null &&
        areas(...ephemeral).map((area) => <Area key={area.x + area.y} {...area} fill={`url(#${id}hatch)`} />)}
      {bands.map((band) => (
        <text key={band.first} className="chart-name" x={band.x + 2} y={band.y - 24}>
          {nameOf(band, view)}
          <tspan x={band.x + 2} dy="16">
            {band.first}–{band.last}
          </tspan>
        </text>
      ))}
      {IANA.map(({ name, first, last }) => (
        <Ruler key={name} drawn={drawn} name={name} first={first} last={last} />
      ))}
    </>
  );
});

interface AreaProps extends Rect {
  readonly className?: string;
  readonly fill?: string;
}

function Area({ x, y, width, height, className, fill }: AreaProps) {
  return <rect {...{ x, y, width, height, className, fill }} rx="7" />;
}

/** A dot for each port; where ports are too small to be seen, for each few. */
function Cells({ band: { x, y, cell }, id }: { readonly band: Band; readonly id: string }) {
  const each = Math.max(1, Math.ceil(4.4 / Math.min(cell.width, cell.height)));
  const [width, height] = [cell.width * each, cell.height * each];
  return (
    <pattern id={id} x={x} y={y} width={width} height={height} patternUnits="userSpaceOnUse">
      <circle className="chart-cell" cx={width / 2} cy={height / 2} r={Math.min(width, height) * 0.13} />
    </pattern>
  );
}

function nameOf({ first, last }: Band, { ephemeral, leaseRange }: PortsView): string {
  const covers = (range: readonly [number, number] | null) =>
    range !== null && Math.min(range[1], last) - Math.max(range[0], first) > (last - first) / 2;
  if (covers(leaseRange)) return "Cove's leases";
  if (covers(ephemeral)) return "outgoing connections";
  if (last < 1_024) return "standard";
  return last < 10_000 ? "where dev servers are" : "registered";
}

interface RulerProps {
  readonly drawn: Chart;
  readonly name: string;
  readonly first: number;
  readonly last: number;
}

/** One of IANA's ranges, as a line along the picture. */
function Ruler({ drawn, name, first, last }: RulerProps) {
  const areas = drawn.areas(first, last);
  const [from, to] = [areas[0], areas.at(-1)];
  if (from === undefined || to === undefined) return null;
  if (drawn.direction === "across") {
    const [start, end] = [from.x + 1, to.x + to.width - 1];
    const y = drawn.height + 9;
    return (
      <g className="chart-ruler">
        <path d={`M${start} ${y - 3}v6M${start} ${y}H${end}M${end} ${y - 3}v6`} />
        <text x={(start + end) / 2} y={y + 19} textAnchor="middle">
          {end - start > 150 ? `${name} ${first}–${last}` : name}
        </text>
      </g>
    );
  }
  const [start, end] = [from.y + 1, to.y + to.height - 1];
  const x = drawn.width + 10;
  const middle = (start + end) / 2;
  return (
    <g className="chart-ruler">
      <path d={`M${x - 3} ${start}h6M${x} ${start}V${end}M${x - 3} ${end}h6`} />
      <text x={x + 15} y={middle} textAnchor="middle" transform={`rotate(90 ${x + 15} ${middle})`}>
        {name}
      </text>
    </g>
  );
}

/** A ring over the picture; not in it, or the whole picture would be repainted at each move of the pointer. */
function Cross({ drawn, port, marked }: { readonly drawn: Chart; readonly port: number; readonly marked: boolean }) {
  const { x, y } = drawn.place(port);
  const transform = `translate(${x}px, ${y + TOP}px) translate(-50%, -50%)`;
  return <span className="chart-cross" data-marked={marked || undefined} style={{ transform }} />;
}
