import { parseIPv4 } from "./ipv4.ts";

/** The eight 16-bit groups of an IPv6 address without zone (RFC 4291 §2.2, all three text forms); null otherwise. */
export function parseIPv6(text: string): readonly number[] | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [first = "", second] = halves;
  const left = groupsOf(first, second === undefined);
  const right = second === undefined ? [] : groupsOf(second, true);
  if (left === null || right === null) return null;
  const gap = 8 - left.length - right.length;
  // `::` stands for at least one group; without it all eight must be written.
  if (second === undefined ? gap !== 0 : gap < 1) return null;
  return [...left, ...Array<number>(gap).fill(0), ...right];
}

/** Canonical text per RFC 5952: lower case, longest run of zeros as `::`, IPv4-mapped addresses with a dotted tail. */
export function formatIPv6(groups: readonly number[]): string {
  const mapped = mappedIPv4(groups);
  if (mapped !== null) return `::ffff:${mapped}`;
  const { start, length } = longestZeros(groups);
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (length < 2) return text(groups);
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

/** The dotted quad inside an IPv4-mapped address `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2); null for any other. */
export function mappedIPv4(groups: readonly number[]): string | null {
  if (groups.slice(0, 5).some((group) => group !== 0) || groups[5] !== 0xffff) return null;
  return [groups[6] ?? 0, groups[7] ?? 0].flatMap((group) => [group >> 8, group & 0xff]).join(".");
}

function groupsOf(text: string, mayEndInIPv4: boolean): number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const quad = mayEndInIPv4 && index === parts.length - 1 ? parseIPv4(part) : null;
    if (quad === null) return null;
    groups.push(quad[0] * 256 + quad[1], quad[2] * 256 + quad[3]);
  }
  return groups;
}

/** The first longest run of zero groups (RFC 5952 §4.2.3). */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  }
  return best;
}
