/** The four bytes of a strict dotted quad (RFC 6943 §3.1.1: decimal, no leading zeros, four parts); null otherwise. */
export function parseIPv4(text: string): readonly [number, number, number, number] | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return null;
  const bytes: number[] = [];
  for (const part of match.slice(1)) {
    if (part.length > 1 && part.startsWith("0")) return null;
    const byte = Number(part);
    if (byte > 255) return null;
    bytes.push(byte);
  }
  return [bytes[0] ?? 0, bytes[1] ?? 0, bytes[2] ?? 0, bytes[3] ?? 0];
}

/**
 * What inet_aton and browsers (WHATWG URL, "IPv4 parser") make of shorthand such as `127.1`, `0x7f.1`, `017700000001`,
 * as a dotted quad; null when even they refuse it. For hints only: Cove itself never accepts shorthand.
 */
export function expandIPv4Shorthand(text: string): string | null {
  const parts = text.replace(/\.$/, "").split(".");
  if (parts.length > 4) return null;
  const numbers: number[] = [];
  for (const part of parts) {
    const value = shorthandNumber(part);
    if (value === null) return null;
    numbers.push(value);
  }
  const last = numbers.pop() ?? 0;
  if (numbers.some((byte) => byte > 255) || last >= 256 ** (4 - numbers.length)) return null;
  const value = numbers.reduce((sum, byte, index) => sum + byte * 256 ** (3 - index), last);
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** True when a host's last label is a number, so that resolvers and browsers would read it as IPv4, never as a name. */
export function endsInNumber(host: string): boolean {
  const last = host.replace(/\.$/, "").split(".").at(-1) ?? "";
  return /^\d+$/.test(last) || /^0x[0-9a-f]*$/i.test(last);
}

function shorthandNumber(part: string): number | null {
  if (/^0x[0-9a-f]*$/i.test(part)) return part.length === 2 ? 0 : Number.parseInt(part.slice(2), 16);
  if (/^0[0-7]*$/.test(part)) return Number.parseInt(part, 8);
  return /^[1-9]\d*$/.test(part) ? Number(part) : null;
}
