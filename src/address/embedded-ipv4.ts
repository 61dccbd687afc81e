import { parseIPv6 } from "./ipv6.ts";

/** An IPv4 address that stands inside an IPv6 one, and by which rule. */
export interface EmbeddedIPv4 {
  readonly host: string;
  /** `mapped` RFC 4291 §2.5.5.2, `nat64` RFC 6052, `6to4` RFC 3056, `teredo` the client's address, RFC 4380 §4. */
  readonly by: "mapped" | "nat64" | "6to4" | "teredo";
}

/** The IPv4 address inside a mapped, NAT64, 6to4 or Teredo address; null for every other host. */
export function embeddedIPv4(host: string): EmbeddedIPv4 | null {
  const groups = parseIPv6(host.replace(/%.*$/, ""));
  if (groups === null) return null;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  const rest = c + d + e;
  if (a === 0 && b === 0 && rest === 0 && f === 0xffff) return { host: quad(g, h), by: "mapped" };
  if (a === 0x64 && b === 0xff9b && rest === 0 && f === 0) return { host: quad(g, h), by: "nat64" };
  if (a === 0x2002) return { host: quad(b, c), by: "6to4" };
  // Teredo hides the client's address from meddling NATs by inverting its bits.
  if (a === 0x2001 && b === 0) return { host: quad(g ^ 0xffff, h ^ 0xffff), by: "teredo" };
  return null;
}

function quad(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
}
