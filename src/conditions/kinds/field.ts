/** A parameter of a condition: what it may be, how it is written. Times are ms, sizes bytes, rates bytes per second. */
export type Field = (NumberField | ChoiceField | TextField | TableField) & {
  /** For a table of parameters or a slider's label. */
  readonly about: string;
  /** `main`: stands right after the kind (`latency=200`); `spread`: behind it and a ± (`latency=200±50`). */
  readonly place?: "main" | "spread";
};

interface NumberField {
  readonly type: "time" | "size" | "rate" | "share" | "count";
  /** Default 0. */
  readonly min?: number;
  readonly max?: number;
  readonly default?: number;
  readonly required?: true;
}

interface ChoiceField {
  readonly type: "choice";
  readonly of: readonly string[];
  readonly default: string;
}

/** A word such as a path's pattern: without white space and commas, so that it can stand in a condition's text. */
interface TextField {
  readonly type: "text";
}

/** Numbers in a row; written in data only. */
interface TableField {
  readonly type: "table";
}

/** The parameter that every kind has, beside direction and name. */
export const PROBABILITY: Field = { type: "share", default: 1, about: "share of connections, or of requests" };

export function defaultOf(field: Field): number | string | undefined {
  return "default" in field ? field.default : undefined;
}

/** A text that can stand in a condition's text as it is. */
export function isWord(value: unknown): value is string {
  return typeof value === "string" && /^[^\s,]{1,1000}$/.test(value);
}

const UNITS = {
  time: { us: 0.001, µs: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 },
  size: { B: 1, KB: 1e3, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1 << 20, GiB: 1 << 30 },
  rate: {
    ...{ "B/s": 1, "KB/s": 1e3, "kB/s": 1e3, "MB/s": 1e6, "GB/s": 1e9, "KiB/s": 1024, "MiB/s": 1 << 20 },
    ...{ "bit/s": 1 / 8, "kbit/s": 125, "Mbit/s": 125_000, "Gbit/s": 125_000_000 },
  },
  share: { "%": 0.01 },
  count: {},
} satisfies Record<NumberField["type"], Readonly<Record<string, number>>>;

const EXAMPLE = {
  time: "a time such as 200, 200ms, 1.5s or 20us",
  size: "a size such as 1500, 10KB or 1MiB",
  rate: "a rate such as 50KB/s, 1.6Mbit/s or a number of bytes per second",
  share: "a share such as 2% or 0.02",
  count: "a whole number",
};
/** What is smaller is printed as 0. */
const LEAST_PRINTED = 1e-9;
/** More than a day or a terabit is taken for a typing mistake, and is beyond what timers take. */
const MOST = { time: 86_400_000, size: Number.MAX_SAFE_INTEGER, rate: 125e9, share: 1, count: 1e9 };

type Value = number | string | readonly number[];
/** What is wrong with a value, in words that follow the field's name. */
export interface Unfit {
  readonly unfit: string;
}

/** Checks a value that came as data. */
export function checkField(field: Field, value: unknown): Value | Unfit {
  if (field.type === "choice") {
    return typeof value === "string" && field.of.includes(value) ? value : { unfit: `must be ${field.of.join(", ")}` };
  }
  if (field.type === "text") {
    return isWord(value) ? value : { unfit: "must be a text without white space and commas" };
  }
  if (field.type === "table") {
    const fits = Array.isArray(value) && value.length > 1 && value.length <= 65_536 && value.every(Number.isFinite);
    return fits ? value.map(Number) : { unfit: "must be 2 to 65536 numbers, in units of the jitter" };
  }
  if (typeof value === "string") return readField(field, value);
  if (typeof value !== "number" || Number.isNaN(value)) return { unfit: `must be ${EXAMPLE[field.type]}` };
  const { min = 0, max = MOST[field.type] } = field;
  if (field.type === "count" && !Number.isInteger(value)) return { unfit: `must be ${EXAMPLE.count}` };
  if (value < min) return { unfit: `must not be below ${printNumber(field.type, min)}` };
  if (value > max) return { unfit: `must not be above ${printNumber(field.type, max)}` };
  return value;
}

/** Reads a value that came as text. */
export function readField(field: Field, text: string): Value | Unfit {
  if (field.type === "choice" || field.type === "text") return checkField(field, text);
  if (field.type === "table") return { unfit: "is a list of numbers: write it in the config" };
  const [, number = "", unit = ""] = /^(-?\d+(?:\.\d+)?|-?\.\d+)\s*(\D*)$/.exec(text.trim()) ?? [];
  const units: Readonly<Record<string, number>> = UNITS[field.type];
  const factor = unit === "" ? 1 : Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (number === "" || factor === undefined) return { unfit: `must be ${EXAMPLE[field.type]}, not '${text}'` };
  return checkField(field, precise(Number(number) * factor));
}

/** The shortest usual way to write a value; readField takes it back. */
export function printField(field: Field, value: unknown): string {
  if (field.type === "choice" || field.type === "text") return String(value);
  if (field.type === "table") return `${Array.isArray(value) ? value.length : 0} numbers`;
  return printNumber(field.type, Number(value));
}

function printNumber(type: NumberField["type"], exact: number): string {
  const value = rounded(type, exact);
  if (type === "count") return String(value);
  if (type === "share") return `${plain(value * 100)}%`;
  if (type === "time") {
    if (value >= 10_000 && value % 1000 === 0) return `${value / 1000}s`;
    return value > 0 && value < 1 ? `${plain(value * 1000)}us` : `${plain(value)}ms`;
  }
  const per = type === "rate" ? "/s" : "";
  if (value >= 1e6 && value % 1e4 === 0) return `${plain(value / 1e6)}MB${per}`;
  return value >= 1e3 && value % 10 === 0 ? `${plain(value / 1e3)}KB${per}` : `${plain(value)}B${per}`;
}

/**
 * As exact as is useful to people, rounded before a unit is chosen, so that it comes back the same: whole numbers stay, times
 * are rounded to µs, bytes to whole ones from 1 KB on, and what is below 1 to four digits.
 */
function rounded(type: NumberField["type"], value: number): number {
  if (Number.isInteger(value) || type === "count") return value;
  if (value < LEAST_PRINTED) return 0;
  if (type === "share") return Number((value * 100).toPrecision(4)) / 100;
  if ((type === "size" || type === "rate") && value >= 1_000) return Math.round(value);
  return value >= 1 ? Number(value.toFixed(3)) : Number(value.toPrecision(4));
}

/** Never as a power of ten (1e-7), which is not read. */
function plain(value: number): string {
  const text = String(precise(value));
  return text.includes("e")
    ? precise(value)
        .toFixed(20)
        .replace(/\.?0+$/, "")
    : text;
}

/** Without the last digits that binary fractions leave: 0.07 and not 0.07000000000000001. */
function precise(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(12));
}
