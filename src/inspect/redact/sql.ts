import type { SqlValue } from "../../sql/reader.ts";
import { readValues, type SqlReading } from "../../sql/sql-values.ts";
import { sqlTokens, stringValue } from "../../sql/tokens.ts";
import type { Names } from "./names.ts";
import { HIDDEN } from "./text.ts";

/** Tokens of a statement that are looked at: more than a captured one has. */
const TOKENS_MOST = 100_000;
/** Functions that are given a secret. */
const TAKES_SECRET = /crypt|^hmac$|^gen_salt$/i;
/** Tables that may hold credentials, whatever their columns are called. */
const ACCOUNTS = /user|account|member|customer|login|auth|credential|session|secret|passw|token|(^|_)keys?$/i;
/** Columns that say nothing themselves: in a table of secrets they hold them. */
const VAGUE = /^(?:value|val|hash|hashed|digest|data|key|salt|content)$/i;
/** What is no credential, as far as can be seen. */
const HARMLESS =
  /^(?:t|f|true|false|\d{1,3}|[^\s@]{1,64}@[^\s@]+\.[^\s@]{2,}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|\d{4}-\d\d-\d\d(?:[T ][\d:.]+ ?(?:Z|[+-]\d\d(?::?\d\d)?)?)?)$/i;

/** What a statement says about credentials in it. */
interface Judgement {
  readonly isSecret: (value: SqlValue) => boolean;
  /** Nothing says what it is, in a statement that may carry credentials. */
  readonly isDoubtful: (value: SqlValue) => boolean;
  readonly reading: SqlReading;
  /** Names that stand for a credential in this statement alone: aliases. */
  readonly isSecretName: (name: string) => boolean;
}

let last: { readonly sql: string; readonly names: Names; readonly judgement: Judgement | null } | null = null;

/** Null: no credentials are to be found by what it says. Asked for one statement several times in a row. */
function judge(sql: string, names: Names): Judgement | null {
  if (last !== null && last.sql === sql && last.names === names) return last.judgement;
  const may = names.mayStandIn(sql) || ACCOUNTS.test(sql) || /crypt|^\s*execute\b/i.test(sql) || isUnknown(sql);
  const judgement = may ? judgementOf(readValues(sqlTokens(sql, TOKENS_MOST)), names, isUnknown(sql)) : null;
  last = { sql, names, judgement };
  return judgement;
}

/** A prepared statement of which only the name is known. */
function isUnknown(sql: string): boolean {
  return /^[\w.:-]+$/.test(sql) && !/^(?:begin|commit|rollback|end|abort)$/i.test(sql);
}

function judgementOf(reading: SqlReading, names: Names, unknown: boolean): Judgement {
  const aliases = new Set<string>();
  const isSecretName = (name: string) => aliases.has(name) || (name.length < 200 && names.isSecret(name, "field"));
  for (const { alias, of } of reading.aliases) if (of.some(isSecretName)) aliases.add(alias);
  const { table } = reading;
  const ofSecrets = table !== null && names.isSecret(table, "field");
  const speaks =
    reading.names.some(isSecretName) || unknown || (reading.blind && (table === null || ACCOUNTS.test(table)));
  const takesSecret = ({ calls }: SqlValue) => calls.some((call) => TAKES_SECRET.test(call) || isSecretName(call));
  return {
    reading,
    isSecretName,
    isSecret: ({ names: said, key }) =>
      (key !== null && isSecretName(key)) || said.some((name) => isSecretName(name) || (ofSecrets && VAGUE.test(name))),
    isDoubtful: (value) => takesSecret(value) || (value.names.length === 0 && speaks),
  };
}

/** Hides the literals of a statement that are put into, or compared with, what is named like a credential. */
export function hideSql(sql: string, names: Names, count: () => void, other: (text: string) => string): string {
  const judgement = judge(sql, names);
  if (judgement === null) return other(sql);
  let shown = "";
  let from = 0;
  for (const value of judgement.reading.values) {
    const { kind, text, from: begins, to } = value.token;
    if (kind === "parameter" || text === "''" || !isHidden(judgement, value, names)) continue;
    shown += other(sql.slice(from, begins)) + (kind === "string" ? `'${HIDDEN}'` : HIDDEN);
    from = to;
    count();
  }
  return shown + other(sql.slice(from));
}

function isHidden({ isSecret, isDoubtful }: Judgement, value: SqlValue, names: Names): boolean {
  if (value.token.kind === "number") return isSecret(value);
  const text = stringValue(value.token);
  // `'password'` in `jsonb_build_object('password', …)` is a key.
  const isKey = /^[\w.{}-]{1,60}$/.test(text) && names.isSecret(text, "field") && value.calls.length > 0;
  if (isKey && !/^passw/i.test(value.names[0] ?? "")) return false;
  return isSecret(value) || (isDoubtful(value) && !HARMLESS.test(text));
}

/** Hides the parameters of a statement that are put into, or compared with, what is named like a credential. */
export function hideParams(
  sql: string,
  params: readonly (string | null)[],
  names: Names,
  count: () => void,
  other: (text: string) => string,
): (string | null)[] {
  const judgement = judge(sql, names);
  const uses = new Map<number, SqlValue[]>();
  for (const value of judgement?.reading.values ?? []) {
    if (value.token.kind !== "parameter") continue;
    const at = Number(value.token.text.slice(1)) - 1;
    const known = uses.get(at);
    if (known === undefined) uses.set(at, [value]);
    else known.push(value);
  }
  return params.map((param, n) => {
    if (param === null || param === "") return param;
    if (judgement === null || !isParamHidden(judgement, uses.get(n), param)) return other(param);
    count();
    return HIDDEN;
  });
}

/** Of one that isn't seen in the text, which may be cut, nothing is known. */
function isParamHidden(
  { isSecret, isDoubtful }: Judgement,
  uses: readonly SqlValue[] | undefined,
  param: string,
): boolean {
  const all = uses ?? [UNSEEN];
  return all.some(isSecret) || (all.every(isDoubtful) && !HARMLESS.test(param));
}

const UNSEEN: SqlValue = { token: { kind: "parameter", text: "", from: 0, to: 0 }, names: [], calls: [], key: null };

/** Hides the values of a result's columns that are named like a credential, or made of such columns. */
export function hideRows(
  sql: string,
  columns: readonly string[],
  rows: readonly (readonly (string | null)[])[],
  names: Names,
  count: () => void,
  other: (text: string) => string,
): (string | null)[][] {
  const judgement = judge(sql, names);
  const { isSecretName = (name: string) => names.isSecret(name, "field"), reading } = judgement ?? {};
  const made = reading?.result?.length === columns.length ? reading.result : null;
  const secret = columns.map((name, n) => isSecretName(name) || made?.[n]?.some(isSecretName) === true);
  return rows.map((row) =>
    row.map((value, n) => {
      if (value === null || value === "") return value;
      if (secret[n] !== true || /^[tf]$/.test(value)) return other(value);
      count();
      return HIDDEN;
    }),
  );
}
