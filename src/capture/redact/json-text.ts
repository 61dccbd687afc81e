import type { Names } from "./names.ts";
import { HIDDEN } from "./text.ts";

const SPACE = /\s/;
const PUNCTUATION = '{}[]:,"';

/**
 * Hides the values of secret names in JSON as it stands: layout, order and numbers stay, and it may be cut, broken, or
 * several values in a row. What is under a secret name is hidden to its last leaf.
 */
export function hideJson(text: string, names: Names, count: () => void, other: (text: string) => string): string {
  let result = "";
  /** For each open bracket: whether it is an object, and whether all in it is secret. */
  const open: { object: boolean; secret: boolean }[] = [];
  let name: string | null = null;
  let atName = false;

  for (let at = 0; at < text.length; ) {
    const sign = text[at] as string;
    const within = open.at(-1);
    if (sign === '"') {
      const end = stringEnd(text, at);
      const token = text.slice(at, end);
      at = end;
      if (atName) {
        name = unquoted(token);
        atName = false;
        result += token;
      } else result += leaf(token, true);
    } else if (PUNCTUATION.includes(sign)) {
      at++;
      result += sign;
      if (sign === "{" || sign === "[") {
        open.push({ object: sign === "{", secret: isSecret(within) });
        atName = sign === "{";
        name = null;
      } else if (sign === "}" || sign === "]") {
        open.pop();
        name = null;
        atName = false;
      } else if (sign === ",") {
        atName = within?.object === true;
        name = null;
      }
    } else if (SPACE.test(sign)) {
      at++;
      result += sign;
    } else {
      let end = at + 1;
      while (end < text.length && !SPACE.test(text[end] as string) && !PUNCTUATION.includes(text[end] as string)) end++;
      result += leaf(text.slice(at, end), false);
      at = end;
    }
  }
  return result;

  function isSecret(within: { secret: boolean } | undefined): boolean {
    return within?.secret === true || (name !== null && names.isSecret(name, "field"));
  }

  function leaf(token: string, quoted: boolean): string {
    const plain = quoted ? token.length > 2 : !/^(true|false|null)$/.test(token);
    if (!isSecret(open.at(-1)) || isCount(token)) return quoted ? inString(token) : other(token);
    if (!plain) return token;
    count();
    return `"${HIDDEN}"`;
  }

  /** `"prompt_tokens": 120` counts tokens. */
  function isCount(token: string): boolean {
    return name !== null && /tokens$/i.test(name) && /^\d+$/.test(token);
  }

  /** Credentials within a string; escapes may hide them. */
  function inString(token: string): string {
    if (!token.includes("\\")) return other(token);
    const value = unquoted(token);
    const shown = /^\s*[{[]/.test(value) ? hideJson(value, names, count, other) : other(value);
    return shown === value ? token : JSON.stringify(shown);
  }
}

/** Behind a string that begins at `from`: behind its closing quote, or the text's end. */
export function stringEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const sign = text[at];
    if (sign === "\\") at++;
    else if (sign === '"') return at + 1;
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
