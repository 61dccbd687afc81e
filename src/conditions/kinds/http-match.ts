import { type Matcher, pathGlob } from "../../text/glob.ts";
import type { ConditionBase } from "./condition.ts";
import type { Field } from "./field.ts";

/** What every condition about HTTP has. What is left out matches all. */
export interface HttpCondition extends ConditionBase {
  /**
   * `/api/*`, `/api/**`: one segment, or any number of them; several with | between. Compared without the query, by RFC 3986 §6.2.2:
   * `é` is `%C3%A9` is `%c3%a9`, `%41` is `A`, while `%2F` is no `/` (it belongs to its segment, so that `*` matches it). `.` and `..`
   * stay as they were sent.
   */
  readonly path?: string;
  /** `POST`, `PUT|PATCH`. */
  readonly method?: string;
  /** The Host that was asked for, without port: `*.shop.localhost`. */
  readonly host?: string;
}

/** The parameters that say which requests are meant. */
export const MATCH = {
  path: { type: "text", about: "paths: /api/* one segment, /api/** all below, several with |" },
  method: { type: "text", about: "methods: POST, PUT|PATCH" },
  host: { type: "text", about: "hosts: *.shop.localhost" },
} as const satisfies Readonly<Record<string, Field>>;

/** What can't match anything. */
export function checkMatch({ path, method }: HttpCondition): string | null {
  const wrongGlob = path?.split("|").find((one) => !/^[/*]/.test(one));
  if (wrongGlob !== undefined) return `a path begins with / or *, not '${wrongGlob}'`;
  if (path?.includes("?") || path?.includes("#")) return "a path is matched without ? and what follows it";
  return method === undefined || /^[A-Za-z|-]+$/.test(method) ? null : `'${method}' is no method`;
}

interface Asked {
  readonly method: string;
  /** With its query. */
  readonly target: string;
  /** Lower case, without port. */
  readonly host: string;
}

export function matchesRequest({ path, method, host }: HttpCondition, asked: Asked): boolean {
  if (method !== undefined && !method.toUpperCase().split("|").includes(asked.method)) return false;
  if (host !== undefined && !matcher(host.toLowerCase())(asked.host)) return false;
  if (path === undefined) return true;
  const query = asked.target.indexOf("?");
  const sent = query < 0 ? asked.target : asked.target.slice(0, query);
  return matcher(normalPattern(path))(normalPath(sent));
}

/** Matchers that were made; a config has a handful. */
const made = new Map<string, Matcher>();
const MADE_MOST = 1_000;

function matcher(globs: string): Matcher {
  const known = made.get(globs);
  if (known !== undefined) return known;
  const matches = pathGlob(globs);
  if (made.size >= MADE_MOST) made.clear();
  made.set(globs, matches);
  return matches;
}

/** As people write it: characters beyond ASCII stand for their UTF-8. */
function normalPattern(path: string): string {
  return normalPath(path.replace(/[^\0-\x7f]+/g, (text) => Buffer.from(text).toString("latin1")));
}

/** A path of which each character is a byte, in RFC 3986's normal form: what is coded needlessly is not, the rest in upper case. */
function normalPath(path: string): string {
  // Nearly all paths are in it.
  if (!/[%\x80-\xff]/.test(path)) return path;
  return path.replace(/%[0-9a-f]{2}|[\x80-\xff]/gi, (part) => {
    const code = part.length === 1 ? part.charCodeAt(0) : Number.parseInt(part.slice(1), 16);
    const char = String.fromCharCode(code);
    return /[A-Za-z0-9._~-]/.test(char) ? char : `%${code.toString(16).toUpperCase().padStart(2, "0")}`;
  });
}
