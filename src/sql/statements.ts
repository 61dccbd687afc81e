/** One token of SQL as Postgres reads it. What isn't closed reaches to the end, so that each character is looked at once. */
const TOKEN = new RegExp(
  [
    /(?<space>\s+|--[^\n]*)/,
    /(?<block>\/\*)/,
    /(?:[eE]'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*(?:'|$)|'[^']*(?:''[^']*)*(?:'|$)|\$(?<tag>[A-Za-z_]\w*|)\$[\s\S]*?(?:\$\k<tag>\$|$))/,
    /(?:"[^"]*"?|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\$?\d+)/,
    /(?<end>;)|[\s\S]/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "y",
);

type Kind = "space" | "end" | "other";

/** Tells of each token where it begins: comments are space. */
function tokens(sql: string, tell: (kind: Kind, at: number) => void): void {
  for (let at = 0; at < sql.length; ) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(sql)?.groups ?? {};
    const block = groups.block !== undefined;
    tell(block || groups.space !== undefined ? "space" : groups.end !== undefined ? "end" : "other", at);
    at = block ? blockEnd(sql, at) : TOKEN.lastIndex;
  }
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
