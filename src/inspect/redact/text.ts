import { replaceTokens } from "./jwt.ts";
import type { Names } from "./names.ts";

/** What stands for a credential. Always the same: its length says nothing. */
export const HIDDEN = "••••";

/** The user and password of a URL, wherever it stands in a text. */
const URL_PASSWORD = /(:\/\/[^\s:/?#@]*:)[^\s/?#"'<>]+(?=@)/g;
const JDBC_PASSWORD = /(\bjdbc:[a-z]+:[^\s"'<>]{0,500}[?&;]password=)[^\s&;#"'<>]+/gi;
/** Credentials that say so themselves (RFC 6750, RFC 7617, and the prefixes that vendors chose to be found by). */
const BEARER = /\b(bearer\s+)[\w.~+/-]{12,}=*/gi;
const BASIC = /\b(basic\s+)([A-Za-z0-9+/]{8,}={0,2})/gi;
const PREFIXED =
  /\b(?:sk-[\w-]{16,}|[rs]k_(?:live|test)_\w{8,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{10,}|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{35}|npm_\w{36})/g;
const PRIVATE_KEY = /(-----BEGIN [A-Z ]*PRIVATE KEY-----)[^-]+(?:-----END [A-Z ]*PRIVATE KEY-----)?/g;
/** `name=value` in an address, wherever it stands. */
const PARAMETER = /(^|[?&;#])([^\s=&?#;"'<>]{1,100})=([^\s&#;"'<>\\]+)/g;
/** `name: "value"`, `"name": "value"`, `name = 'value'`; in plain text also `name: value`. */
const QUOTED =
  /(["']?)([A-Za-z][\w.-]{1,60})\1(\s{0,9}[:=]\s{0,9})("{3}[\s\S]{0,2048}?"{3}|`[^`]{0,8192}`?|"(?:[^"\\\n]|\\.){0,8192}"?|'(?:[^'\\\n]|\\.){0,8192}'?)/g;
const BARE =
  /(["']?)\b([A-Za-z][\w.-]{1,60})\1(\s{0,9}=[\t ]{0,9}|[\t ]{0,9}:[\t ]{1,9}(?=[^\r\n]*)|:)((?<=:[\t ]+)[^\r\n"'<>]+|[^\s"'&;,<>{}()[\]]+)/g;

/** Empty, or hidden already. */
const NOTHING = /^(?:["']?(?:\w+ )?••••["']?|""|'')$/;

/** Called for every value that is hidden. */
type Count = () => void;

/** Without any of these there is nothing to find: most texts, and most strings in JSON, are done with here. */
const HINT = /[:=_-]|eyJ|bearer|basic|A[KS]IA|AIza/i;

/** Whether a text may hold a credential by its form, or assigned to a name. */
export function mayHide(text: string): boolean {
  return HINT.test(text);
}

/** Hides the passwords of URLs in a text: `postgres://ann:••••@127.0.0.1:61000/shop`, `jdbc:…?user=ann&password=••••`. */
export function hideUrlPasswords(text: string, hidden: string): string {
  if (!text.includes("://")) return text;
  return text.replace(URL_PASSWORD, `$1${hidden}`).replace(JDBC_PASSWORD, `$1${hidden}`);
}

/** Hides what looks like a credential in any text: by its own form, not by a name before it. */
export function hideForms(text: string, count: Count): string {
  const whole = () => {
    count();
    return HIDDEN;
  };
  const behind = (_: string, lead: string) => {
    count();
    return lead + HIDDEN;
  };
  let result = text;
  if (result.includes("://")) result = result.replace(URL_PASSWORD, behind);
  if (result.includes("eyJ")) result = replaceTokens(result, whole);
  if (/bearer\s/i.test(result)) result = result.replace(BEARER, behind);
  if (/basic\s/i.test(result)) {
    result = result.replace(BASIC, (all, lead: string, value: string) => {
      if (!Buffer.from(value, "base64").toString("latin1").includes(":")) return all;
      return behind("", lead);
    });
  }
  result = result.replace(PREFIXED, whole);
  if (result.includes("PRIVATE KEY")) result = result.replace(PRIVATE_KEY, behind);
  return result;
}

/**
 * Hides values of secret parameters in addresses that stand in a text: `/cb?code=••••&page=2`; and what `within` hides of
 * values that carry something themselves: an address, JSON.
 */
export function hideParameters(text: string, names: Names, count: Count, within: (value: string) => string): string {
  if (!text.includes("=")) return text;
  return text.replace(PARAMETER, (all, lead: string, name: string, value: string) => {
    if (value === HIDDEN) return all;
    // At a text's start it is any assignment: `code=5` says nothing there.
    if (names.isSecret(unescaped(name), lead === "" ? "field" : "address")) {
      count();
      return `${lead}${name}=${HIDDEN}`;
    }
    const said = unescaped(value);
    if (said === value) return all;
    const shown = within(said);
    return shown === said ? all : `${lead}${name}=${shown.replace(/[\s&#;"'<>\\]/g, encodeURIComponent)}`;
  });
}

/** Which values count that have no quotes: none, as in programs; those behind `=`, as in a sentence; all, as in YAML and logs. */
export type Bare = "none" | "equals" | "all";

/** Hides what is assigned to secret names. */
export function hideAssigned(text: string, names: Names, bare: Bare, count: Count): string {
  const hide = (all: string, quote: string, name: string, sign: string, value: string) => {
    if (NOTHING.test(value) || !names.isSecret(name, "field")) return all;
    count();
    const [mark = ""] = value;
    const around = /["'`]/.test(mark) ? mark : "";
    return `${quote}${name}${quote}${sign}${around}${HIDDEN}${around}`;
  };
  const quoted = text.replace(QUOTED, hide);
  if (bare === "none") return quoted;
  return quoted.replace(BARE, (all, quote, name, sign, value) =>
    bare === "equals" && sign.includes(":") ? all : hide(all, quote, name, sign, value),
  );
}

/** A name without its percent signs; as it is where they make no sense. */
export function unescaped(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
