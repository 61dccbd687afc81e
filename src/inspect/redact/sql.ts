import type { Names } from "./names.ts";
import { HIDDEN } from "./text.ts";

const WORD = /[A-Za-z_][\w$]*/g;
/** A string in SQL: with doubled quotes, with backslashes after E, or between dollar signs. */
const STRING = /\b[eE]'(?:[^'\\]|\\.|'')*'?|'(?:[^']|'')*'?|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\1\$|$)/g;

/** Whether a statement speaks of a column (or a role's password) that is named like a credential. */
function speaksOfSecrets(sql: string, names: Names): boolean {
  for (const [word] of sql.replace(STRING, "''").matchAll(WORD)) {
    if (word.length < 64 && names.isSecret(word, "field")) return true;
  }
  return false;
}

/** Hides the strings of statements that speak of secrets: which of them is the password, only a parser of SQL could say. */
export function hideSql(sql: string, names: Names, count: () => void, other: (text: string) => string): string {
  if (!speaksOfSecrets(sql, names)) return other(sql);
  return other(sql).replace(STRING, (text) => {
    if (text === "''") return text;
    count();
    return `'${HIDDEN}'`;
  });
}

/** Hides the parameters of statements that speak of secrets; NULL and numbers of few digits say nothing. */
export function hideParams(
  sql: string,
  params: readonly (string | null)[],
  names: Names,
  count: () => void,
  other: (text: string) => string,
): (string | null)[] {
  const secret = speaksOfSecrets(sql, names);
  return params.map((param) => {
    if (param === null || param === "") return param;
    if (!secret) return other(param);
    count();
    return HIDDEN;
  });
}
