/** What a piece of SQL text is. Spaces and comments are left out. */
type TokenKind = "word" | "name" | "string" | "parameter" | "number" | "sign";

export interface Token {
  readonly kind: TokenKind;
  /** In lower case, but of names in quotes; without their quotes. */
  readonly text: string;
  /** Its place in the statement. */
  readonly from: number;
  readonly to: number;
}

/** One token as Postgres reads it. What isn't closed reaches to the end, so that each character is looked at once. */
const TOKEN = new RegExp(
  [
    /(?<space>\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))/,
    /(?<string>[eE]'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*(?:'|$)|(?:[bBnNxX]|[uU]&)?'[^']*(?:''[^']*)*(?:'|$)|\$(?<tag>[A-Za-z_]\w*|)\$[\s\S]*?(?:\$\k<tag>\$|$))/,
    /(?<name>"[^"]*(?:""[^"]*)*"?)/,
    /(?<parameter>\$\d+)/,
    /(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)/,
    /(?<number>\d[\w.]*)/,
    /(?<sign>::|:=|=>|->>?|#>>?|@>|<@|\|\||<>|!=|<=|>=|[\s\S])/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "y",
);

/** The tokens of a statement, the first `most`. */
export function sqlTokens(sql: string, most: number): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length && tokens.length < most; ) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(sql)?.groups ?? {};
    const to = Math.max(TOKEN.lastIndex, at + 1);
    if (groups.space === undefined) tokens.push(tokenOf(groups, sql.slice(at, to), at, to));
    at = to;
  }
  return tokens;
}

function tokenOf(groups: Partial<Record<string, string>>, text: string, from: number, to: number): Token {
  if (groups.string !== undefined) return { kind: "string", text, from, to };
  if (groups.name !== undefined)
    return { kind: "name", text: text.replace(/^"|"$/g, "").replaceAll('""', '"'), from, to };
  if (groups.parameter !== undefined) return { kind: "parameter", text, from, to };
  if (groups.word !== undefined) return { kind: "word", text: text.toLowerCase(), from, to };
  return { kind: groups.number === undefined ? "sign" : "number", text, from, to };
}

/** What a string says, as far as it is a plain one. */
export function stringValue({ text }: Token): string {
  return text.replace(/^(?:[a-z]&?)?'|'$/gi, "").replace(/^\$\w*\$|\$\w*\$$/g, "");
}
