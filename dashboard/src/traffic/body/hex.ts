/** A line of sixteen bytes: where it begins, the bytes, and the signs that they would be. */
export interface HexLine {
  readonly at: string;
  readonly bytes: string;
  readonly signs: string;
}

/** Bytes as one reads them by hand. */
export function hexLines(bytes: Uint8Array): HexLine[] {
  const lines: HexLine[] = [];
  for (let from = 0; from < bytes.length; from += 16) {
    const some = [...bytes.subarray(from, from + 16)];
    const half = (part: number[]) => part.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    lines.push({
      at: from.toString(16).padStart(6, "0"),
      bytes: `${half(some.slice(0, 8))}  ${half(some.slice(8))}`.trimEnd().padEnd(48),
      signs: some.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join(""),
    });
  }
  return lines;
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}
