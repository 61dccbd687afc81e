/** A field of a protobuf message: a number, or bytes (a text, a message). */
export type Field = bigint | Buffer;

/** All fields of a number (https://protobuf.dev/programming-guides/encoding). */
export function fields(message: Field | undefined, number: number): Field[] {
  return Buffer.isBuffer(message) ? read(message).flatMap(([is, value]) => (is === number ? [value] : [])) : [];
}

/** The last field of a number, as the encoding has it. */
export function one(message: Field | undefined, number: number): Field | undefined {
  return fields(message, number).at(-1);
}

export function text(value: Field | undefined): string {
  return Buffer.isBuffer(value) ? value.toString("utf8") : "";
}

function read(bytes: Buffer): [number, Field][] {
  const found: [number, Field][] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    switch (Number(tag & 7n)) {
      case 0:
        found.push([number, varint()]);
        break;
      case 1:
        found.push([number, bytes.readBigUInt64LE(at)]);
        at += 8;
        break;
      case 2: {
        const length = Number(varint());
        found.push([number, bytes.subarray(at, at + length)]);
        at += length;
        break;
      }
      case 5:
        found.push([number, BigInt(bytes.readUInt32LE(at))]);
        at += 4;
        break;
      default:
        throw new Error(`no wire type of protobuf's: ${tag & 7n}`);
    }
  }
  return found;
}
