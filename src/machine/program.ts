import type { ProcessDetails } from "./systems/system.ts";

/** What a process is called, by all that tells it. */
export interface ProgramNames {
  /** The one name to show: `redis-server`, also where its file is a link to `redis-check-rdb`. */
  readonly program: string | null;
  /**
   * Every name that says what it does: its file, what it was started as, what it calls itself; for interpreters also the
   * script, module, class or package that they run, and the first word after it (`runserver`, `httpd`).
   */
  readonly names: readonly string[];
}

/** Programs that run others' code, whose file says nothing. */
const INTERPRETER =
  /^(node|nodejs|deno|bun|python[\d.]*|pypy[\d.]*|ruby[\d.]*|perl[\d.]*|php[\d.]*|java|sh|bash|dash|zsh|busybox|toybox|dotnet|mono|beam\.smp|npx|tsx|ts-node|uv|uvx|bundle|clickhouse|docker|env)(\.exe)?$/;
/** Options of interpreters that take the next argument as their value. */
const TAKES_VALUE =
  /^(-r|--require|--import|--loader|--experimental-loader|-C|--conditions|-W|-X|-cp|-classpath|--class-path|--module-path|-p|--add-opens|--add-modules|-I|-S|--env-file|--config|-c|--allow-\w+)$/;
/** Words after a script that are looked at: `manage.py runserver`, `next dev`. */
const WORDS = 2;

/** Names a process, as far as this user may know it. */
export function programNames({ executable, command, arguments: given, name }: ProgramFacts): ProgramNames {
  const words = given ?? (command === null ? [] : command.split(/\s+/));
  const file = executable === null ? null : fileName(executable);
  // Servers that rename themselves write one text: "postgres: writer", "redis-server *:6379", "nginx: master process …".
  const first = words[0]?.replace(/^-/, "").split(/[:\s]/, 1)[0] ?? "";
  const called = first === "" ? null : fileName(first);
  const program = appletOf(file ?? called, words) ?? shownName(file, called, name);
  const own = [program, file, called, name].flatMap((one) => (one === null || one === "" ? [] : [one]));
  const runs = own.some((one) => INTERPRETER.test(one))
    ? runsWhat(words.slice(1))
    : words.slice(1, 1 + WORDS).filter(isWord);
  return { program, names: [...new Set([...own, ...runs])] };
}

type ProgramFacts = Pick<ProcessDetails, "executable" | "command" | "arguments" | "name">;

/** A link to a program of many names was started as what the process is called, and the kernel kept that name. */
function shownName(file: string | null, called: string | null, kernel: string | null): string | null {
  if (file === null) return called ?? kernel;
  const linked = called !== null && kernel !== null && cut(called) === kernel && !file.startsWith(called);
  return linked && !INTERPRETER.test(called) ? called : file;
}

/** `busybox httpd`: what it does, of all that it can. */
function appletOf(file: string | null, [first = "", applet = ""]: readonly string[]): string | null {
  return file !== null && /^(busybox|toybox)/.test(file) && /busybox|toybox/.test(first) && isWord(applet)
    ? applet
    : null;
}

/** What an interpreter runs, out of its arguments. */
function runsWhat(words: readonly string[]): string[] {
  const found: string[] = [];
  let rest = 0;
  for (let at = 0; at < words.length && rest < 1 + WORDS; at++) {
    const word = words[at] ?? "";
    if (rest === 0 && (word === "-m" || word === "-jar")) {
      found.push(...scriptNames(words[++at] ?? ""));
      rest++;
    } else if (rest === 0 && TAKES_VALUE.test(word)) at++;
    else if (rest === 0 && /^-m\w/.test(word)) {
      found.push(...scriptNames(word.slice(2)));
      rest++;
    } else if (!word.startsWith("-") && isWord(word)) {
      found.push(...(rest === 0 ? scriptNames(word) : [word]));
      rest++;
    }
  }
  return found;
}

/** `…/node_modules/vite/bin/vite.js` is vite, twice; `org.elasticsearch.bootstrap.Elasticsearch` is itself. */
function scriptNames(path: string): string[] {
  const base = fileName(path);
  const bare = base.replace(/\.(c|m)?(j|t)sx?$|\.(py|pyz|rb|pl|php|phar|jar)$/, "");
  const packages = [...path.matchAll(/node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)/g)].flatMap(([, one]) =>
    one === undefined ? [] : [one.replaceAll("\\", "/")],
  );
  const module = /(?:site|dist)-packages[/\\]([^/\\]+)/.exec(path)?.[1];
  return [base, bare, ...packages, ...(module === undefined ? [] : [module])].filter((one) => one !== "");
}

function isWord(word: string): boolean {
  return /^[\w@.][^\n]*$/.test(word) || word.startsWith("/");
}

function fileName(path: string): string {
  return path.replace(/[/\\]+$/, "").replace(/^.*[/\\]/, "");
}

/** The kernel keeps 15 bytes of a name. */
function cut(name: string): string {
  return Buffer.from(name).subarray(0, 15).toString("utf8");
}
