/** One token of SQL as Postgres reads it. What isn't closed reaches to the end, so that each character is looked at once. */
const TOKEN = new RegExp(
  [
    /(?<space>\s+|--[^\n]*)/,
    /(?<block>\/\*)/,
    /(?<string>[eE]'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*(?:'|$)|'[^']*(?:''[^']*)*(?:'|$)|\$(?<tag>[A-Za-z_]\w*|)\$[\s\S]*?(?:\$\k<tag>\$|$))/,
    /(?<name>"[^"]*"?|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)/,
    /(?<literal>\$\d+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/,
    /(?<end>;)|[\s\S]/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "y",
);

type Kind = "space" | "string" | "name" | "literal" | "end" | "other";

/** Tells of each token: comments are space. */
function tokens(sql: string, tell: (kind: Kind, from: number, to: number) => void): void {
  let at = 0;
  while (at < sql.length) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(sql)?.groups ?? {};
    const to = groups.block === undefined ? TOKEN.lastIndex : blockEnd(sql, at);
    const kind = groups.space !== undefined || groups.block !== undefined ? "space" : kindOf(groups);
    tell(kind, at, to);
    at = to;
  }
}

function kindOf(groups: Record<string, string | undefined>): Kind {
  if (groups.string !== undefined) return "string";
  if (groups.name !== undefined) return "name";
  if (groups.literal !== undefined) return "literal";
  return groups.end !== undefined ? "end" : "other";
}

const BLOCK = /\/\*|\*\//g;

/** Where a comment ends that may have others in it. */
function blockEnd(sql: string, from: number): number {
  BLOCK.lastIndex = from;
  for (let depth = 0; ; ) {
    const mark = BLOCK.exec(sql);
    if (mark === null) return sql.length;
    depth += mark[0] === "/*" ? 1 : -1;
    if (depth === 0) return BLOCK.lastIndex;
  }
}

/** The statements of a text that may have several of them, trimmed, those that say nothing left out. */
export function splitStatements(sql: string): string[] {
  const first = sql.indexOf(";");
  if (first === -1 || sql.slice(first + 1).trim() === "" || /\bbegin\s+atomic\b/i.test(sql)) {
    const only = (first === -1 ? sql : sql.slice(0, first)).trim();
    return only === "" ? [] : [only];
  }
  const statements: string[] = [];
  let from = 0;
  let says = false;
  const cut = (to: number) => {
    if (says) statements.push(sql.slice(from, to).trim());
    from = to + 1;
    says = false;
  };
  tokens(sql, (kind, at) => {
    if (kind === "end") cut(at);
    else if (kind !== "space") says = true;
  });
  cut(sql.length);
  return statements;
}

/** What queries have in common that differ in their values only: literals are `?`, lists of them `(?)`, one space each. */
export function fingerprint(sql: string): string {
  let text = "";
  let space = false;
  tokens(sql, (kind, from, to) => {
    if (kind === "space" || kind === "end") {
      space = true;
      return;
    }
    if (space && text !== "") text += " ";
    space = false;
    if (kind === "string" || kind === "literal") text += "?";
    else text += kind === "name" && sql[from] !== '"' ? sql.slice(from, to).toLowerCase() : sql.slice(from, to);
  });
  return text.replace(/\( ?\?(?: ?, ?\?)* ?\)/g, "(?)");
}

const PASSWORD = /\bpassword\s+(?:[eE]?'(?:[^'\\]|\\[\s\S]|'')*'?|\$(\w*)\$[\s\S]*?(?:\$\1\$|$))/gi;

/** Passwords that a role is given aren't kept. */
export function withoutPasswords(sql: string): string {
  return /^\s*(?:create|alter)\s+(?:role|user|group)\b|\bpassword\s+'/i.test(sql)
    ? sql.replace(PASSWORD, "PASSWORD '…'")
    : sql;
}

const SAID = /\/\*[^*]*\btraceparent='([0-9a-f-]{55})'[^*]*\*\//;

/** The `traceparent` of a comment as sqlcommenter writes it; null without one. */
export function traceParentInSql(sql: string): string | null {
  return sql.includes("traceparent='") ? (SAID.exec(sql)?.[1] ?? null) : null;
}
