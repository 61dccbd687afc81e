import type { CapturePolicy } from "../../capture/edge.ts";
import { hideJson } from "./json-text.ts";
import { hideMarkup } from "./markup.ts";
import { type Names, namesOf, type Place } from "./names.ts";
import { hideRedis } from "./redis.ts";
import { hideParams, hideRows, hideSql } from "./sql.ts";
import { type Bare, HIDDEN, hideAssigned, hideForms, hideParameters, mayHide, unescaped } from "./text.ts";

/** Hides credentials in what is shown of an exchange, and counts them. */
export interface Redactor {
  /** A raw head, its first line too. */
  readonly head: (head: string) => string;
  /** A header field's value. */
  readonly header: (name: string, value: string) => string;
  /** A request's target, or a whole URL. */
  readonly target: (target: string) => string;
  /** The value of a named field: of a form, a query, a part. */
  readonly value: (name: string, value: string, place: Place) => string;
  /** Any text. `bare`: it has assignments without quotes that count: a log, YAML, plain text. */
  readonly text: (text: string, bare: boolean) => string;
  /** A text whose form nobody stated: JSON by how it begins, else plain. */
  readonly any: (text: string) => string;
  /** Base64; null where credentials show in the bytes, since they can't be hidden in them. */
  readonly bytes: (bytes: Buffer) => string | null;
  /** JSON in any layout, cut or broken too. */
  readonly json: (text: string) => string;
  /** HTML and XML: secret elements, attributes, fields of forms. */
  readonly markup: (text: string) => string;
  readonly sql: (sql: string) => string;
  readonly params: (sql: string, params: readonly (string | null)[]) => (string | null)[];
  /** Values of a statement's result, by its columns. */
  readonly rows: (
    sql: string,
    columns: readonly string[],
    rows: readonly (readonly (string | null)[])[],
  ) => (string | null)[][];
  readonly redis: (command: string, args: readonly string[]) => string[];
  /** A redis command's reply: nothing is shown of one about a secret key. */
  readonly reply: (command: string, args: readonly string[], reply: string | null) => string | null;
  /** How many values were hidden so far. */
  readonly hidden: () => number;
}

const NO_MORE: readonly string[] = [];

/** For one exchange's view; `policy` may name more that is to be hidden. */
export function redactorOf(policy: Pick<CapturePolicy, "redact">): Redactor {
  const names = namesOf(policy.redact ?? NO_MORE);
  let hidden = 0;
  const count = () => {
    hidden++;
  };
  // How deep URLs within URLs are searched.
  const target = (value: string, depth = 0): string =>
    hideParameters(hideForms(value, count), names, count, (inner) =>
      depth < 3 ? hideAssigned(target(inner, depth + 1), names, "none", count) : HIDDEN,
    );
  const within = (value: string, bare: Bare) => {
    if (!mayHide(value)) return value;
    const shown = target(value);
    return names.mayStandIn(shown) ? hideAssigned(shown, names, bare, count) : shown;
  };
  const text = (value: string, bare: boolean) => within(value, bare ? "all" : "none");
  const json = (value: string) => {
    let whole = true;
    const broken = () => {
      whole = false;
    };
    const shown = hideJson(value, withVariables(names, value), count, (inner) => within(inner, "equals"), broken);
    return whole ? shown : text(shown, true);
  };
  const any = (value: string) => (/^\s*[{[]/.test(value) ? json(value) : text(value, true));
  const header = (name: string, value: string) => hideHeader(name, value, names, count, (one) => text(one, false));
  return {
    head: (head) =>
      head
        .split("\r\n")
        .map((line, n) => {
          const colon = line.indexOf(":");
          if (n === 0 || colon < 1) return target(line);
          const name = line.slice(0, colon);
          const start = /^:[\t ]*/.exec(line.slice(colon))?.[0] ?? ":";
          return name + start + header(name, line.slice(colon + start.length));
        })
        .join("\r\n"),
    header,
    target,
    value: (name, value, place) => {
      if (value === "" || !names.isSecret(name, place))
        return /^\s*[{[]/.test(value) ? json(value) : text(value, false);
      count();
      return HIDDEN;
    },
    text,
    any,
    bytes: (value) => {
      const said = value.toString("latin1");
      return text(said, true) === said ? value.toString("base64") : null;
    },
    json,
    markup: (value) => hideMarkup(text(value, false), names, count),
    sql: (sql) => hideSql(sql, names, count, (inner) => hideForms(inner, count)),
    params: (sql, params) => hideParams(sql, params, names, count, any),
    rows: (sql, columns, rows) => hideRows(sql, columns, rows, names, count, any),
    redis: (command, args) => hideRedis(command, args, names, count, any),
    reply: (_, args, reply) => {
      if (reply === null || reply === "OK" || /^\(/.test(reply)) return reply === null ? null : text(reply, true);
      if (!args.some((arg) => names.isSecret(arg.slice(0, 200), "field"))) return text(reply, true);
      count();
      return HIDDEN;
    },
    hidden: () => hidden,
  };
}

const VARIABLE = /([A-Za-z_]\w{0,60})\s{0,9}:\s{0,9}\$(\w{1,60})/g;

/** GraphQL: in `login(password: $p)` the variable `p` is a credential. */
function withVariables(names: Names, json: string): Names {
  if (!json.includes('"variables"') || !json.includes("$")) return names;
  const secret = new Set<string>();
  for (const [, argument = "", variable = ""] of json.matchAll(VARIABLE))
    if (names.isSecret(argument, "field")) secret.add(variable);
  if (secret.size === 0) return names;
  return { ...names, isSecret: (name, place) => secret.has(name) || names.isSecret(name, place) };
}

/** Shows everything. */
export const REVEALED: Redactor = {
  head: (head) => head,
  header: (_, value) => value,
  target: (target) => target,
  value: (_, value) => value,
  text: (text) => text,
  any: (text) => text,
  bytes: (bytes) => bytes.toString("base64"),
  json: (text) => text,
  markup: (text) => text,
  sql: (sql) => sql,
  params: (_, params) => [...params],
  rows: (_, __, rows) => rows.map((row) => [...row]),
  redis: (_, args) => [...args],
  reply: (_, __, reply) => reply,
  hidden: () => 0,
};

const AUTHORIZATION = /^(proxy-)?authorization$/i;

function hideHeader(
  name: string,
  value: string,
  names: Names,
  count: () => void,
  other: (value: string) => string,
): string {
  const lower = name.toLowerCase();
  if (value === "") return value;
  if (AUTHORIZATION.test(lower)) {
    count();
    const scheme = /^([A-Za-z][\w-]*) +\S/.exec(value)?.[1];
    return scheme === undefined ? HIDDEN : `${scheme} ${HIDDEN}`;
  }
  if (lower === "cookie" || lower === "cookie2") {
    return value
      .split(";")
      .map((pair) => hidePair(pair, count))
      .join(";");
  }
  if (lower === "set-cookie" || lower === "set-cookie2") {
    const end = value.indexOf(";");
    return end === -1 ? hidePair(value, count) : hidePair(value.slice(0, end), count) + value.slice(end);
  }
  // Names of fields that speak about credentials and hold none.
  if (/^(access-control-|sec-websocket-(key|accept)$|sec-token-binding$|www-authenticate$)/.test(lower)) return value;
  if (names.isSecret(unescaped(name), "field")) {
    count();
    return HIDDEN;
  }
  return other(value);
}

/** A cookie's value; one without a name is all value. */
function hidePair(pair: string, count: () => void): string {
  const sign = pair.indexOf("=");
  const value = pair.slice(sign + 1).trim();
  if (value === "") return pair;
  count();
  if (sign === -1) return pair.replace(value, () => HIDDEN);
  return pair.slice(0, sign + 1) + HIDDEN;
}
