import { type Matcher, pathGlob } from "../../text/glob.ts";
import type { ConditionBase } from "./condition.ts";
import type { Field } from "./field.ts";

/** What every condition about HTTP has. What is left out matches all. */
export interface HttpCondition extends ConditionBase {
  /** `/api/*`, `/api/**`: one segment, or any number of them; several with | between. */
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
  const strange = path?.split("|").find((one) => !/^[/*]/.test(one));
  if (strange !== undefined) return `a path begins with / or *, not '${strange}'`;
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
  if (host !== undefined && !pattern(host.toLowerCase())(asked.host)) return false;
  if (path === undefined) return true;
  const query = asked.target.indexOf("?");
  return pattern(path)(query < 0 ? asked.target : asked.target.slice(0, query));
}

/** Patterns that were compiled; a config has a handful. */
const compiled = new Map<string, Matcher>();
const COMPILED_MOST = 1_000;

/** `*` stays within a segment, `**` doesn't; `/api/**` is /api itself, too. */
function pattern(globs: string): Matcher {
  const known = compiled.get(globs);
  if (known !== undefined) return known;
  const made = pathGlob(globs);
  if (compiled.size >= COMPILED_MOST) compiled.clear();
  compiled.set(globs, made);
  return made;
}
