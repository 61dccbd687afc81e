import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { expect, test } from "vitest";
import { COMMANDS } from "../src/cli/commands.ts";
import { OPTION_VALUES, WORDS } from "../src/cli/completion/values.ts";
import { globalOptions } from "../src/cli/terminal/options.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The commands as the command line defines them, with `help` and the global options. */
const definitions = new Map<string, Command>(
  await Promise.all(
    COMMANDS.map(async ({ name, load }) => {
      const command = globalOptions(new Command(name));
      (await load()).command.configure(command);
      return [name, command.option("-h, --help", "")] as const;
    }),
  ),
);
definitions.set("help", new Command("help"));

/** Sources, docs and the dashboard: all that may tell someone to type a command. */
function told(): { file: string; text: string }[] {
  const below = (folder: string, ends: RegExp) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => ends.test(path) && !/\.(test|fixture)\.tsx?$|node_modules/.test(path))
      .map((path) => join(folder, path));
  const files = [
    ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"],
    ...below("docs", /\.md$/),
    ...below("src", /\.ts$/),
    ...below("dashboard/src", /\.tsx?$/),
    ...below("examples", /\.(md|ts|ya?ml|json)$/),
  ];
  return files.map((file) => ({ file, text: readFileSync(join(ROOT, file), "utf8") }));
}

/** What stands behind `cove` where no command is meant: in prose, and in the names of Cove's own processes and threads. */
const PROSE = new Set([
  "alone",
  "what",
  "command",
  "home",
  "looks",
  "lookups",
  "launcher",
  "recordings",
  "certificates",
  "calls",
  "telemetry",
]);

/** The ends of a command in a text: a quote, a bracket, a pipe, a comment, the sentence's. */
const END = /["'`()|#;,\n\\<>]|\.\s|\.$| {2}|: |\$\{/;

interface Named {
  readonly where: string;
  readonly name: string;
  readonly words: readonly string[];
}

/** Every `cove …` that a text names. */
function named(file: string, text: string): Named[] {
  return [...text.matchAll(/(?<![\w./@-])cove +((?:(?:-C|--cwd) +\S+ +)?)([a-z][a-z-]*)(?![\w.:/(=-])([^\n]*)/g)].map(
    (match) => {
      const [, , name = "", rest = ""] = match;
      const end = END.exec(rest);
      const line = text.slice(0, match.index).split("\n").length;
      return {
        where: `${file}:${line}: cove ${name}${rest.slice(0, 40)}`,
        name,
        words: rest.slice(0, end?.index).trim().split(/\s+/),
      };
    },
  );
}

const all = told().flatMap(({ file, text }) => named(file, text));

test("every command that a hint, a help text or a page names is one", () => {
  expect(all.length).toBeGreaterThan(200);
  expect(all.filter(({ name }) => !definitions.has(name) && !PROSE.has(name)).map(({ where }) => where)).toEqual([]);
});

test("so is every option that they name with it", () => {
  const wrong = all.flatMap(({ where, name, words }) => {
    const options = definitions.get(name)?.options ?? [];
    const own = words.includes("--") ? words.slice(0, words.indexOf("--")) : words;
    return own
      .filter((word) => /^--?[a-z]/i.test(word))
      .map((word) => word.replace(/[=:].*$/, ""))
      .filter((word) => !options.some(({ short, long }) => short === word || long === word))
      .filter((word) => !(/^-[a-z]{2,}$/.test(word) && ["watch", "har", "record"].includes(name)))
      .map((word) => `${word}: ${where}`);
  });
  expect(wrong).toEqual([]);
  // `cove lease release` would lease a port by the name of an option.
  const bare = all.filter(({ name, words }) => {
    const options = definitions.get(name)?.options ?? [];
    return options.some(
      ({ long }) =>
        long != null && words[0] === long.slice(2) && long !== "--pid" && `${name} ${words[0]}` !== "har import",
    );
  });
  expect(bare.map(({ where }) => where)).toEqual([]);
});

test("every option says what it does, and completion knows what it takes", () => {
  for (const [name, command] of definitions) {
    for (const { long, description, required, optional, hidden } of command.options) {
      if (long !== "--help" && !hidden)
        expect([name, long, description]).toEqual([name, long, expect.stringMatching(/./)]);
      if (required || optional)
        expect([name, long, OPTION_VALUES[long?.slice(2) ?? ""]]).toEqual([name, long, expect.any(Array)]);
    }
    expect([name, WORDS[name]]).toEqual([name, expect.any(Array)]);
    expect([name, (WORDS[name] ?? []).length >= command.registeredArguments.length]).toEqual([name, true]);
  }
});
