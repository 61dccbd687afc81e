import { createHash } from "node:crypto";
import { type CapturedBody, keptBytes } from "../../capture/body.ts";
import type { HttpExchange } from "../../capture/exchange.ts";
import { fieldOf } from "../../capture/heads.ts";

/** What of an exchange is its request. */
export type Asked = Pick<HttpExchange, "method" | "target" | "requestHead" | "requestBody">;

export interface RequestKey {
  readonly method: string;
  readonly path: string;
  /** In an order of their own, so that `?a=1&b=2` and `?b=2&a=1` are the same. */
  readonly query: readonly (readonly [string, string])[];
}

export function keyOf({ method, target }: Pick<Asked, "method" | "target">): RequestKey {
  const mark = target.indexOf("?");
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? "" : target.slice(mark + 1));
  query.sort();
  return { method, path, query: [...query] };
}

export const keyText = ({ method, path, query }: RequestKey): string => JSON.stringify([method, path, query]);

/** A request's body in a form in which equal ones are the same text. */
export interface BodyForm {
  /** What it was read as; `cut`: bytes are missing, it can only be compared by its beginning. */
  readonly form: "none" | "json" | "fields" | "bytes" | "cut";
  readonly text: string;
}

const NONE: BodyForm = { form: "none", text: "" };

/** GET and HEAD have no body that means anything (RFC 9110 §9.3.1). */
export function bodyFormOf({ method, requestHead, requestBody }: Asked): BodyForm {
  if (method === "GET" || method === "HEAD" || requestBody === null || requestBody.size === 0) return NONE;
  const bytes = keptBytes(requestBody);
  if (requestBody.keptSize < requestBody.size) return cutForm(requestBody.size, bytes);
  const type = (fieldOf(requestHead, "content-type") ?? "").toLowerCase();
  if (/[/+]json\b/.test(type)) {
    const json = orderedJson(bytes);
    if (json !== null) return { form: "json", text: json };
  }
  if (type.startsWith("application/x-www-form-urlencoded")) {
    const fields = new URLSearchParams(bytes.toString("utf8"));
    fields.sort();
    return { form: "fields", text: fields.toString() };
  }
  const boundary = /boundary="?([^";]+)"?/i.exec(fieldOf(requestHead, "content-type") ?? "")?.[1];
  // Each upload has a new random boundary.
  const text = boundary === undefined ? bytes : bytes.toString("latin1").replaceAll(boundary, "boundary");
  return { form: "bytes", text: createHash("sha256").update(text).digest("base64") };
}

/** True where a body is the one that was recorded, as far as that was kept. */
export function sameBody(recorded: BodyForm, asked: BodyForm, body: CapturedBody | null, kept: number): boolean {
  if (recorded.form !== "cut") return recorded.form === asked.form && recorded.text === asked.text;
  return body !== null && cutForm(body.size, keptBytes(body).subarray(0, kept)).text === recorded.text;
}

function cutForm(size: number, kept: Buffer): BodyForm {
  return { form: "cut", text: `${size} ${createHash("sha256").update(kept).digest("base64")}` };
}

/** Null: it is none, or nested too deeply. */
function orderedJson(bytes: Buffer): string | null {
  try {
    return JSON.stringify(ordered(JSON.parse(bytes.toString("utf8"))));
  } catch {
    return null;
  }
}

/** The same with all objects' members in one order. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, ordered(member)]),
  );
}

/** Requests that are the same, and what they were answered with, in order. */
export interface Variant {
  readonly key: RequestKey;
  readonly body: BodyForm;
  /** The first of them, and its status. */
  readonly sample: Asked;
  readonly status: number | null;
  readonly answers: HttpExchange[];
  /** How often each kind of it was asked for: plain, conditional, a range. */
  readonly asked: Map<string, number>;
}
