import type { Clock, Timer } from "./clock.ts";

/**
 * setTimeout counts whole ms of the event loop's own clock: it fires up to 1 ms early and often 1 ms late. So it is set to
 * shortly before the time; from then on immediates keep the event loop going, which serves sockets meanwhile.
 */
const NEAR_MS = 1.6;
/** The longest delay that setTimeout takes. */
const TIMEOUT_MOST = 2 ** 31 - 1;
const NOT_WAITING = -1;
/** What never comes due needs no place in the heap. */
const NEVER: Timer = { cancel: () => {} };

interface Entry extends Timer {
  readonly when: number;
  /** Of two entries with the same time the one that was added first runs first. */
  readonly order: number;
  readonly run: () => void;
  /** Its index in the heap, so that cancelling takes O(log n); NOT_WAITING: it ran or was cancelled. */
  index: number;
}

interface SchedulerState {
  /** A binary heap: the next entry is the first. */
  readonly heap: Entry[];
  /** How many entries were ever added. */
  added: number;
  /** Fires shortly before the first entry's time. */
  coarse: NodeJS.Timeout | undefined;
  /** The time that `coarse` or the immediates wait for. Infinity: nothing is under way. */
  awaited: number;
  /** An immediate is under way. */
  turning: boolean;
}

/** A clock, and how many calls wait in it. */
export interface Scheduler extends Clock {
  /** Calls that wait. Those that were cancelled are gone. */
  readonly waiting: () => number;
}

const now = () => performance.now();

/**
 * A clock on the process's monotonic time: one heap for all calls, one timer for the first of them. Its timer doesn't keep the
 * process alive: what waits for a condition is a socket, and that does.
 */
export function openScheduler(): Scheduler {
  const state: SchedulerState = {
    ...{ heap: [], added: 0, coarse: undefined, awaited: Number.POSITIVE_INFINITY, turning: false },
  };
  return { now, at: (when, run) => add(state, when, run), waiting: () => state.heap.length };
}

/** The process's clock. */
export const monotonic: Scheduler = openScheduler();

function add(state: SchedulerState, when: number, run: () => void): Timer {
  if (!(when < Number.POSITIVE_INFINITY)) return NEVER;
  const entry: Entry = {
    ...{ when, run, order: state.added++, index: NOT_WAITING },
    cancel: () => {
      if (entry.index === NOT_WAITING) return;
      remove(state.heap, entry);
      // Else the timer stays as it is: it comes too early and is then set again, which is cheaper than setting it each time.
      if (state.heap.length === 0) plan(state);
    },
  };
  insert(state.heap, entry);
  if (when < state.awaited) plan(state);
  return entry;
}

/** Makes sure that the first entry's time is noticed. */
function plan(state: SchedulerState): void {
  const [first] = state.heap;
  clearTimeout(state.coarse);
  state.coarse = undefined;
  state.awaited = first?.when ?? Number.POSITIVE_INFINITY;
  if (first === undefined || state.turning) return;
  const left = first.when - now();
  if (left > NEAR_MS) {
    state.coarse = setTimeout(plan, Math.min(left - NEAR_MS, TIMEOUT_MOST), state).unref();
    return;
  }
  state.turning = true;
  // It keeps the process alive for NEAR_MS at the most. Without that, the loop would sleep until some socket wakes it.
  setImmediate(turn, state);
}

function turn(state: SchedulerState): void {
  state.turning = false;
  const time = now();
  // What is added from within runs in the next turn: sockets get theirs in between.
  const { added, heap } = state;
  try {
    for (let [first] = heap; first !== undefined && first.when <= time && first.order < added; [first] = heap) {
      remove(heap, first);
      first.run();
    }
  } finally {
    // Also after a call that threw: the others would wait forever.
    plan(state);
  }
}

const before = (a: Entry, b: Entry) => a.when < b.when || (a.when === b.when && a.order < b.order);

function insert(heap: Entry[], entry: Entry): void {
  heap.push(entry);
  moveUp(heap, entry, heap.length - 1);
}

function remove(heap: Entry[], entry: Entry): void {
  const { index } = entry;
  entry.index = NOT_WAITING;
  const last = heap.pop();
  if (last === undefined || last === entry) return;
  const parent = heap[(index - 1) >> 1];
  if (parent !== undefined && before(last, parent)) moveUp(heap, last, index);
  else moveDown(heap, last, index);
}

/** Puts `entry` at `index`, or nearer to the front. */
function moveUp(heap: Entry[], entry: Entry, index: number): void {
  let at = index;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !before(entry, parent)) break;
    heap[at] = parent;
    parent.index = at;
    at = above;
  }
  heap[at] = entry;
  entry.index = at;
}

/** Puts `entry` at `index`, or nearer to the end. */
function moveDown(heap: Entry[], entry: Entry, index: number): void {
  let at = index;
  for (;;) {
    let below = at * 2 + 1;
    const right = heap[below + 1];
    let child = heap[below];
    if (child !== undefined && right !== undefined && before(right, child)) {
      child = right;
      below++;
    }
    if (child === undefined || !before(child, entry)) break;
    heap[at] = child;
    child.index = at;
    at = below;
  }
  heap[at] = entry;
  entry.index = at;
}
