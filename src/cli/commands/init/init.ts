import { existsSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fault } from "../../../fault/fault.ts";
import { checkStack } from "../../../stack/config/check.ts";
import { findConfig } from "../../../stack/config/config.ts";
import { shownPath } from "../../../stack/config/source.ts";
import { readServiceEnvFiles } from "../../../stack/plan/service-env-files.ts";
import type { Context } from "../../terminal/context.ts";
import { table } from "../../terminal/table.ts";
import type { CoveCommand, Outcome } from "../command.ts";
import { type Draft, draftOf } from "./draft.ts";
import type { DraftService, Means } from "./draft-service.ts";
import { gather } from "./gather.ts";
import { type FolderView, viewOf } from "./readers/folder-view.ts";
import { textsIn } from "./readers/package-json.ts";
import { codeOf } from "./write-code.ts";
import { yamlOf } from "./write-yaml.ts";

export const command: CoveCommand = {
  doing: () => "looking at this folder",
  configure: (command) => {
    command
      .option("--print", "print the config, write nothing")
      .option("--force", "overwrite the config that is there")
      .addHelpText(
        "after",
        "\nReads what this folder has: package.json, compose files, Procfile, .env.example, Prisma, Django, Spring, Rails,\nLaravel, Go and others. Writes cove.config.ts where Cove is a package of the project, else cove.yaml.\n\nExamples:\n  cove init\n  cove init --print\n  cove init --force",
      );
  },
  run: async (context, _, options) => {
    const { cwd } = context;
    const view = viewOf(cwd);
    const draft = draftOf(gather(view), meansOf(cwd));
    if (draft.services.length === 0) return nothingFound(cwd, draft);
    const written = writtenFor(view, draft);
    const wrong = checkStack(written.plain);
    if (!("services" in wrong)) {
      const why = wrong.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
      return fault(
        "INTERNAL",
        `what was found makes no config: ${why}`,
        "report it, with the output of: cove init --print",
      );
    }
    const there = await findConfig(cwd);
    const isWritten = options.print !== true && (there === null || options.force === true);
    const file = there ?? join(cwd, written.name);
    if (isWritten) {
      // A config of another name would stand in the new one's way, or hide behind it.
      if (there !== null && there !== join(cwd, written.name)) return otherConfig(there, written.name);
      try {
        writeFileSync(file, written.text);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return fault(
          "CONFIG_INVALID",
          `${shownPath(file)} can't be written: ${why}`,
          "see what it would say: cove init --print",
        );
      }
    }
    if (context.json)
      return showJson(context, { draft, written, file, isWritten, isAsked: options.print === true, existing: there });
    if (options.print === true) {
      context.print(written.text.trimEnd());
      for (const line of draft.todo) context.note(`# ${line}`);
      return 0;
    }
    if (!isWritten) {
      context.print(written.text.trimEnd());
      return fault(
        "USAGE",
        `${shownPath(file)} is there already, so nothing was written`,
        "to replace it by the above: cove init --force",
      );
    }
    showDraft(context, draft, shownPath(file));
    return 0;
  },
};

interface Written {
  readonly name: string;
  readonly text: string;
  /** The same as data. */
  readonly plain: unknown;
}

/** TypeScript where the project has Cove among its packages, else YAML, which needs nothing. */
function writtenFor(view: FolderView, draft: Draft): Written {
  const { services, names } = draft;
  const manifest = view.json("package.json");
  const packages = { ...textsIn(manifest?.dependencies), ...textsIn(manifest?.devDependencies) };
  const isInstalled = view.exists("node_modules/cove/package.json");
  const plain = {
    ...(names !== null && { names: true }),
    services: Object.fromEntries(
      services.map(({ name, kind, command, options }) => [
        name,
        { kind, ...(command !== "" && { command }), ...options },
      ]),
    ),
  };
  if ("cove" in packages && isInstalled) return { name: "cove.config.ts", text: codeOf(draft), plain };
  return { name: "cove.yaml", text: yamlOf(draft, isInstalled), plain };
}

function meansOf(dir: string): Means {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const suffixes = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
  return {
    hasProgram: (name) => folders.some((folder) => suffixes.some((suffix) => existsSync(join(folder, name + suffix)))),
    isEnvFile: (path) => readServiceEnvFiles([{ path, required: true }], dir).problems.length === 0,
  };
}

function nothingFound(cwd: string, { todo }: Draft): Outcome {
  const more = todo.length === 0 ? "" : `\n${todo.join("\n")}`;
  return fault(
    "CONFIG_MISSING",
    `found nothing in ${cwd} that can be started${more}`,
    "run a command without a config: cove run -- <command>; or write cove.yaml: services: { web: { command: … } }",
    { dir: cwd },
  );
}

function otherConfig(there: string, wanted: string): Outcome {
  return fault(
    "USAGE",
    `${shownPath(there)} is this folder's config; ${wanted} beside it would be of no use`,
    `remove it first, or see what would be written: cove init --print`,
  );
}

interface Result {
  readonly draft: Draft;
  readonly written: Written;
  readonly file: string;
  readonly isWritten: boolean;
  /** Nothing was to be written. */
  readonly isAsked: boolean;
  readonly existing: string | null;
}

function showJson(context: Context, { draft, written, file, isWritten, isAsked, existing }: Result): Outcome {
  const services = draft.services.map(({ name, kind, source }) => ({ name, kind, source }));
  const { todo } = draft;
  context.printJson({ file, written: isWritten, existing, text: written.text, services, todo });
  return isWritten || isAsked ? 0 : 2;
}

function showDraft(context: Context, { services, todo }: Draft, file: string): void {
  const { print, paint } = context;
  const rows = services.map((one) => [one.name, doing(one), paint("dim", one.source)]);
  for (const line of table(rows)) print(line);
  print("");
  const guesses = services.flatMap(({ notes }) => [...notes.values()]).filter((note) => note.startsWith("guessed"));
  const looked = guesses.length === 0 ? "" : `; ${guesses.length} of its lines are guesses, and say so`;
  print(`Wrote ${file}${looked}.`);
  if (todo.length > 0) print(paint("yellow", "\nBefore it starts:"));
  for (const line of todo) print(`  ${line}`);
  print(paint("dim", "\nNext: cove up"));
}

function doing({ kind, command, options }: DraftService): string {
  if (kind === "postgres") return "Postgres";
  return typeof options.cwd === "string" ? `${command}  (in ${options.cwd})` : command;
}
