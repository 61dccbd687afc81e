import { HIDDEN } from "../../../../src/inspect/redact/text.ts";
import type { RequestEdit } from "../../home/api.ts";

/** A request as it is edited. */
export interface Draft {
  readonly method: string;
  readonly target: string;
  /** A line each: `Accept: text/html`. */
  readonly headers: string;
  /** Null: it can't be edited here, and stays as it was. */
  readonly body: string | null;
}

interface Request {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | null;
}

export function draftOf({ method, target, headers, body }: Request): Draft {
  return { method, target, headers: headers.map(([name, value]) => `${name}: ${value}`).join("\n"), body };
}

/** What is other than it was, as home takes it; a text where it can't be sent: why. */
export function editOf(draft: Draft, before: Draft): RequestEdit | string {
  const method = draft.method.trim();
  const target = draft.target.trim();
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method)) return "a method is one word: GET, POST";
  if (!target.startsWith("/") || /\s/.test(target)) return "a path begins with / and has no blanks: /orders?page=2";
  const headers = headersIn(draft.headers);
  if (typeof headers === "string") return headers;
  return {
    ...(method !== before.method && { method }),
    ...(target !== before.target && { target }),
    ...(draft.headers !== before.headers && { headers }),
    ...(draft.body !== null && draft.body !== before.body && { body: withLineEnds(draft.body, before.body) }),
  };
}

function headersIn(text: string): [string, string][] | string {
  const found: [string, string][] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim();
    if (colon < 1 || /\s/.test(name))
      return `a header is a name, a colon and a value; this isn't: ${line.slice(0, 60)}`;
    found.push([name, line.slice(colon + 1).trim()]);
  }
  return found;
}

/** A text field makes every line end a plain one; what had CRLF (a multipart body) needs it. */
function withLineEnds(text: string, before: string | null): string {
  return before?.includes("\r\n") === true ? text.replace(/\r?\n/g, "\r\n") : text;
}

/** Whether something in a draft stands for a credential that is hidden. */
export function hides(draft: Draft): boolean {
  return [draft.target, draft.headers, draft.body ?? ""].some((text) => text.includes(HIDDEN));
}

/**
 * A draft with the credentials that its writer didn't see put back where they were left alone. `shown` and `real` are the
 * request with and without them hidden. Null: one was moved or changed, so that nobody knows which it stands for.
 */
export function unhide(draft: Draft, shown: Draft, real: Draft): Draft | null {
  const target = putBack(draft.target, shown.target, real.target, /([?&#])/);
  const headers = putBack(draft.headers, shown.headers, real.headers, /(\n)/);
  const body = draft.body === null ? "" : putBack(draft.body, shown.body ?? "", real.body ?? "", /([,&;{}[\]\n])/);
  if (target === null || headers === null || body === null) return null;
  return { method: draft.method, target, headers, body: draft.body === null ? null : body };
}

function putBack(text: string, shown: string, real: string, between: RegExp): string | null {
  if (!text.includes(HIDDEN)) return text;
  if (text === shown) return real;
  const before = shown.split(between);
  const meant = real.split(between);
  if (before.length !== meant.length) return null;
  const known = new Map(before.map((piece, at) => [piece, meant[at] ?? piece]));
  const pieces = text.split(between).map((piece) => (piece.includes(HIDDEN) ? known.get(piece) : piece));
  return pieces.includes(undefined) ? null : pieces.join("");
}
