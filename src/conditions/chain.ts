import { type Queue, queue } from "../async/queue.ts";
import { type Condition, isAboutHttp, kindOf } from "./conditions.ts";
import type { Admission, Output, Stage, Way } from "./kinds/condition.ts";
import type { Clock } from "./time/clock.ts";
import { randomFor } from "./time/random.ts";

/**
 * The most that one direction of one connection holds, bytes. While it holds that much, nothing is read from the source: the real
 * bound is this plus one read (256 KiB). Each chunk counts CHUNK bytes more, for the objects around it.
 */
export const HELD_MOST = 16 * 1024 * 1024;
const HELD_LEAST = 64 * 1024;
const CHUNK = 256;
/** How much may wait ahead of a slow line, as the time that the line takes for it, ms: its sender is stopped soon. */
const QUEUE_MS = 250;

export interface ChainOptions {
  readonly way: Way;
  readonly clock: Clock;
  readonly seed: number;
  /** The connection's number: random draws depend on it. */
  readonly connection: number;
  readonly sink: Output;
  readonly reset: () => void;
  /** Something was handed on: the source may read again if there is room. */
  readonly eased: () => void;
}

/** The conditions of one direction of one connection, in the order of the list. */
export interface Chain extends Output {
  /** Replaces the conditions: equal ones go on, those of the same kind take the new parameters, the others are flushed. */
  readonly set: (conditions: readonly Condition[], fresh?: boolean) => void;
  /** No stage and nothing held: bytes can go straight to the sink. */
  readonly idle: () => boolean;
  /** No room for more. */
  readonly full: () => boolean;
  readonly stop: () => void;
}

interface ChainState {
  readonly options: ChainOptions;
  slots: Slot[];
  /** Takes the bytes that come in. */
  first: Output;
  /** Takes what the last stage hands on. */
  readonly last: Output;
  /** Bytes that came in and that left, since the start: the difference is held. */
  came: number;
  left: number;
  /** For each chunk that is held: the value of `came` at its end. */
  readonly chunks: Queue<number>;
  /** Bytes that may be held. */
  most: number;
  roundTrip: number;
}

/** A condition at its place in the chain. */
interface Slot {
  readonly key: string;
  condition: Condition;
  readonly stage: Stage<Condition>;
  /** Where its stage hands bytes on to. */
  next: Output;
}

/** A condition that is wanted, and the slot that it takes over. */
interface Planned extends SelectedCondition {
  readonly slot: Slot | null;
}

const NOWHERE: Output = { push: () => {}, end: () => {} };

export function openChain(options: ChainOptions): Chain {
  const { sink } = options;
  const last: Output = {
    push: (bytes, at) => {
      sink.push(bytes, at);
      leave(state, bytes.length);
    },
    end: sink.end,
  };
  const state: ChainState = {
    ...{ options, slots: [], first: last, last, came: 0, left: 0, chunks: queue<number>() },
    ...{ most: HELD_MOST, roundTrip: 0 },
  };
  return {
    push: (bytes, at) => {
      state.came += bytes.length;
      state.chunks.put(state.came);
      state.first.push(bytes, at);
    },
    end: (how, at) => state.first.end(how, at),
    set: (conditions, fresh = false) => setConditions(state, conditions, fresh),
    idle: () => state.slots.length === 0,
    full: () => state.came - state.left + state.chunks.size() * CHUNK >= state.most,
    stop: () => {
      for (const { stage } of state.slots) stage.stop();
      state.slots = [];
      state.first = NOWHERE;
    },
  };
}

/** This many bytes are no longer held. */
function leave(state: ChainState, bytes: number): void {
  state.left += bytes;
  const { chunks, left } = state;
  for (let end = chunks.first(); end !== undefined && end <= left; end = chunks.first()) chunks.take();
  state.options.eased();
}

function setConditions(state: ChainState, conditions: readonly Condition[], fresh: boolean): void {
  const { way, seed, connection } = state.options;
  const wanted = selectedFor(conditions, seed, connection).filter(
    ({ condition: { direction } }) => direction === "both" || direction === way,
  );
  state.roundTrip = trip(conditions);
  state.most = bound(wanted.map(({ condition }) => condition));
  const planned = plan(state.slots, wanted);
  const kept = new Set(planned.map(({ slot }) => slot));
  flushOthers(state, kept);
  state.slots = planned.flatMap(({ key, condition, slot }) => slot ?? openSlot(state, key, condition, fresh) ?? []);
  link(state, state.slots);
  state.first = state.slots[0]?.stage ?? state.last;
  for (const { condition, slot } of planned) {
    if (slot === null || same(slot.condition, condition)) continue;
    slot.condition = condition;
    slot.stage.change?.(condition);
  }
}

/** Finds the slots that go on. They keep their order: a stage that would have to move past another is flushed and opened again. */
function plan(slots: readonly Slot[], wanted: readonly SelectedCondition[]): Planned[] {
  let from = 0;
  return wanted.map(({ key, condition }) => {
    const at = slots.findIndex((slot, n) => n >= from && slot.key === key && canBecome(slot, condition));
    const slot = slots[at] ?? null;
    if (slot !== null) from = at + 1;
    return { key, condition, slot };
  });
}

/** The last one first, so that bytes that are further along leave first. Their bytes don't pass stages that are new. */
function flushOthers(state: ChainState, kept: ReadonlySet<Slot | null>): void {
  const staying = state.slots.filter((slot) => kept.has(slot));
  link(state, staying);
  let next = state.last;
  for (const slot of state.slots.toReversed()) {
    if (kept.has(slot)) next = slot.stage;
    else {
      slot.next = next;
      slot.stage.flush();
    }
  }
}

/** Each stage hands bytes on to the next one. */
function link({ last }: ChainState, slots: readonly Slot[]): void {
  for (const [n, slot] of slots.entries()) slot.next = slots[n + 1]?.stage ?? last;
}

/** Null: the kind does nothing to bytes. */
function openSlot(state: ChainState, key: string, condition: Condition, fresh: boolean): Slot | null {
  const { stage: build } = kindOf(condition);
  if (build === undefined) return null;
  const { way, clock, seed, connection, reset } = state.options;
  const next: Output = {
    push: (bytes, at) => slot.next.push(bytes, at),
    end: (how, at) => slot.next.end(how, at),
  };
  const stage = build(condition, next, {
    ...{ clock, random: randomFor(seed, connection, key, way), fresh, reset },
    roundTrip: () => state.roundTrip,
    dropped: (bytes) => leave(state, bytes),
  });
  const slot: Slot = { key, condition, stage, next: state.last };
  return slot;
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

/** A condition that applies to this connection. */
export interface SelectedCondition {
  /** The same whichever other conditions there are. */
  readonly key: string;
  readonly condition: Condition;
}

/** The conditions that apply to this connection, by their probability. Those about HTTP are drawn for each request instead. */
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

/** How much a direction must be able to hold to be as fast as these conditions allow, bytes; at most HELD_MOST. */
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
