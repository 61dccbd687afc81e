/** A stretch of a line's plain text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Finds every place in a line that a search means. */
export type Matcher = (text: string) => readonly Span[];

/** Beyond this many characters a line is not searched: an expression may take long on it. */
const SEARCHED = 4_000;

/**
 * What a person typed, as a matcher: plain text in any case, or `/regular expression/flags`.
 * Null for nothing to look for; a text where the expression is no valid one.
 */
export function toMatcher(query: string): Matcher | string | null {
  if (query === "") return null;
  const expression = /^\/(.+)\/([dimsuvy]*)$/.exec(query);
  const [source, flags] = expression === null ? [literal(query), "i"] : [expression[1] ?? "", expression[2] ?? ""];
  try {
    const pattern = new RegExp(source, flags.replace("y", "").concat("g"));
    return (text) => spans(pattern, text);
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^Invalid regular expression: /, "") : String(error);
  }
}

function spans(pattern: RegExp, text: string): Span[] {
  const found: Span[] = [];
  for (const match of text.slice(0, SEARCHED).matchAll(pattern)) {
    if (match[0] !== "") found.push({ start: match.index, end: match.index + match[0].length });
  }
  return found;
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
