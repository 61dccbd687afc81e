/** One statement of an SQL file. */
export interface Statement {
  /** From its first word up to its semicolon. */
  readonly text: string;
  /** The file's line that it begins on, from 1. */
  readonly line: number;
  /** The lines that follow `COPY … FROM stdin`, without the closing `\.`. */
  readonly data?: string;
  /** One of psql's own commands (`\connect shop`), which no server understands. */
  readonly meta?: true;
}

/**
 * Cuts an SQL file into statements as psql does: at semicolons outside quotes, dollar quotes, comments, parentheses and
 * SQL-standard function bodies (`BEGIN ATOMIC … END`). One by one, each error has a line, and statements that refuse to
 * share a transaction (`CREATE INDEX CONCURRENTLY`) work.
 */
export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  const lineAt = lineCounter(sql);
  /** Where the statement being read begins; -1 between statements. */
  let start = -1;
  let parentheses = 0;
  let bodies = 0;
  let words: string[] = [];

  const close = (end: number): string => {
    const text = sql.slice(start, end);
    statements.push({ text, line: lineAt(start) });
    [start, parentheses, bodies, words] = [-1, 0, 0, []];
    return text;
  };

  for (let at = sql.startsWith("\uFEFF") ? 1 : 0; at < sql.length; ) {
    const skipped = matchAt(/\s+|--[^\n]*/y, sql, at)?.length ?? commentLength(sql, at);
    if (skipped > 0) {
      at += skipped;
      continue;
    }
    if (start === -1) {
      const meta = matchAt(/\\[^\n]*/y, sql, at);
      if (meta !== null) {
        statements.push({ text: meta.trimEnd(), line: lineAt(at), meta: true });
        at += meta.length;
        continue;
      }
      if (sql.charAt(at) === ";") {
        at++;
        continue;
      }
      start = at;
    }
    const token = tokenAt(sql, at);
    at += token.length;
    if (token === "(") parentheses++;
    else if (token === ")") parentheses = Math.max(0, parentheses - 1);
    else if (token === ";" && parentheses === 0 && bodies === 0) {
      const text = close(at);
      if (/^copy\s[\s\S]*\bfrom\s+stdin\b/i.test(text)) at = takeData(sql, at, statements);
    } else if (/^[a-z]/i.test(token)) {
      const word = token.toLowerCase();
      words.push(word);
      bodies = Math.max(0, bodies + depthChange(words, bodies));
    }
  }
  if (start !== -1) close(sql.length);
  return statements;
}

const TOKEN = new RegExp(
  [
    /[eE]'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*(?:'|$)/,
    /'[^']*(?:''[^']*)*(?:'|$)/,
    /"[^"]*(?:""[^"]*)*(?:"|$)/,
    /[\p{L}_][\p{L}\p{N}_$]*/u,
    /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/u,
  ]
    .map(({ source }) => source)
    .join("|"),
  "uy",
);

/** A quoted text, a word, or one character. */
function tokenAt(sql: string, at: number): string {
  const token = matchAt(TOKEN, sql, at) ?? sql.charAt(at);
  if (!/^\$.*\$$/.test(token)) return token;
  const end = sql.indexOf(token, at + token.length);
  return sql.slice(at, end === -1 ? sql.length : end + token.length);
}

/** A block comment's length, with those nested in it; 0 when none begins here. */
function commentLength(sql: string, at: number): number {
  if (!sql.startsWith("/*", at)) return 0;
  const mark = /\/\*|\*\//g;
  mark.lastIndex = at;
  for (let depth = 0; ; ) {
    const found = mark.exec(sql);
    if (found === null) return sql.length - at;
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return mark.lastIndex - at;
  }
}

/** `create function … begin atomic … case … end … end`: as psql counts them. */
function depthChange(words: readonly string[], depth: number): number {
  const [first, second, third, fourth] = words;
  const what = second === "or" && third === "replace" ? fourth : second;
  if (first !== "create" || (what !== "function" && what !== "procedure")) return 0;
  const word = words.at(-1);
  if (word === "atomic" && words.at(-2) === "begin") return 1;
  if (depth === 0) return 0;
  return word === "case" ? 1 : word === "end" ? -1 : 0;
}

/** Gives the last statement its data; returns where the file goes on. */
function takeData(sql: string, at: number, statements: Statement[]): number {
  const copy = statements.pop();
  const from = sql.indexOf("\n", at) + 1;
  if (copy === undefined || from === 0) return sql.length;
  const close = /^\\\.\r?$/m;
  const rest = sql.slice(from);
  const found = close.exec(rest);
  const data = found === null ? rest : rest.slice(0, found.index);
  statements.push({ ...copy, data });
  return found === null ? sql.length : from + found.index + found[0].length;
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

/** Line numbers of rising offsets, each newline counted once. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let counted = 0;
  return (offset) => {
    for (let next = text.indexOf("\n", counted); next !== -1 && next < offset; next = text.indexOf("\n", counted)) {
      line++;
      counted = next + 1;
    }
    return line;
  };
}
