/** Whether a text matches; takes time in proportion to text × pattern at the worst. */
export type Matcher = (text: string) => boolean;

/**
 * A matcher for whole texts, in which `*` stands for any number of any characters and everything else for itself. There is
 * no backtracking: each piece between two stars is taken where it is found first, so no pattern is slow.
 *
 * @example glob("/orders/*")("/orders/17/items") // true
 */
export function glob(pattern: string, { ignoreCase = false }: { readonly ignoreCase?: boolean } = {}): Matcher {
  const [first = "", ...pieces] = (ignoreCase ? pattern.toLowerCase() : pattern).split(/\*+/);
  const last = pieces.pop();
  if (last === undefined) return ignoreCase ? (text) => text.toLowerCase() === first : (text) => text === first;
  const matches = (text: string): boolean => {
    const end = text.length - last.length;
    if (first.length > end || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const piece of pieces) {
      const found = text.indexOf(piece, at);
      if (found === -1) return false;
      at = found + piece.length;
    }
    return at <= end;
  };
  return ignoreCase ? (text) => matches(text.toLowerCase()) : matches;
}

const SLASH = 47;
/** Tokens beside the codes of characters. */
const WITHIN = -1;
const ACROSS = -2;

/**
 * A matcher for whole paths and host names: `*` stays within a segment (it stands for no `/`), `**` doesn't, and a `/**` at
 * the end stands for nothing, too: `/api/**` is `/api` and all below it. Several patterns with `|` between.
 *
 * @example pathGlob("/api/*|/v1/**")("/v1/a/b") // true
 */
export function pathGlob(patterns: string): Matcher {
  const all = patterns.split("|").flatMap((pattern) => {
    // Three stars at the end stand for two.
    const base = pattern.endsWith("/**") ? pattern.slice(0, -3) : null;
    return base === null ? [onePath(pattern)] : [onePath(base), onePath(pattern)];
  });
  const [only] = all;
  return all.length === 1 && only !== undefined ? only : (text) => all.some((matches) => matches(text));
}

function onePath(pattern: string): Matcher {
  const star = pattern.indexOf("*");
  if (star === -1) return (text) => text === pattern;
  const head = pattern.slice(0, star);
  const tokens = tokensOf(pattern.slice(star));
  const [first] = tokens;
  if (tokens.length === 1 && first === ACROSS) return (text) => text.startsWith(head);
  return (text) => text.startsWith(head) && follow(tokens, text, head.length);
}

function tokensOf(pattern: string): readonly number[] {
  const tokens: number[] = [];
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] !== "*") {
      tokens.push(pattern.charCodeAt(at));
      continue;
    }
    const start = at;
    while (pattern[at + 1] === "*") at++;
    tokens.push(at === start ? WITHIN : ACROSS);
  }
  return tokens;
}

/** Follows all ways through the tokens at once: `now[n]` says that the text so far matches the first n of them. */
function follow(tokens: readonly number[], text: string, from: number): boolean {
  const count = tokens.length;
  let now = new Uint8Array(count + 1);
  let next = new Uint8Array(count + 1);
  now[0] = 1;
  passStars(tokens, now);
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    let alive = false;
    next.fill(0);
    for (let n = 0; n < count; n++) {
      if (now[n] !== 1) continue;
      const token = tokens[n];
      if (token === code) next[n + 1] = 1;
      else if (token === ACROSS || (token === WITHIN && code !== SLASH)) next[n] = 1;
      else continue;
      alive = true;
    }
    if (!alive) return false;
    passStars(tokens, next);
    [now, next] = [next, now];
  }
  return now[count] === 1;
}

/** A star may stand for nothing. */
function passStars(tokens: readonly number[], states: Uint8Array): void {
  for (let n = 0; n < tokens.length; n++) if (states[n] === 1 && (tokens[n] ?? 0) < 0) states[n + 1] = 1;
}
