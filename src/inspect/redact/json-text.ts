import type { Names } from "./names.ts";
import { HIDDEN } from "./text.ts";

/**
 * Hides the values of secret names in JSON as it stands: layout, order and numbers stay, and it may be cut, broken, or
 * several values in a row. What is under a secret name is hidden to its last leaf.
 * `broken` is called where it is no JSON: names may stand anywhere in it then.
 */
export function hideJson(
  text: string,
  names: Names,
  count: () => void,
  other: (text: string) => string,
  broken: () => void,
): string {
  let result = "";
  /** For each open bracket: whether it is an object, and whether all in it is secret. */
  const open: { object: boolean; secret: boolean }[] = [];
  let name: string | null = null;
  let atName = false;
  /** A name was just read: here alone a colon may stand. */
  let atColon = false;

  for (let at = 0, end = 0; at < text.length; at = end) {
    end = tokenEnd(text, at);
    const token = text.slice(at, end);
    const [sign = ""] = token;
    const within = open.at(-1);
    if (sign === ":" && !atColon) broken();
    if (token.trim() !== "") atColon = sign === '"' && atName;
    if (sign === '"') {
      if (atName) {
        name = unquoted(token);
        atName = false;
        result += token;
      } else result += leaf(token, true);
    } else if (sign === "{" || sign === "[") {
      open.push({ object: sign === "{", secret: isSecret(within) });
      atName = sign === "{";
      name = null;
      result += sign;
    } else if (sign === "}" || sign === "]") {
      open.pop();
      name = null;
      atName = false;
      result += sign;
    } else if (sign === ",") {
      atName = within?.object === true;
      // The elements of a list are what its name says.
      name = null;
      result += sign;
    } else if (sign === ":" || token.trim() === "") result += token;
    else result += leaf(token, false);
  }
  return result;

  function isSecret(within: { secret: boolean } | undefined): boolean {
    return within?.secret === true || (name !== null && names.isSecret(name, "field"));
  }

  function leaf(token: string, quoted: boolean): string {
    const plain = quoted ? token.length > 2 : !/^(true|false|null)$/.test(token);
    if (!quoted && !WORD.test(token)) broken();
    if (!isSecret(open.at(-1)) || isCount(token)) return quoted ? inString(token) : other(token);
    if (!plain) return token;
    count();
    return `"${HIDDEN}"`;
  }

  /** `"prompt_tokens": 120` counts tokens, `"pass": 12` tests. */
  function isCount(token: string): boolean {
    return name !== null && /(?:tokens|^pass)$/i.test(name) && /^\d+$/.test(token);
  }

  /** Credentials within a string; escapes may hide them. */
  function inString(token: string): string {
    if (!token.includes("\\")) {
      const end = token.length > 1 && token.endsWith('"') ? token.length - 1 : token.length;
      return `"${other(token.slice(1, end))}${token.slice(end)}`;
    }
    const value = unquoted(token);
    const shown = /^\s*[{[]/.test(value) ? hideJson(value, names, count, other, broken) : other(value);
    return shown === value ? token : JSON.stringify(shown);
  }
}

/** What may stand without quotes. */
const WORD = /^(?:true|false|null|-?\d[\d.eE+-]*)$/;
const TOKEN = /[\s]+|[^\s{}[\]:,"]+/y;

/** Where the token of JSON that begins at `from` ends: a string, a run of blanks, a sign, or a word. */
export function tokenEnd(text: string, from: number): number {
  const sign = text[from];
  if (sign === '"') return stringEnd(text, from);
  TOKEN.lastIndex = from;
  return TOKEN.test(text) ? TOKEN.lastIndex : from + 1;
}

/** Behind its closing quote, or the text's end. */
function stringEnd(text: string, from: number): number {
  for (let quote = text.indexOf('"', from + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let slashes = quote;
    while (text[slashes - 1] === "\\" && slashes - 1 > from) slashes--;
    if ((quote - slashes) % 2 === 0) return quote + 1;
  }
  return text.length;
}

/** What a string in JSON says; as it stands where it is cut or broken. */
function unquoted(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    return token.replace(/^"|"$/g, "");
  }
}
