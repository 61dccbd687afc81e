import { textOf } from "../bytes/plain.ts";

const MOST_DEPTH = 8;
const MOST_LINES = 500;

interface Field {
  readonly number: number;
  readonly value: bigint | Buffer;
  readonly wire: number;
}

/** A message of protocol buffers without its schema: fields by number, nested ones where they read as messages. */
export function protobufText(bytes: Buffer, hide: (text: string) => string): string {
  const lines: string[] = [];
  const fields = fieldsOf(bytes);
  if (fields === null) return bytes.subarray(0, 1024).toString("hex");
  write(fields, 0);
  if (lines.length >= MOST_LINES) lines.push("…");
  return lines.join("\n");

  function write(fields: readonly Field[], depth: number): void {
    const indent = "  ".repeat(depth);
    for (const { number, value, wire } of fields) {
      if (lines.length >= MOST_LINES) return;
      if (typeof value === "bigint") lines.push(`${indent}${number}: ${value}`);
      else if (wire !== 2) lines.push(`${indent}${number}: ${fixed(value)}`);
      else {
        const said = textOf(value);
        const nested = depth < MOST_DEPTH && value.length > 0 && !isLikelyText(said) ? fieldsOf(value) : null;
        if (nested !== null) {
          lines.push(`${indent}${number}: {`);
          write(nested, depth + 1);
          lines.push(`${indent}}`);
        } else if (said !== null) lines.push(`${indent}${number}: ${JSON.stringify(hide(said))}`);
        else
          lines.push(`${indent}${number}: 0x${value.subarray(0, 256).toString("hex")}${value.length > 256 ? "…" : ""}`);
      }
    }
  }
}

/** Words rather than a message that happens to be made of printable bytes. */
function isLikelyText(text: string | null): boolean {
  return text !== null && /^[\p{L}\p{N}\p{P}\p{S}\p{Zs}\r\n\t]*$/u.test(text);
}

function fixed(value: Buffer): string {
  const whole = value.length === 4 ? value.readInt32LE() : value.readBigInt64LE();
  const real = value.length === 4 ? value.readFloatLE() : value.readDoubleLE();
  const size = Math.abs(real);
  return size > 1e-9 && size < 1e15 ? `${Number(real.toPrecision(value.length === 4 ? 7 : 15))}` : `${whole}`;
}

/** The fields of a message (protobuf.dev/programming-guides/encoding); null where the bytes are none. */
function fieldsOf(bytes: Buffer): Field[] | null {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = varint(bytes, at);
    if (tag === null) return null;
    at = tag.end;
    const number = Number(tag.value >> 3n);
    const wire = Number(tag.value & 7n);
    if (number < 1 || number > 0x1fffffff) return null;
    if (wire === 0) {
      const read = varint(bytes, at);
      if (read === null) return null;
      fields.push({ number, wire, value: read.value });
      at = read.end;
      continue;
    }
    let size = wire === 1 ? 8 : wire === 5 ? 4 : -1;
    if (wire === 2) {
      const read = varint(bytes, at);
      if (read === null || read.value > BigInt(bytes.length)) return null;
      size = Number(read.value);
      at = read.end;
    }
    if (size === -1 || at + size > bytes.length) return null;
    fields.push({ number, wire, value: bytes.subarray(at, at + size) });
    at += size;
  }
  return fields;
}

function varint(bytes: Buffer, from: number): { value: bigint; end: number } | null {
  let value = 0n;
  for (let n = 0; n < 10; n++) {
    const byte = bytes[from + n];
    if (byte === undefined) return null;
    value |= BigInt(byte & 0x7f) << BigInt(7 * n);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: from + n + 1 };
  }
  return null;
}
