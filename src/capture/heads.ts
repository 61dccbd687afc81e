import { isUtf8 } from "node:buffer";

/** Looks into raw heads (latin1, from the first line to the empty one), as the recorder keeps them. */

/** The fields in order, names as written, blanks around values gone. */
export function fieldsOf(head: string): [string, string][] {
  const fields: [string, string][] = [];
  for (const line of head.split("\r\n").slice(1)) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return fields;
}

const FINDERS = new Map<string, RegExp>();

/** A field's first value; null without one. `name` is one of the program's own. */
export function fieldOf(head: string | null, name: string): string | null {
  if (head === null) return null;
  let finder = FINDERS.get(name);
  if (finder === undefined) {
    finder = new RegExp(`\\r\\n${name}:[\\t ]*([^\\r\\n]*)`, "i");
    FINDERS.set(name, finder);
  }
  return finder.exec(head)?.[1]?.trim() ?? null;
}

/** `HTTP/1.1` and `Not Found` of `HTTP/1.1 404 Not Found`. */
export function statusLine(head: string | null): { version: string; text: string } {
  const [, version = "", text = ""] = /^(\S+) \d+ ?([^\r\n]*)/.exec(head ?? "") ?? [];
  return { version, text };
}

/** `HTTP/1.1` of a request. */
export function requestVersion(head: string): string {
  return /^[^\r\n]* (HTTP\/[\d.]+)\r\n/.exec(head)?.[1] ?? "HTTP/1.1";
}

/** The whole address that was asked for: `http://api.shop.localhost/orders?page=2`. */
export function urlOf({ host, target }: { host: string; target: string }): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) return target;
  return target === "*" ? `http://${host}` : `http://${host}${target}`;
}

/** What a field's value says: heads are kept as bytes (latin1), and most write UTF-8 today. */
export function readable(value: string): string {
  if (/^[\0-\x7f]*$/.test(value)) return value;
  const bytes = Buffer.from(value, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : value;
}
