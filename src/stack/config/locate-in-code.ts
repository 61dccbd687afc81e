import { type KeyPath, type Position, positionAt } from "./source.ts";

/** Looks for the keys of a path one after the other: code has no positions once it has run, but mostly reads like data. */
export function locateInCode(text: string, path: KeyPath): Position | null {
  const keys = path.filter((part) => typeof part === "string");
  // `services` itself may be made elsewhere, so the search may also start at a service's name.
  const [whole, inner] = [followKeys(text, keys), followKeys(text, keys.slice(1))];
  const { offset } = inner.found + 1 > whole.found ? inner : whole;
  return offset === null ? null : positionAt(text, offset);
}

/** How many keys were found, each behind the one before it, and where the last of them is. */
function followKeys(text: string, keys: readonly string[]): { found: number; offset: number | null } {
  let from = 0;
  let offset: number | null = null;
  for (const [found, part] of keys.entries()) {
    const key = new RegExp(`(?<![\\w$.])["']?${escaped(part)}["']?\\s*[:,(}=]`, "g");
    key.lastIndex = from;
    const match = key.exec(text);
    if (match === null) return { found, offset };
    offset = match.index;
    from = match.index + match[0].length;
  }
  return { found: keys.length, offset };
}

/** A text as a part of a regular expression. */
export const escaped = (text: string): string => text.replace(/[^\w]/g, "\\$&");
