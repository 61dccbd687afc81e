/** What stands before the cursor in bash, as words. */
export interface BashLine {
  /** The words before the one that is typed, without quotes and backslashes; the first is the command. */
  readonly words: readonly string[];
  /** The word that is typed, the same way. */
  readonly current: string;
  /** What bash replaces is less than that word: it starts anew behind `:` or `=`. How many of its characters stay. */
  readonly kept: number;
  /** The quote that the word is in. */
  readonly quote: "" | "'" | '"';
}

/** Reads a line as bash does. `breaks` is COMP_WORDBREAKS. */
export function readBashLine(line: string, breaks: string): BashLine {
  const words: string[] = [];
  let current = "";
  let begun = false;
  let kept = 0;
  let quote: BashLine["quote"] = "";
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? "";
    if (quote === "'" ? char === "'" : quote === '"' && char === '"') {
      quote = "";
    } else if (char === "\\" && quote !== "'" && at + 1 < line.length) {
      current += line[++at];
      begun = true;
    } else if (quote !== "") {
      current += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      begun = true;
      kept = current.length;
    } else if (/\s/.test(char)) {
      if (begun) words.push(current);
      [current, begun, kept] = ["", false, 0];
    } else {
      current += char;
      begun = true;
      if (breaks.includes(char)) kept = current.length;
    }
  }
  return { words, current, kept, quote };
}

/** What bash has to insert for a value: only what it replaces, with a backslash before what means something to it. */
export function bashReply(value: string, { kept, quote }: Pick<BashLine, "kept" | "quote">): string {
  const rest = value.slice(kept);
  if (quote === "'") return rest.replaceAll("'", "'\\''");
  return rest.replace(quote === '"' ? /["\\$`]/g : /[\s"'\\$`&|;<>()*?[\]{}~#!]/g, "\\$&");
}
