import { relative } from "node:path";
import { type Fault, fault } from "../../fault/fault.ts";

export type KeyPath = readonly (string | number)[];

/** Both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The text of a config, and where its keys stand in it. */
export interface ConfigSource {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
  /** Where a key or its value stands; of a path that isn't there, its nearest parent. Null: unknown. */
  readonly locate: (path: KeyPath, what: "key" | "value") => Position | null;
}

/** One mistake in a config. */
export interface ConfigProblem {
  readonly path: KeyPath;
  /** What is wrong with it, without the key: `is not a host name`. */
  readonly message: string;
  /** What to point at. Default: the value. */
  readonly what?: "key" | "value";
  /** Where it is, if that is known otherwise than by the path. */
  readonly position?: Position;
}

/** CONFIG_INVALID with every problem: `cove.yaml:4:7 services.api.comand: unknown key`, and the line it is on. */
export function configFault(source: ConfigSource, problems: readonly ConfigProblem[]): Fault {
  const name = shownPath(source.file);
  const found = problems.map((problem) => {
    const { path, message, what = "value" } = problem;
    return { key: shownKey(path), message, position: problem.position ?? source.locate(path, what) };
  });
  found.sort((a, b) => compare(a.position, b.position));
  const lines = found.map(({ key, message, position }) => {
    const where = position === null ? name : `${name}:${position.line}:${position.column}`;
    return `${where} ${key === "" ? "" : `${key}: `}${message}${codeFrame(source.text, position)}`;
  });
  const [first] = found;
  return fault("CONFIG_INVALID", lines.join("\n"), `Correct ${name}, then run the command again`, {
    file: source.file,
    ...(first?.position != null && first.position),
    ...(first !== undefined && { key: first.key }),
    problems: found.map(({ key, message, position }) => ({ key, message, ...position })),
  });
}

/** `services.api.needs[0]`. */
function shownKey(path: KeyPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** Relative to where the user is, when it's below that. */
export function shownPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path === "" || path.startsWith("..") ? file : path;
}

function compare(a: Position | null, b: Position | null): number {
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}

const LONGEST_LINE = 100;

function codeFrame(text: string, position: Position | null): string {
  const line = position === null ? undefined : text.split(/\r?\n/)[position.line - 1];
  if (position === null || line === undefined || line.trim() === "" || line.length > LONGEST_LINE) return "";
  const number = `  ${position.line} | `;
  // Tabs before the caret stay tabs, so that it stands below its letter.
  const before = line.slice(0, position.column - 1).replace(/[^\t]/g, " ");
  return `\n${number}${withoutPasswords(line)}\n${" ".repeat(number.length - 2)}| ${before}^`;
}

/** A value behind `password`, and the password of a URL; what `${NAME}` stands for isn't there. */
const PASSWORD =
  /(password["']?\s*[:=]\s*)("[^"]*"|'[^']*'|`[^`]*`|[^\s,}]+)|(:\/\/[^\s:/?#@]*:)([^\s/?#"'<>]+)(?=@)/gi;

/** The same width, so that the caret still stands below its letter. */
function withoutPasswords(line: string): string {
  return line.replace(PASSWORD, (all: string, before?: string, value?: string, beforeUrl?: string, ofUrl?: string) => {
    const secret = value ?? ofUrl ?? "";
    return /\$\{/.test(secret) ? all : `${before ?? beforeUrl}${"•".repeat(secret.length)}`;
  });
}

/** Line and column of an offset into a text. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - before.lastIndexOf("\n") };
}
