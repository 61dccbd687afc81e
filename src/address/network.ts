import { parseIPv4 } from "./ipv4.ts";
import { formatIPv6, parseIPv6 } from "./ipv6.ts";

/** A block of addresses, `10.0.0.0/8`: every address from its first to its last. */
export interface Network {
  readonly family: "IPv4" | "IPv6";
  readonly first: string;
  readonly last: string;
  readonly from: bigint;
  readonly to: bigint;
}

/** The network of an address and the length of its prefix; bits beyond the prefix are ignored. */
export function networkOf(host: string, bits: number): Network {
  const { family, value } = numberOf(host) ?? { family: "IPv4" as const, value: 0n };
  const width = family === "IPv4" ? 32 : 128;
  const rest = (1n << BigInt(Math.max(0, width - bits))) - 1n;
  const from = value & ~rest;
  const to = value | rest;
  return { family, first: textOf(from, family), last: textOf(to, family), from, to };
}

/** Whether a network holds an address of its family. */
export function contains(network: Network, host: string): boolean {
  const found = numberOf(host);
  return found !== null && found.family === network.family && found.value >= network.from && found.value <= network.to;
}

/** An IP address without a zone as a number; null for names. */
export function numberOf(host: string): { readonly family: "IPv4" | "IPv6"; readonly value: bigint } | null {
  const v4 = parseIPv4(host);
  if (v4 !== null) return { family: "IPv4", value: v4.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n) };
  const v6 = parseIPv6(host);
  return v6 === null ? null : { family: "IPv6", value: v6.reduce((sum, group) => sum * 65_536n + BigInt(group), 0n) };
}

function textOf(value: bigint, family: "IPv4" | "IPv6"): string {
  const [count, bits] = family === "IPv4" ? [4, 8n] : [8, 16n];
  const parts = Array.from({ length: count }, (_, at) =>
    Number((value >> (bits * BigInt(count - 1 - at))) & ((1n << bits) - 1n)),
  );
  return family === "IPv4" ? parts.join(".") : formatIPv6(parts);
}
