import { queue } from "../async/queue.ts";
import { type Condition, isAboutHttp, kindOf } from "./conditions.ts";
import type { Admission, End, Output, Stage, Way } from "./kinds/condition.ts";
import type { Clock } from "./time/clock.ts";
import { randomFor } from "./time/random.ts";

/**
 * What one direction of one connection may hold, bytes: the source is not read from while that much is held, so that the
 * bound is this and one read (256 KiB). Each chunk counts CHUNK more for the objects around it.
 */
export const HELD_MOST = 16 * 1024 * 1024;
const HELD_LEAST = 64 * 1024;
const CHUNK = 256;
/** Of what a line carries, this much may wait before it, ms: a sender behind a slow line notices it soon. */
const QUEUE_MS = 250;

export interface ChainOptions {
  readonly way: Way;
  readonly clock: Clock;
  readonly seed: number;
  /** Number of the connection: what is drawn depends on it. */
  readonly connection: number;
  readonly sink: Output;
  readonly reset: () => void;
  /** Something was handed on: the source may read again if there is room. */
  readonly eased: () => void;
}

/** The conditions of one direction of one connection, in the order of the list. */
export interface Chain extends Output {
  /** Other conditions: equal ones go on, those of the same kind take the new parameters, the others are flushed. */
  readonly set: (conditions: readonly Condition[], fresh?: boolean) => void;
  /** No stage and nothing held: bytes can go straight to the sink. */
  readonly idle: () => boolean;
  /** No room for more. */
  readonly full: () => boolean;
  readonly stop: () => void;
}

interface Slot {
  readonly key: string;
  condition: Condition;
  readonly stage: Stage<Condition>;
  /** Where its stage hands on. */
  next: Output;
}

export function openChain(options: ChainOptions): Chain {
  const { way, clock, seed, connection, sink, eased } = options;
  let slots: Slot[] = [];
  let first: Output;
  /** All bytes that came, and that left: what is between is held. */
  let came = 0;
  let left = 0;
  /** Where in `came` each chunk ends that has not left. */
  const chunks = queue<number>();
  let most = HELD_MOST;
  let roundTrip = 0;

  function gone(bytes: number): void {
    left += bytes;
    for (let end = chunks.first(); end !== undefined && end <= left; end = chunks.first()) chunks.take();
    eased();
  }

  const last: Output = {
    push: (bytes, at) => {
      sink.push(bytes, at);
      gone(bytes.length);
    },
    end: sink.end,
  };
  first = last;

  function open(key: string, condition: Condition, fresh: boolean): Slot | null {
    const { stage: build } = kindOf(condition);
    if (build === undefined) return null;
    const next: Output = {
      push: (bytes, at) => slot.next.push(bytes, at),
      end: (how: End, at) => slot.next.end(how, at),
    };
    const random = randomFor(seed, connection, key, way);
    const link = { clock, random, fresh, roundTrip: () => roundTrip, reset: options.reset, dropped: gone };
    const slot: Slot = { key, condition, stage: build(condition, next, link), next: last };
    return slot;
  }

  function set(conditions: readonly Condition[], fresh = false): void {
    const wanted = selectedFor(conditions, seed, connection).filter(({ condition: { direction } }) =>
      direction === "both" ? true : direction === way,
    );
    roundTrip = trip(conditions);
    most = bound(wanted.map(({ condition }) => condition));
    const before = slots;
    let from = 0;
    // What stays keeps its order: a stage that would have to move past another is flushed and made anew.
    const kept = new Set<Slot>();
    const plan = wanted.map(({ key, condition }) => {
      const at = before.findIndex((slot, n) => n >= from && slot.key === key && canBecome(slot, condition));
      const slot = at < 0 ? undefined : before[at];
      if (slot === undefined) return { key, condition, slot: null };
      from = at + 1;
      kept.add(slot);
      return { key, condition, slot };
    });
    const staying = before.filter((slot) => kept.has(slot));
    for (const [n, slot] of staying.entries()) slot.next = staying[n + 1]?.stage ?? last;
    // From the last one on, so that what is further along leaves first. It has passed the stages that are new behind it.
    for (let n = before.length - 1; n >= 0; n--) {
      const slot = before[n];
      if (slot === undefined || kept.has(slot)) continue;
      slot.next = before.slice(n + 1).find((later) => kept.has(later))?.stage ?? last;
      slot.stage.flush();
    }
    const made: Slot[] = [];
    for (const { key, condition, slot } of plan) {
      const stands = slot ?? open(key, condition, fresh);
      if (stands !== null) made.push(stands);
    }
    slots = made;
    for (const [n, slot] of slots.entries()) slot.next = slots[n + 1]?.stage ?? last;
    first = slots[0]?.stage ?? last;
    for (const { condition, slot } of plan) {
      if (slot === null || same(slot.condition, condition)) continue;
      slot.condition = condition;
      slot.stage.change?.(condition);
    }
  }

  return {
    push: (bytes, at) => {
      came += bytes.length;
      chunks.put(came);
      first.push(bytes, at);
    },
    end: (how, at) => first.end(how, at),
    set,
    idle: () => slots.length === 0,
    full: () => came - left + chunks.size() * CHUNK >= most,
    stop: () => {
      for (const { stage } of slots) stage.stop();
      slots = [];
      first = { push: () => {}, end: () => {} };
    },
  };
}

const same = (a: Condition, b: Condition) => JSON.stringify(a) === JSON.stringify(b);

function canBecome(slot: Slot, condition: Condition): boolean {
  return same(slot.condition, condition) || slot.stage.change !== undefined;
}

/** What the conditions do with a new connection; the longest delay counts. */
export function admission(conditions: readonly Condition[], seed: number, connection: number): Required<Admission> {
  let refuse = false;
  let delay = 0;
  for (const { condition } of selectedFor(conditions, seed, connection)) {
    const admission = kindOf(condition).admit?.(condition);
    refuse ||= admission?.refuse === true;
    delay = Math.max(delay, admission?.delay ?? 0);
  }
  return { refuse, delay };
}

/** A condition that is for this connection. */
export interface SelectedCondition {
  /** Stays when others come and go. */
  readonly key: string;
  readonly condition: Condition;
}

/** The conditions that this connection is among those drawn for. Those about HTTP are drawn for each request. */
export function selectedFor(conditions: readonly Condition[], seed: number, connection: number): SelectedCondition[] {
  const seen = new Map<string, number>();
  const all: SelectedCondition[] = [];
  for (const condition of conditions) {
    const about = `${condition.kind} ${condition.name ?? ""} ${condition.direction}`;
    const nth = seen.get(about) ?? 0;
    seen.set(about, nth + 1);
    const key = `${about} ${nth}`;
    const drawn = condition.probability < 1 && !isAboutHttp(condition);
    if (drawn && randomFor(seed, connection, key)() >= condition.probability) continue;
    all.push({ key, condition });
  }
  return all;
}

/** What the latencies of both directions add up to, ms. */
function trip(conditions: readonly Condition[]): number {
  let sum = 0;
  for (const condition of conditions) {
    if (condition.kind === "latency") sum += condition.ms * (condition.direction === "both" ? 2 : 1);
  }
  return sum;
}

/** What a direction under these conditions must be able to hold to be as fast as they let it, within HELD_MOST. */
function bound(conditions: readonly Condition[]): number {
  let rate = Number.POSITIVE_INFINITY;
  let delay = QUEUE_MS;
  let largest = HELD_MOST;
  for (const condition of conditions) {
    const load = kindOf(condition).load?.(condition);
    rate = Math.min(rate, load?.rate ?? rate);
    delay += load?.delay ?? 0;
    if (load?.piece !== undefined) largest = Math.min(largest, (HELD_MOST * load.piece) / (load.piece + CHUNK));
  }
  return Math.min(largest, HELD_LEAST + (rate * delay) / 1000);
}
