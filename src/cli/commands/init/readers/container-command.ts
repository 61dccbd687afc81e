import { type FolderView, isPlain, type Plain, within } from "./folder-view.ts";
import { binOf, scriptPath } from "./python.ts";

/** What a container runs, as far as it can run without one. */

/** Programs that take a project's own files as they are; what an image has built first isn't there. */
const RUNS =
  /^(node|nodemon|npm|npx|yarn|pnpm|bun|deno|python3?|flask|uvicorn|gunicorn|celery|ruby|bundle|rackup|php|sh|bash)$/;
const PYTHON = /^(python3?|flask|uvicorn|gunicorn|celery)$/;
/** They start the program behind them. */
const WRAPPERS = /(^|\/)(tini|dumb-init|docker-entrypoint(\.sh)?|--|exec)$/;

/** The command of a compose service that is built from a folder: its own, else its Dockerfile's; null: none that could run here. */
export function containerCommand(view: FolderView, service: Plain, folder: string): string | null {
  const image = imageCommand(view, service.build, folder);
  const entrypoint = wordsOf(service.entrypoint);
  const own = wordsOf(service.command);
  const all = entrypoint ?? [...image.entrypoint, ...(own ?? image.command)];
  const line = runnable(view, entrypoint !== null && own !== null ? [...all, ...own] : all, image.folder, folder);
  // What compose names for development may be a program of the image's.
  return line ?? runnable(view, [...image.entrypoint, ...image.command], image.folder, folder);
}

function runnable(view: FolderView, given: readonly string[], inside: string, folder: string): string | null {
  const words = given.filter((word, at) => at > 2 || !WRAPPERS.test(word));
  const [program = "", ...rest] = words;
  if (!RUNS.test(program)) return null;
  if (program === "nodemon" && !/"nodemon"/.test(view.text(within(folder, "package.json")) ?? "")) return null;
  const first = PYTHON.test(program) ? binOf(view, folder)(program.replace("python3", "python")) : program;
  const local = (word: string) =>
    inside !== "" && word.startsWith(`${inside}/`) ? `.${word.slice(inside.length)}` : word;
  const last = rest.at(-1) ?? "";
  // `sh -c "…"` is a line by itself.
  const isShell = /^(sh|bash)$/.test(program);
  const path = isShell ? scriptPath(view, folder) : "";
  if (isShell && /^-\w*c$/.test(rest[0] ?? "")) return `${path}${local(last)}`;
  return `${path}${[first, ...rest.map((word) => quoted(local(word)))].join(" ")}`;
}

const quoted = (word: string): string => (/^[\w@%+=:,./$-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

interface ImageCommand {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** Where the files are in it. */
  readonly folder: string;
}

const NOTHING: ImageCommand = { entrypoint: [], command: [], folder: "" };

function imageCommand(view: FolderView, build: unknown, folder: string): ImageCommand {
  const { dockerfile = "Dockerfile", context = folder, target = null } = isPlain(build) ? build : {};
  const text = view.text(within(String(context), String(dockerfile))) ?? view.text(within(folder, "Dockerfile"));
  return text === null ? NOTHING : stageCommand(stagesOf(text), target === null ? null : String(target), 0);
}

interface Stage extends Partial<Record<"entrypoint" | "command", readonly string[]>> {
  readonly from: string;
  readonly name: string;
  folder?: string;
}

function stagesOf(text: string): Stage[] {
  const stages: Stage[] = [];
  for (const line of text.replace(/\\\s*\n/g, " ").split("\n")) {
    const [, keyword = "", value = ""] = /^\s*(FROM|CMD|ENTRYPOINT|WORKDIR)\s+(.*?)\s*$/i.exec(line) ?? [];
    const stage = stages.at(-1);
    if (/from/i.test(keyword)) {
      const [, from = "", name = ""] = /^(?:--\S+\s+)*(\S+)(?:\s+as\s+(\S+))?/i.exec(value) ?? [];
      stages.push({ from, name });
    } else if (stage !== undefined && /workdir/i.test(keyword)) stage.folder = value.replace(/\/$/, "");
    else if (stage !== undefined && keyword !== "") {
      Object.assign(stage, { [/cmd/i.test(keyword) ? "command" : "entrypoint"]: wordsOf(value) ?? [] });
    }
  }
  return stages;
}

/** What a stage says, else the one that it is made from. */
function stageCommand(stages: readonly Stage[], wanted: string | null, depth: number): ImageCommand {
  const stage =
    wanted === null ? stages.at(-1) : stages.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (stage === undefined || depth > stages.length) return NOTHING;
  const below = stageCommand(stages, stage.from, depth + 1);
  return {
    // A new entrypoint forgets the command below it.
    command: stage.command ?? (stage.entrypoint === undefined ? below.command : []),
    entrypoint: stage.entrypoint ?? below.entrypoint,
    folder: stage.folder ?? below.folder,
  };
}

/** A list, a list in JSON, or a line; null: nothing is said. */
function wordsOf(given: unknown): string[] | null {
  if (Array.isArray(given)) return given.map(String);
  if (typeof given !== "string" || given.trim() === "") return null;
  try {
    const parsed: unknown = given.startsWith("[") ? JSON.parse(given) : null;
    if (Array.isArray(parsed)) return parsed.map(String);
  } catch {
    // A line that begins with a bracket.
  }
  return [...given.matchAll(/"([^"]*)"|'([^']*)'|[^\s"']+/g)].map(([word, double, single]) => double ?? single ?? word);
}
