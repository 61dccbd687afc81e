import { fillIn, isGap } from "../../text/fill-in.ts";
import { type CheckedStack, checkStack } from "./check.ts";
import { type ConfigVariables, gapMessage } from "./config-variables.ts";
import type { ConfigProblem, KeyPath } from "./source.ts";

/** A config whose texts were filled in, and where a text came from variables. */
interface FilledConfig {
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
  readonly filled: readonly KeyPath[];
}

/**
 * Fills `${NAME}` in the texts of a config, and checks it. A text that is a number, `true` or `false` once it is filled in counts
 * as one where the config wants one: `port: ${WEB_PORT}`.
 */
export function checkFilled(given: unknown, variables: ConfigVariables): CheckedStack | readonly ConfigProblem[] {
  const { value, problems, filled } = fillConfig(given, variables);
  if (problems.length > 0) return problems;
  const checked = checkStack(value);
  if ("services" in checked) return checked;
  const wrong = filled.filter((path) => checked.some((problem) => startsWith(path, problem.path)));
  if (wrong.length === 0) return checked;
  const again = checkStack(wrong.reduce(retyped, value));
  if ("services" in again) return again;
  return again.map((problem) => {
    const from = filled.find((path) => path.length > 0 && startsWith(problem.path, path));
    const text = from === undefined ? null : valueAt(given, from);
    return typeof text === "string"
      ? { ...problem, message: `${problem.message} (it is filled in from ${text})` }
      : problem;
  });
}

function fillConfig(given: unknown, variables: ConfigVariables): FilledConfig {
  const problems: ConfigProblem[] = [];
  const filled: KeyPath[] = [];
  const fill = (text: string, path: KeyPath): string => {
    if (!text.includes("$") || isFilledLater(path)) return text;
    const result = fillIn(text, { lookup: (name) => variables.shell[name] ?? variables.ofFile[name] });
    if (isGap(result)) {
      problems.push({ path, message: gapMessage(result.name, `${result.problem}. ${result.hint}`, variables) });
      return text;
    }
    if (text.includes("${")) filled.push(path);
    return result;
  };
  const walk = (value: unknown, path: KeyPath, within: readonly object[]): unknown => {
    if (typeof value === "string") return fill(value, path);
    // What a config in code holds besides plain data is told by the check; a circle too.
    if (typeof value !== "object" || value === null || within.includes(value)) return value;
    if (Array.isArray(value)) return value.map((inner, index) => walk(inner, [...path, index], [...within, value]));
    const parent: unknown = Object.getPrototypeOf(value);
    if (parent !== null && parent !== Object.prototype) return value;
    const entries = Object.entries(value).map(([key, inner]) => {
      const isNote = path.length === 0 && key.startsWith("x-");
      return [key, isNote ? inner : walk(inner, [...path, key], [...within, value])] as const;
    });
    return Object.fromEntries(entries);
  };
  return { value: walk(given, [], []), problems, filled };
}

/**
 * Variables of a service and its command lines: they may name what is known once it starts, such as PORT and the addresses of
 * its edges. See `plan/fill-service.ts`.
 */
function isFilledLater([top, , key, inner, ...more]: KeyPath): boolean {
  if (top !== "services") return false;
  if (key === "env") return true;
  if (key === "ready") return inner === "command";
  return (
    key === "command" && (inner === undefined || typeof inner === "number" || inner === "command") && more.length < 2
  );
}

/** The config with the text at a path as the number or truth that it spells. */
function retyped(value: unknown, [key, ...rest]: KeyPath): unknown {
  if (key === undefined) return typeof value === "string" ? scalarOf(value) : value;
  if (Array.isArray(value)) return value.map((inner, index) => (index === key ? retyped(inner, rest) : inner));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, name === key ? retyped(inner, rest) : inner]),
  );
}

function scalarOf(text: string): unknown {
  const plain = text.trim();
  if (/^(true|false)$/i.test(plain)) return plain.toLowerCase() === "true";
  return /^[-+]?(\d+(\.\d*)?|\.\d+)$/.test(plain) ? Number(plain) : text;
}

function valueAt(value: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>(
    (inner, part) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, part) : undefined),
    value,
  );
}

const startsWith = (path: KeyPath, start: KeyPath): boolean => start.every((part, index) => path[index] === part);
