/**
 * Where each of the 65,536 ports lies in the picture. The number line is cut into bands, each with as much room as it is
 * worth to a developer, and folded within its band so that every port has a cell of its own.
 */

interface BandSpan {
  readonly first: number;
  readonly last: number;
  /** Its share of the line's length. */
  readonly share: number;
}

/** Between IANA's ranges (RFC 6335 §6), where dev servers are, and what Linux gives to outgoing connections by default. */
const SPANS: readonly BandSpan[] = [
  { first: 0, last: 1023, share: 0.12 },
  { first: 1024, last: 9_999, share: 0.27 },
  { first: 10_000, last: 32_767, share: 0.15 },
  { first: 32_768, last: 60_999, share: 0.19 },
  { first: 61_000, last: 65_535, share: 0.27 },
];

/** `across`: the line runs from left to right. `down`: from top to bottom, for narrow screens. */
type Direction = "across" | "down";

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Band extends Rect, Omit<BandSpan, "share"> {
  /** Of one port, px. */
  readonly cell: { readonly width: number; readonly height: number };
  /** Ports beside each other across the line, before the next step along it. */
  readonly depth: number;
}

export interface Chart {
  readonly direction: Direction;
  readonly width: number;
  readonly height: number;
  readonly bands: readonly Band[];
  /** The middle of a port's cell. */
  readonly place: (port: number) => Point;
  /** The port at a point; null between bands. */
  readonly at: (point: Point) => number | null;
  /** Where ports from `first` to `last` lie: a rectangle in each band, with whole steps along the line. */
  readonly areas: (first: number, last: number) => Rect[];
}

export function chart(width: number, height: number, direction: Direction, gap: number): Chart {
  const along = (direction === "across" ? width : height) - gap * (SPANS.length - 1);
  const across = direction === "across" ? height : width;
  let start = 0;
  const bands = SPANS.map(({ first, last, share }): Band => {
    const length = along * share;
    const ports = last - first + 1;
    const depth = Math.max(1, Math.round(across / Math.sqrt((length * across) / ports)));
    const step = length / Math.ceil(ports / depth);
    const from = start;
    start += length + gap;
    return direction === "across"
      ? { first, last, x: from, y: 0, width: length, height, depth, cell: { width: step, height: height / depth } }
      : { first, last, x: 0, y: from, width, height: length, depth, cell: { width: width / depth, height: step } };
  });
  const bandOf = (port: number) => bands.find(({ last }) => port <= last) ?? (bands.at(-1) as Band);

  return {
    ...{ direction, width, height, bands },
    place: (port) => {
      const { first, x, y, depth, cell } = bandOf(port);
      const step = Math.floor((port - first) / depth) + 0.5;
      const side = ((port - first) % depth) + 0.5;
      return direction === "across"
        ? { x: x + step * cell.width, y: y + side * cell.height }
        : { x: x + side * cell.width, y: y + step * cell.height };
    },
    at: ({ x, y }) => {
      const band = bands.find((one) => x >= one.x && x < one.x + one.width && y >= one.y && y < one.y + one.height);
      if (band === undefined) return null;
      const column = Math.floor((x - band.x) / band.cell.width);
      const row = Math.floor((y - band.y) / band.cell.height);
      const [step, side] = direction === "across" ? [column, row] : [row, column];
      const port = band.first + step * band.depth + side;
      return port > band.last ? null : port;
    },
    areas: (first, last) =>
      bands.flatMap((band) => {
        const [from, to] = [Math.max(first, band.first), Math.min(last, band.last)];
        if (from > to) return [];
        const start = Math.floor((from - band.first) / band.depth);
        const end = Math.floor((to - band.first) / band.depth) + 1;
        const { x, y, width: w, height: h, cell } = band;
        return direction === "across"
          ? [{ x: x + start * cell.width, y, width: (end - start) * cell.width, height: h }]
          : [{ x, y: y + start * cell.height, width: w, height: (end - start) * cell.height }];
      }),
  };
}
