import type { Point, Size } from "./layout.ts";

export type Direction = "left" | "right" | "up" | "down";

export interface Box extends Point, Size {
  readonly id: string;
}

/** Which box an arrow key leads to: the nearest one that way, with a liking for those straight ahead. */
export function neighbour(boxes: readonly Box[], from: string, direction: Direction): string | null {
  const start = boxes.find(({ id }) => id === from);
  if (start === undefined) return boxes[0]?.id ?? null;
  const horizontal = direction === "left" || direction === "right";
  const sign = direction === "right" || direction === "down" ? 1 : -1;
  const here = centre(start);
  let best: { id: string; distance: number } | null = null;
  for (const box of boxes) {
    const there = centre(box);
    const ahead = sign * (horizontal ? there.x - here.x : there.y - here.y);
    const aside = Math.abs(horizontal ? there.y - here.y : there.x - here.x);
    if (ahead < 8 || box.id === from) continue;
    const distance = ahead + aside * 2;
    if (best === null || distance < best.distance) best = { id: box.id, distance };
  }
  return best?.id ?? null;
}

function centre({ x, y, width, height }: Box): Point {
  return { x: x + width / 2, y: y + height / 2 };
}
