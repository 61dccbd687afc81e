/** 2000-01-01, what Postgres counts times from: epoch ms. */
const MILLENNIUM = 946_684_800_000;
const DAY = 86_400_000;

type Read = (bytes: Buffer, from: number, to: number) => string | null;

const text: Read = (bytes, from, to) => bytes.toString("utf8", from, to);

/** A reader for values of exactly `size` bytes. */
function fixed(size: number, read: (bytes: Buffer, from: number) => string | null): Read {
  return (bytes, from, to) => (to - from === size ? read(bytes, from) : null);
}

/** Binary forms of the common types, by OID (pg_type.dat). */
const READERS: ReadonlyMap<number, Read> = new Map<number, Read>([
  [16, fixed(1, (bytes, at) => (bytes[at] === 0 ? "f" : "t"))],
  [18, text],
  [19, text],
  [20, fixed(8, (bytes, at) => bytes.readBigInt64BE(at).toString())],
  [21, fixed(2, (bytes, at) => String(bytes.readInt16BE(at)))],
  [23, fixed(4, (bytes, at) => String(bytes.readInt32BE(at)))],
  [25, text],
  [26, fixed(4, (bytes, at) => String(bytes.readUInt32BE(at)))],
  [114, text],
  [700, fixed(4, (bytes, at) => float(shortest(bytes.readFloatBE(at)), 6))],
  [701, fixed(8, (bytes, at) => float(bytes.readDoubleBE(at), 15))],
  [1042, text],
  [1043, text],
  [1082, fixed(4, (bytes, at) => date(bytes.readInt32BE(at)))],
  [1083, fixed(8, (bytes, at) => timeOfDay(bytes.readBigInt64BE(at)))],
  [1114, fixed(8, (bytes, at) => timestamp(bytes.readBigInt64BE(at), ""))],
  [1184, fixed(8, (bytes, at) => timestamp(bytes.readBigInt64BE(at), "+00"))],
  [1700, numeric],
  [
    2950,
    fixed(16, (bytes, at) => bytes.toString("hex", at, at + 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")),
  ],
  // jsonb: a version, then its text.
  [3802, (bytes, from, to) => (bytes[from] === 1 ? text(bytes, from + 1, to) : null)],
]);

/** Arrays: of bool, bytea, int2, int4, text, varchar, int8, float4, float8, timestamp, date, timestamptz, numeric, uuid, jsonb. */
const ARRAYS: ReadonlySet<number> = new Set([
  1000, 1001, 1005, 1007, 1009, 1015, 1016, 1021, 1022, 1115, 1182, 1185, 1231, 2951, 3807,
]);

/** A value in its binary form as text: as Postgres prints it where the type is known, else `\x` and its bytes in hex. */
export function binaryText(oid: number, bytes: Buffer, from: number, to: number): string {
  const read = ARRAYS.has(oid) ? array : READERS.get(oid);
  return read?.(bytes, from, to) ?? `\\x${bytes.toString("hex", from, to)}`;
}

/** The shortest decimal that means this float of 32 bits. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** As Postgres prints it: with an exponent from 10^`digits` on and below 0.0001. */
function float(value: number, digits: number): string {
  if (!Number.isFinite(value) || value === 0) return Object.is(value, -0) ? "-0" : String(value);
  const [mantissa = "", exponent = ""] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < digits) return String(value);
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

function date(days: number): string | null {
  if (days === 2147483647) return "infinity";
  if (days === -2147483648) return "-infinity";
  return isoDate(MILLENNIUM + days * DAY);
}

/** `2024-02-29`; null before the year 1 and past 9999, which ISO 8601 writes in another way than Postgres. */
function isoDate(ms: number): string | null {
  if (ms < -62_135_596_800_000 || ms >= 253_402_300_800_000) return null;
  return new Date(ms).toISOString().slice(0, 10);
}

function timestamp(micros: bigint, zone: string): string | null {
  if (micros === 9223372036854775807n) return "infinity";
  if (micros === -9223372036854775808n) return "-infinity";
  const perDay = 86_400_000_000n;
  const rest = ((micros % perDay) + perDay) % perDay;
  const day = isoDate(MILLENNIUM + Number((micros - rest) / perDay) * DAY);
  return day === null ? null : `${day} ${timeOfDay(rest)}${zone}`;
}

function timeOfDay(micros: bigint): string | null {
  if (micros < 0n || micros > 86_400_000_000n) return null;
  const seconds = Number(micros / 1_000_000n);
  const two = (value: number) => String(value).padStart(2, "0");
  const clock = `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const fraction = String(micros % 1_000_000n)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return fraction === "" ? clock : `${clock}.${fraction}`;
}

/** Groups of four decimal digits, the first of weight 10000^weight (numeric_send). */
function numeric(bytes: Buffer, from: number, to: number): string | null {
  if (to - from < 8) return null;
  const groups = bytes.readUInt16BE(from);
  const weight = bytes.readInt16BE(from + 2);
  const sign = bytes.readUInt16BE(from + 4);
  const scale = bytes.readUInt16BE(from + 6);
  if (sign === 0xc000) return "NaN";
  if (sign === 0xd000) return "Infinity";
  if (sign === 0xf000) return "-Infinity";
  // What nobody can read needn't be printed: 131,072 digits are allowed.
  if (to - from !== 8 + 2 * groups || groups > 250 || Math.abs(weight) > 250 || scale > 1_000) return null;
  const group = (n: number) => {
    const at = weight - n;
    return at < 0 || at >= groups ? "0000" : String(bytes.readUInt16BE(from + 8 + 2 * at)).padStart(4, "0");
  };
  let whole = "";
  for (let n = weight; n >= 0; n--) whole += group(n);
  let fraction = "";
  for (let n = -1; fraction.length < scale; n--) fraction += group(n);
  const number = whole.replace(/^0+(?=\d)/, "") || "0";
  return `${sign === 0x4000 ? "-" : ""}${number}${scale === 0 ? "" : `.${fraction.slice(0, scale)}`}`;
}

/** Of one dimension (array_send); others stay hex. */
function array(bytes: Buffer, from: number, to: number): string | null {
  if (to - from < 12) return null;
  const dimensions = bytes.readInt32BE(from);
  const oid = bytes.readUInt32BE(from + 8);
  if (dimensions === 0) return "{}";
  if (dimensions !== 1 || to - from < 20 || ARRAYS.has(oid)) return null;
  const count = bytes.readInt32BE(from + 12);
  const items: string[] = [];
  let at = from + 20;
  for (let n = 0; n < count; n++) {
    if (at + 4 > to) return null;
    const size = bytes.readInt32BE(at);
    at += 4;
    if (size === -1) items.push("NULL");
    else {
      if (size < 0 || at + size > to) return null;
      items.push(quoted(binaryText(oid, bytes, at, at + size)));
      at += size;
    }
  }
  return `{${items.join(",")}}`;
}

function quoted(item: string): string {
  return item === "" || /[\s{}",\\]|^null$/i.test(item) ? `"${item.replace(/["\\]/g, "\\$&")}"` : item;
}
