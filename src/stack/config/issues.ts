import type { z } from "zod";
import { didYouMean } from "../../fault/spelling.ts";
import type { JsonSchema } from "./json-schema.ts";
import type { ConfigProblem, KeyPath } from "./source.ts";

type Issue = z.core.$ZodIssue;
type Part = string | number;

/**
 * Zod's issues as problems of a config. `at` says where an option stands; `schema` describes the options, so that slips
 * inside them can be named; `keys` are what could stand beside them.
 */
export function problemsOf(
  issues: readonly Issue[],
  value: unknown,
  at: (option: string) => KeyPath,
  schema: JsonSchema,
  keys: readonly string[],
): ConfigProblem[] {
  return issues.flatMap(flattened).flatMap((issue): ConfigProblem[] => {
    const [option, ...rest] = issue.path.filter((part): part is Part => typeof part !== "symbol");
    const path = option === undefined ? [] : [...at(String(option)), ...rest];
    if (issue.code === "unrecognized_keys") {
      const near = option === undefined ? keys : keysAt(schema, [option, ...rest]);
      return issue.keys.map((key) => ({
        path: option === undefined ? at(key) : [...path, key],
        message: `unknown key${didYouMean(key, near)}`,
        what: "key",
      }));
    }
    if (option !== undefined && valueAt(value, [option, ...rest]) === undefined && issue.code === "invalid_type") {
      return [{ path: path.slice(0, -1), message: `must have "${path.at(-1)}"`, what: "key" }];
    }
    // A record's key that is not allowed.
    if (issue.code === "invalid_key")
      return [{ path, message: issue.issues[0]?.message ?? issue.message, what: "key" }];
    return [{ path, message: worded(issue.message) }];
  });
}

/** A union's issue as those of the one form that was most likely meant; as it is where none is nearer than the others. */
function flattened(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const near = issue.errors
    .filter((errors) => !errors.some(({ path, code }) => path.length === 0 && /^invalid_(type|value)$/.test(code)))
    .map((errors) => ({ errors, slips: errors.reduce((sum, error) => sum + weight(error), 0) }))
    .sort((a, b) => a.slips - b.slips);
  const [best, second] = near;
  if (best === undefined || best.slips === second?.slips) return [issue];
  return best.errors.flatMap((inner) => flattened({ ...inner, path: [...issue.path, ...inner.path] } as Issue));
}

const weight = (issue: Issue): number => (issue.code === "unrecognized_keys" ? issue.keys.length : 1);

/** `Invalid input: expected string, received number` → `must be a string, not a number`. */
function worded(message: string): string {
  const match = /^Invalid input: expected (\w+), received (\w+)$/.exec(message);
  if (match !== null) return `must be ${article(match[1] ?? "")}, not ${article(match[2] ?? "")}`;
  const options = /^Invalid option: expected one of (.+)$/.exec(message)?.[1];
  if (options !== undefined) return `must be one of ${options.replaceAll("|", ", ")}`;
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function article(type: string): string {
  if (type === "array") return "a list";
  if (type === "string") return "a text";
  if (type === "record" || type === "object") return "a group of keys";
  if (type === "int") return "a whole number";
  if (type === "boolean") return "true or false";
  return ["null", "undefined"].includes(type) ? type : `a ${type}`;
}

/** Keys that may stand at a path of a schema, whichever of its forms was meant. */
function keysAt(schema: JsonSchema, path: readonly Part[]): string[] {
  let level: readonly JsonSchema[] = withForms(schema);
  for (const part of path) {
    level = level.flatMap((one) => {
      const inner = typeof part === "number" ? one.items : one.properties?.[part];
      return inner === undefined ? [] : withForms(inner);
    });
  }
  return level.flatMap((one) => Object.keys(one.properties ?? {}));
}

const withForms = (schema: JsonSchema): JsonSchema[] => [schema, ...(schema.anyOf ?? []).flatMap(withForms)];

function valueAt(value: unknown, path: readonly Part[]): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[part] : undefined,
    value,
  );
}
