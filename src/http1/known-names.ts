import { LOWER_CASE } from "./byte-classes.ts";

/** Field names that a reader acts on, each with its number, found by their bytes without a string made of them. */
export interface KnownNames {
  /** By length, first and last letter, which tell nearly all names apart: an index into `lists`; 0 for none. */
  readonly slots: Uint8Array;
  readonly lists: readonly (readonly KnownName[])[];
}

interface KnownName {
  /** In lower case. */
  readonly bytes: Uint8Array;
  readonly number: number;
}

/** Longer names than this share their slots with shorter ones. */
const LENGTHS = 32;

/** @param numbers By names in lower case; 0 is kept for all other names. */
export function knownNames(numbers: ReadonlyMap<string, number>): KnownNames {
  const slots = new Uint8Array(LENGTHS << 10);
  const lists: KnownName[][] = [[]];
  for (const [name, number] of numbers) {
    const bytes = Buffer.from(name, "latin1");
    const slot = slotOf(bytes, 0, bytes.length);
    if (slots[slot] === 0) slots[slot] = lists.push([]) - 1;
    lists[slots[slot] ?? 0]?.push({ bytes, number });
  }
  return { slots, lists };
}

/** The number of the name in `bytes[from, to)`; 0: it isn't known. Case doesn't matter. */
export function numberOf({ slots, lists }: KnownNames, bytes: Uint8Array, from: number, to: number): number {
  const list = slots[slotOf(bytes, from, to)] ?? 0;
  if (list === 0) return 0;
  for (const { bytes: name, number } of lists[list] ?? []) if (isName(name, bytes, from, to)) return number;
  return 0;
}

function slotOf(bytes: Uint8Array, from: number, to: number): number {
  const [first, last] = [bytes[from] ?? 0, bytes[to - 1] ?? 0];
  return (((to - from) & (LENGTHS - 1)) << 10) | ((first & 0x1f) << 5) | (last & 0x1f);
}

function isName(name: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (name.length !== to - from) return false;
  for (let n = 0; n < name.length; n++) if (LOWER_CASE[bytes[from + n] ?? 0] !== name[n]) return false;
  return true;
}
