import type { Names } from "./names.ts";
import { HIDDEN } from "./text.ts";

/** `<password>x</password>`, with attributes, without elements inside. */
const ELEMENT =
  /<([A-Za-z][\w:.-]{0,60})((?:\s[^<>]{0,500})?)>((?:<!\[CDATA\[[\s\S]{0,2048}?\]\]>|[^<])+)(?=<\/\1\s*>)/g;
/** `<input name="csrf_token" value="x">`, `<meta name="csrf-token" content="x">`, `<add key="apiKey" value="x"/>`. */
const NAMED = /<[A-Za-z][^<>]{0,2000}>/g;
const NAME = /\s(?:name|id|key|property)\s*=\s*["']?([^\s"'>]+)/gi;
const PASSWORD = /\stype\s*=\s*["']?password\b/i;
const VALUE = /(\s(?:value|content)\s*=\s*)("[^"]+"|'[^']+'|[^\s"'>]+)/i;

/** JSON in an attribute: `data-page="{&quot;token&quot;:&quot;x&quot;}"`. */
const ESCAPED = /(&quot;|&#34;|&#x22;)([\w.-]{1,60})\1(\s*:\s*)\1((?:(?!\1)[^<>]){1,8192})\1/g;

/** Hides secret elements, and the values of tags that are named like a credential. */
export function hideMarkup(text: string, names: Names, count: () => void): string {
  const elements = text.replace(ELEMENT, (all, name: string, attributes: string, content: string) => {
    // <token:id> and <wsse:Password>: the prefix says nothing.
    if (content.trim() === "" || content === HIDDEN || !names.isSecret(name.replace(/^.*:/, ""), "field")) return all;
    count();
    return `<${name}${attributes}>${HIDDEN}`;
  });
  const attributes = elements.replace(ESCAPED, (all, quote: string, name: string, sign: string, value: string) => {
    if (value === HIDDEN || !names.isSecret(name, "field")) return all;
    count();
    return `${quote}${name}${quote}${sign}${quote}${HIDDEN}${quote}`;
  });
  return attributes.replace(NAMED, (tag) => {
    const value = VALUE.exec(tag)?.[2]?.replace(/["']/g, "") ?? HIDDEN;
    if (value === HIDDEN) return tag;
    const secret = PASSWORD.test(tag) || [...tag.matchAll(NAME)].some(([, name = ""]) => names.isSecret(name, "field"));
    if (!secret) return tag;
    count();
    return tag.replace(VALUE, (_, lead: string) => `${lead}"${HIDDEN}"`);
  });
}
