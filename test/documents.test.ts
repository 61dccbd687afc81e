import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const DOCUMENTS = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** Paths in backticks that begin with a folder of the repository. */
const PATH = /`((?:src|test|docs|dashboard|scripts|bench|bin|examples)\/[^`\s]*)`/g;
const LINK = /\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g;

const read = (document: string) => readFileSync(join(ROOT, document), "utf8");
/** Without blocks of code, where brackets and backticks mean something else. */
const prose = (document: string) => read(document).replace(/^```[\s\S]*?^```$/gm, "");

describe.each(DOCUMENTS)("%s", (document) => {
  test("every path that it names exists", () => {
    const missing = [...prose(document).matchAll(PATH)]
      // `src/services/<kind>.ts`: the folder must exist.
      .map(([, path = ""]) => path.replace(/<.*$/, ""))
      .filter((path) => !existsSync(join(ROOT, path)));
    expect(missing).toEqual([]);
  });

  test("every link to a file and to a heading works", () => {
    const broken = [...prose(document).matchAll(LINK)].flatMap(([, path = "", heading]) => {
      const target = path === "" ? document : relative(ROOT, join(ROOT, dirname(document), path));
      if (!existsSync(join(ROOT, target))) return [path];
      return heading === undefined || headings(target).includes(heading) ? [] : [`${target}#${heading}`];
    });
    expect(broken).toEqual([]);
  });

  test("every block of code is closed", () => {
    expect((read(document).match(/^```/gm) ?? []).length % 2).toBe(0);
  });
});

test("the architecture's table names every floor of src/, in the order that the check holds", () => {
  const named = [...read("ARCHITECTURE.md").matchAll(/^\| `src\/([\w-]+)` \|/gm)].map(([, floor]) => floor);
  const folders = readdirSync(join(ROOT, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect([...named].sort()).toEqual(folders.map(({ name }) => name).sort());
  const check = read("scripts/check-floors.mjs");
  const places = named.map((floor) => check.indexOf(`"${floor}"`));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

/** The headings of a document, as the anchors that GitHub makes of them. */
function headings(document: string): string[] {
  return [...prose(document).matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/ /g, "-"),
  );
}
