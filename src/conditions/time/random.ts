/** Uniform in [0, 1), 32 bits. */
export type Random = () => number;

/**
 * A separate generator for each use: the same seed and parts give the same numbers, whatever else was
 * drawn in between. sfc32 (Chris Doty-Humphrey, PractRand).
 */
export function randomFor(seed: number, ...parts: readonly (string | number)[]): Random {
  let a = hash(`${parts.join("\0")}\0a`, seed);
  let b = hash(`${parts.join("\0")}\0b`, seed ^ 0x9e3779b9);
  let c = Math.trunc(seed / 2 ** 32) | 0;
  let counter = 1;
  const next = () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return (t >>> 0) / 2 ** 32;
  };
  // The first numbers still show the seed.
  for (let n = 0; n < 12; n++) next();
  return next;
}

/** FNV-1a with a final mix. */
function hash(text: string, seed: number): number {
  let h = (seed ^ 0x811c9dc5) | 0;
  for (let n = 0; n < text.length; n++) h = Math.imul(h ^ text.charCodeAt(n), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
