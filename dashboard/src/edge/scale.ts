import type { Field } from "../../../src/conditions/kinds/field.ts";

/** A slider's places, 0 to this. */
export const PLACES = 200;

/** Between a slider's places and the values that they stand for. */
export interface Scale {
  /** Of place 0: the least; where a value may also be left out, `undefined`. */
  readonly value: (place: number) => number | undefined;
  readonly place: (value: number | undefined) => number;
}

/** The sliders' ranges; other values can be typed. Times in ms, sizes in bytes, rates in bytes per second. */
const RANGES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  time: [1, 60_000],
  size: [1, 1e9],
  rate: [1e3, 1e9],
  share: [1e-4, 1],
};

/** A logarithmic scale with values of two digits; null where a field has no slider. */
export function scaleOf(field: Field): Scale | null {
  const { [field.type]: range } = RANGES;
  if (range === undefined) return null;
  const { min = 0, max = Number.POSITIVE_INFINITY } = field as { min?: number; max?: number };
  const [low, high] = [Math.max(range[0], min), Math.min(range[1], max)];
  const none = "default" in field || "required" in field ? min : undefined;
  const octaves = Math.log(high / low);
  return {
    value: (place) =>
      place <= 0 ? none : Number((low * Math.exp((octaves * (place - 1)) / (PLACES - 1))).toPrecision(2)),
    place: (value) => {
      if (value === undefined || value < low) return 0;
      return Math.min(PLACES, Math.round(1 + (Math.log(value / low) / octaves) * (PLACES - 1)));
    },
  };
}

/** For shares of connections, where half is the middle: whole percents from 1. */
export const EVEN: Scale = {
  value: (place) => Math.max(1, Math.round((place / PLACES) * 100)) / 100,
  place: (value = 1) => Math.round(value * PLACES),
};
