// A file of its own in dist/, so that the library is loaded with the first pattern: most configs have none.
import { RE2JS } from "re2js";

/** An expression in JavaScript's syntax, compiled for a search without backtracking. Throws for what isn't one. */
export function compileRe2(source: string): (text: string) => boolean {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(source));
  return (text) => compiled.matcher(text).find();
}
