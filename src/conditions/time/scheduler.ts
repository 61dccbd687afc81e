import type { Clock, Timer } from "./clock.ts";

/**
 * setTimeout counts in whole ms of the event loop's own clock: it comes up to 1 ms early and often 1 ms late. So it only
 * brings us near, and the rest is spent turning the event loop, which serves sockets meanwhile.
 */
const NEAR_MS = 1.6;

interface Entry extends Timer {
  readonly when: number;
  /** Of two at one time the one that was asked for first comes first. */
  readonly order: number;
  /** Null: cancelled. */
  run: (() => void) | null;
}

const heap: Entry[] = [];
let order = 0;
let coarse: NodeJS.Timeout | undefined;
/** When `coarse` or the turning is about; Infinity: nothing is under way. */
let awaited = Number.POSITIVE_INFINITY;
let turning = false;

const now = () => performance.now();

/** The process's monotonic clock: one heap for all calls that wait, one timer for the first of them. Idle it costs nothing. */
export const monotonic: Clock = { now, at };

function at(when: number, run: () => void): Timer {
  const entry: Entry = {
    when,
    order: order++,
    run,
    cancel: () => {
      entry.run = null;
    },
  };
  push(entry);
  if (when < awaited) wait();
  return entry;
}

/** Sees to it that the first entry's time is noticed. */
function wait(): void {
  let first = heap[0];
  while (first !== undefined && first.run === null) {
    pop();
    first = heap[0];
  }
  if (first === undefined) {
    awaited = Number.POSITIVE_INFINITY;
    clearTimeout(coarse);
    return;
  }
  awaited = first.when;
  if (turning) return;
  clearTimeout(coarse);
  const left = first.when - now();
  if (left > NEAR_MS) {
    coarse = setTimeout(wait, Math.min(left - NEAR_MS, 2 ** 31 - 1));
    return;
  }
  turning = true;
  setImmediate(turn);
}

function turn(): void {
  turning = false;
  const time = now();
  // Those that are asked for from within come in the next turn: sockets get theirs in between.
  const last = order;
  for (let first = heap[0]; first !== undefined && first.when <= time && first.order < last; first = heap[0]) {
    pop();
    const { run } = first;
    first.run = null;
    run?.();
  }
  wait();
}

const before = (a: Entry, b: Entry) => a.when < b.when || (a.when === b.when && a.order < b.order);

function push(entry: Entry): void {
  let at = heap.length;
  heap.push(entry);
  while (at > 0) {
    const up = (at - 1) >> 1;
    const parent = heap[up];
    if (parent === undefined || !before(entry, parent)) break;
    heap[at] = parent;
    at = up;
  }
  heap[at] = entry;
}

function pop(): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let down = at * 2 + 1;
    const right = heap[down + 1];
    let child = heap[down];
    if (child !== undefined && right !== undefined && before(right, child)) {
      child = right;
      down++;
    }
    if (child === undefined || !before(child, last)) break;
    heap[at] = child;
    at = down;
  }
  heap[at] = last;
}
