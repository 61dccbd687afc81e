/** What a character of a pattern stands for: itself, `*`, `**`, or the `/**` at an end. */
type Token = string | typeof SEGMENT | typeof ANY | typeof BELOW;

const SEGMENT = Symbol("*");
const ANY = Symbol("**");
const BELOW = Symbol("/**");

/**
 * A test for globs with | between: `*` stays within a segment, `**` doesn't, and `/api/**` is /api itself, too. It takes time in
 * proportion to the pattern and the text, whatever they are: all ways to match are followed at once, none is tried after the other.
 */
export function globMatcher(globs: string): (text: string) => boolean {
  const patterns = globs.split("|").map(tokensOf);
  return (text) => patterns.some((tokens) => matches(tokens, text));
}

function tokensOf(glob: string): Token[] {
  return (glob.match(/\/\*\*$|\*+|[^*]/g) ?? []).map((part) => {
    if (part === "/**") return BELOW;
    if (part === "*") return SEGMENT;
    return part.startsWith("*") ? ANY : part;
  });
}

function matches(tokens: readonly Token[], text: string): boolean {
  // at[n]: the tokens before n match what was read. `inside`: what was read is /api/…, below the BELOW that ends the pattern.
  let at = new Uint8Array(tokens.length + 1);
  let next = new Uint8Array(tokens.length + 1);
  let inside = false;
  at[0] = 1;
  skipStars(tokens, at);
  for (const char of text) {
    next.fill(0);
    for (const [n, token] of tokens.entries()) {
      if (at[n] === 0) continue;
      if (token === ANY || (token === SEGMENT && char !== "/")) next[n] = 1;
      else if (token === BELOW) inside ||= char === "/";
      else if (token === char) next[n + 1] = 1;
    }
    skipStars(tokens, next);
    [at, next] = [next, at];
  }
  const end = tokens.length;
  return inside || at[end] === 1 || (tokens[end - 1] === BELOW && at[end - 1] === 1);
}

/** A star may stand for nothing. */
function skipStars(tokens: readonly Token[], at: Uint8Array): void {
  for (const [n, token] of tokens.entries()) {
    if (at[n] === 1 && (token === ANY || token === SEGMENT)) at[n + 1] = 1;
  }
}
