/** A stretch of a line's plain text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Finds every match of a search in a line. */
export type Matcher = (text: string) => readonly Span[];

/** Longer lines are not searched: a regex may take long on them. In characters. */
const SEARCHED = 4_000;

/**
 * What a person typed, as a matcher: plain text in any case, or `/regular expression/flags`.
 * Null for an empty query; a message where the regex is invalid.
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
