import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { ownProgram } from "../own-files/own-files.ts";

/** A regular expression of a user's that takes time in proportion to the text, whatever it is. */
export interface Pattern {
  /** Whether it matches anywhere in the text. */
  readonly matches: (text: string) => boolean;
}

/** Longer ones are refused: an expression's size is what each character of a text costs. */
const LONGEST = 1_000;

const require = createRequire(import.meta.url);

/**
 * Compiles a regular expression in JavaScript's syntax for RE2's automaton (https://github.com/google/re2/wiki/Syntax), which
 * can't backtrack. A text tells why it can't be taken: it isn't a regular expression, or it needs backtracking, as
 * look-ahead, look-behind and back-references do.
 *
 * @example compilePattern("^(a+)+$")
 */
export function compilePattern(source: string): Pattern | string {
  if (source.length > LONGEST) return `is longer than ${LONGEST} characters`;
  const backtracking = backtrackingIn(source);
  if (backtracking !== null) return `uses ${backtracking}, which a search without backtracking can't do`;
  const { compileRe2 } = require(fileURLToPath(ownProgram("re2"))) as typeof import("./re2.ts");
  try {
    return { matches: compileRe2(source) };
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : String(error);
    return `is not a regular expression: ${why}`;
  }
}

/** What RE2 leaves out, in words. */
function backtrackingIn(source: string): string | null {
  for (let at = 0, set = false; at < source.length; at++) {
    const sign = source[at];
    if (sign === "\\") {
      const next = source[++at] ?? "";
      if (!set && (/[1-9]/.test(next) || (next === "k" && source[at + 1] === "<"))) return "a back-reference";
    } else if (set) set = sign !== "]";
    else if (sign === "[") set = true;
    else if (sign === "(" && /^\(\?<?[=!]/.test(source.slice(at, at + 4)))
      return source[at + 2] === "<" ? "look-behind" : "look-ahead";
  }
  return null;
}
