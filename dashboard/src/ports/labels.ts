import type { Chart, Point, Rect } from "./chart.ts";
import { MARK_KINDS, type Mark } from "./marks.ts";

export interface Label extends Point {
  readonly text: string;
  readonly kind: Mark["kind"];
  readonly anchor: "start" | "end";
}

/** Of a digit in the labels' font, px. */
const DIGIT = 7.2;
const HEIGHT = 15;
const AWAY = 10;
/** More than these would be a list, which stands below the picture. */
const MOST = 14;

/** Numbers beside the marks that one should look at: the door, and what others reach; none over another. */
export function labels(all: readonly Mark[], { place, bands }: Chart): Label[] {
  const wanted = all
    .filter(({ kind }) => kind === "everywhere" || kind === "lan" || kind === "door")
    .toSorted((a, b) => MARK_KINDS.indexOf(a.kind) - MARK_KINDS.indexOf(b.kind));
  const taken: Rect[] = wanted.map(({ port }) => {
    const { x, y } = place(port);
    return { x: x - 6, y: y - 6, width: 12, height: 12 };
  });
  const found: Label[] = [];
  for (const { port, kind } of wanted.slice(0, MOST)) {
    const { x, y } = place(port);
    const text = kind === "door" ? `${port} door` : String(port);
    const length = text.length * DIGIT;
    // Over a band's edge a number is hard to read, and seems to be of the next one.
    const band = bands.find(({ last }) => port <= last);
    if (band === undefined) continue;
    for (const anchor of ["start", "end"] as const) {
      const left = anchor === "start" ? x + AWAY : x - AWAY - length;
      const box = { x: left, y: y - HEIGHT / 2, width: length, height: HEIGHT };
      if (left < band.x || left + length > band.x + band.width || taken.some((other) => overlap(other, box))) continue;
      taken.push(box);
      found.push({ text, kind, anchor, x: anchor === "start" ? x + AWAY : x - AWAY, y });
      break;
    }
  }
  return found;
}

function overlap(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
