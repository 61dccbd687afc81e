import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { registerHooks } from "node:module";
import { basename, dirname, extname, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Fault } from "../../fault/fault.ts";
import { ownModule } from "../../own-files/own-files.ts";
import { decodeUserText, isUnreadable, readUserText } from "../../text/user-text.ts";
import { escaped, locateInCode } from "./locate-in-code.ts";
import { type ConfigProblem, type ConfigSource, configFault, type Position, positionAt } from "./source.ts";

/** Makes the URLs of each load of a config, and of what it imports, unique: Node never loads the same URL twice. */
const LOAD = "cove-load";
let loads = 0;
let hooked = false;

/**
 * Imports cove.config.ts, .js or .mjs, without a cache. What it throws is a fault, and names the line. `envProblem` is why `.env`
 * can't be read, which matters to a config that uses `process.env`. Faults: CONFIG_INVALID.
 */
export async function importConfig(
  file: string,
  envProblem: string | null = null,
): Promise<{ value: unknown; source: ConfigSource } | Fault> {
  hookOnce();
  const text = readUserText(file);
  if (isUnreadable(text)) throw new Error(text.unreadable);
  const source = moduleSource(file, text);
  const used = envProblem === null ? -1 : text.search(/\bprocess\.env\b/);
  if (used !== -1) {
    const message = `process.env has nothing of .env: ${envProblem}`;
    return configFault(source, [{ path: [], message, position: positionAt(text, used) }]);
  }
  try {
    const loaded: unknown = await import(`${pathToFileURL(file).href}?${LOAD}=${++loads}`);
    const value = defaultOf(loaded);
    if (value !== undefined) return { value: await value, source };
    return configFault(source, [
      { path: [], message: "has no default export; write: export default defineStack({ … })" },
    ]);
  } catch (error) {
    const { at, problem } = explain(error, source);
    return configFault(at, [problem]);
  }
}

function defaultOf(loaded: unknown): unknown {
  return typeof loaded === "object" && loaded !== null && "default" in loaded ? loaded.default : undefined;
}

/** `cove` means this very Cove, installed in the project or not; and what a config imports is loaded again with it. */
function hookOnce(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve(specifier, context, next) {
      const load = /[?&]cove-load=(\d+)/.exec(context.parentURL ?? "")?.[1];
      const isConfig = specifier.includes(`?${LOAD}=`);
      const own = ownModule(specifier);
      if (own !== null) return { url: own.href, shortCircuit: true };
      const found = next(specifier, context);
      if ((load === undefined && !isConfig) || !isLocal(found.url)) return found;
      const url = load === undefined || found.url.includes("?") ? found.url : `${found.url}?${LOAD}=${load}`;
      return { ...found, url, format: formatOf(found.url) ?? found.format };
    },
    load(url, context, next) {
      const loaded = next(url, context);
      if (!url.includes(`${LOAD}=`) || typeof loaded.source === "string" || loaded.source == null) return loaded;
      // Node reads UTF-8 alone.
      const text = decodeUserText(new Uint8Array(loaded.source as ArrayBuffer));
      return isUnreadable(text) ? loaded : { ...loaded, source: text };
    },
  });
}

/** A file of the project itself. CommonJS and JSON files keep their one URL. */
const isLocal = (url: string): boolean =>
  url.startsWith("file:") && !url.includes("/node_modules/") && /\.(ts|mts|js|mjs)(\?|$)/.test(url);

/** ESM syntax decides, so that a config works in a package of whatever type, and without Node's warning. */
function formatOf(url: string): string | undefined {
  const path = fileURLToPath(url);
  const extension = extname(path);
  if (extension === ".mts" || extension === ".mjs") return undefined;
  if (!isModule(textOf(path))) return undefined;
  return extension === ".ts" ? "module-typescript" : "module";
}

/** Empty where it can't be read: the import itself says why. */
function textOf(file: string): string {
  const text = readUserText(file);
  return isUnreadable(text) ? "" : text;
}

const isModule = (code: string): boolean => /^\s*(import|export)\b/m.test(code);

/** What an error of a config says, and where: in the config, or in a file that it imports. */
function explain(error: unknown, config: ConfigSource): { at: ConfigSource; problem: ConfigProblem } {
  const thrown = error instanceof Error ? error : new Error(String(error));
  const message = thrown.message.replace(/\n.*/s, "");
  const missing = /^Cannot find (?:package|module) '([^']+)' imported from (.+)$/.exec(message);
  if (missing !== null) {
    const [, what = "", from = ""] = missing;
    const at = sourceOf(from, config);
    // Node names a missing file by its whole path; the import in the text ends in its name.
    const offset = at.text.search(new RegExp(`["'][^"'\\n]*${escaped(basename(what))}["']`));
    const text = `can't find ${basename(what) === what || what.startsWith("@") ? `package "${what}"` : what}`;
    return { at, problem: { path: [], message: text, ...(offset >= 0 && { position: positionAt(at.text, offset) }) } };
  }
  const place = placeIn(thrown.stack ?? "", dirname(config.file)) ?? placeByCheck(thrown, config);
  const at = place === null ? config : sourceOf(place.file, config);
  const kind = thrown.name === "Error" || thrown.name === "CoveError" ? "" : `${thrown.name}: `;
  return { at, problem: { path: [], message: `${kind}${message}`, ...(place !== null && { position: place }) } };
}

interface Place extends Position {
  readonly file: string;
}

/** The first place in a stack that is in the project itself. */
function placeIn(stack: string, dir: string): Place | null {
  const lines = stack.split("\n");
  for (const [n, text] of lines.entries()) {
    const match = /(file:\/\/[^\s()]+?|(?:[A-Za-z]:)?[\\/][^\s()]*?):(\d+)(?::(\d+))?\)?$/.exec(text.trim());
    if (match === null) continue;
    const [, where = "", line, column] = match;
    const file = where.startsWith("file:") ? fileURLToPath(where.replace(/\?.*$/, "")) : where.replace(/\?.*$/, "");
    if (!file.startsWith(dir + sep) || file.includes(`${sep}node_modules${sep}`) || !existsSync(file)) continue;
    return { file, line: Number(line), column: column === undefined ? caretBelow(lines, n) : Number(column) };
  }
  return null;
}

/** A syntax error's stack starts with the place, some lines of code, and carets below the culprit. */
function caretBelow(lines: readonly string[], from: number): number {
  const carets = lines.slice(from + 1, from + 10).find((line) => /^ *\^+ *$/.test(line));
  return (carets?.indexOf("^") ?? 0) + 1;
}

/** Errors in JavaScript's syntax don't say where they are when imported; `node --check` does. */
function placeByCheck(error: Error, { file, text }: ConfigSource): Place | null {
  if (!(error instanceof SyntaxError)) return null;
  const type = isModule(text) ? "module" : "commonjs";
  const args = ["--check", `--input-type=${type}`, "-"];
  const { stderr } = spawnSync(process.execPath, args, { input: text, encoding: "utf8", timeout: 10_000 });
  const lines = stderr.split("\n");
  const at = lines.findIndex((line) => line.startsWith("[stdin]:"));
  return at === -1 ? null : { file, line: Number(lines[at]?.slice(8)), column: caretBelow(lines, at) };
}

function sourceOf(file: string, config: ConfigSource): ConfigSource {
  if (file === config.file || !existsSync(file)) return config;
  return moduleSource(file, textOf(file));
}

function moduleSource(file: string, text: string): ConfigSource {
  return { file, text, locate: (path) => locateInCode(text, path) };
}
