import { type Network, networkOf, numberOf } from "../../address/network.ts";
import { field } from "./ruleset.ts";

type Stretch = Pick<Network, "family" | "from" | "to">;

/** Block lists have a hundred thousand elements: each is read once, and looked for by halves. */
const indexes = new WeakMap<readonly unknown[], readonly Stretch[] | null>();

/** Whether a set of addresses, networks and ranges holds an address; null where it holds other things as well. */
export function holdsAddress(
  elements: readonly unknown[],
  value: { readonly family: string; readonly value: bigint },
): boolean | null {
  let index = indexes.get(elements);
  if (index === undefined) {
    index = indexOf(elements);
    indexes.set(elements, index);
  }
  if (index === null) return null;
  // The kernel lets no two elements overlap.
  let [low, high] = [0, index.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const one = index[middle];
    if (one !== undefined && order(one, { family: value.family, from: value.value }) <= 0) low = middle + 1;
    else high = middle;
  }
  const before = index[low - 1];
  return before !== undefined && before.family === value.family && before.to >= value.value;
}

function indexOf(elements: readonly unknown[]): Stretch[] | null {
  const found: Stretch[] = [];
  for (const element of elements) {
    const stretch = stretchOf(field(field(element, "elem"), "val") ?? element);
    if (stretch === null) return null;
    found.push(stretch);
  }
  return found.sort(order);
}

function order(
  a: { readonly family: string; readonly from: bigint },
  b: { readonly family: string; readonly from: bigint },
): number {
  if (a.family !== b.family) return a.family < b.family ? -1 : 1;
  return a.from < b.from ? -1 : a.from > b.from ? 1 : 0;
}

function stretchOf(element: unknown): Stretch | null {
  if (typeof element === "string") {
    const number = numberOf(element);
    return number === null ? null : { family: number.family, from: number.value, to: number.value };
  }
  const prefix = field(element, "prefix");
  const [address, length] = [field(prefix, "addr"), field(prefix, "len")];
  if (typeof address === "string" && typeof length === "number") return networkOf(address, length);
  const range = field(element, "range");
  const [from, to] = Array.isArray(range) ? range.map((end) => (typeof end === "string" ? numberOf(end) : null)) : [];
  return from && to ? { family: from.family, from: from.value, to: to.value } : null;
}
