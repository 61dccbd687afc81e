import { sqlTokens } from "./tokens.ts";
import { OF_TABLES, RESERVED } from "./words.ts";

/** Tokens that are looked at: tables stand at a statement's beginning, or behind its columns. */
const TOKENS_MOST = 2_000;

/** The table that a statement names first: `orders`, `billing.invoice`; null where it names none. */
export function firstTable(sql: string): string | null {
  const tokens = sqlTokens(sql, TOKENS_MOST);
  for (let at = 0; at < tokens.length; at++) {
    const { kind, text } = tokens[at] ?? { kind: "sign", text: "" };
    if (kind !== "word" || !OF_TABLES.has(text)) continue;
    let to = at + 1;
    while (tokens[to]?.kind === "word" && /^(?:only|lateral)$/.test(tokens[to]?.text ?? "")) to++;
    const named = tokens[to];
    if (named === undefined || (named.kind !== "name" && (named.kind !== "word" || RESERVED.has(named.text)))) continue;
    const dotted = tokens[to + 1]?.text === "." && tokens[to + 2] !== undefined;
    // A function that gives rows is no table.
    if (tokens[dotted ? to + 3 : to + 1]?.text === "(" && text !== "into") continue;
    return dotted ? `${named.text}.${tokens[to + 2]?.text}` : named.text;
  }
  return null;
}
