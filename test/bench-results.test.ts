import { expect, test } from "vitest";
import { withSection } from "../bench/results.ts";

const section = (title: string, ...lines: string[]) =>
  `## ${title}\n\nAbout it.\n\n\`\`\`\n${lines.join("\n")}\n\`\`\`\n\nMade.\n`;
const TITLES = ["first", "second", "third"];

test("a section of the bench's results replaces its older self, in the order of the sections", () => {
  const both = withSection(withSection("", section("second", "old"), TITLES), section("first", "one"), TITLES);
  const text = withSection(both, section("second", "new"), TITLES);
  expect(text.match(/^## .*/gm)).toEqual(["## first", "## second"]);
  expect(text).toContain("new");
  expect(text).not.toContain("old");
  expect(withSection(text, section("second", "new"), TITLES)).toBe(text);
});

test("a fence that a merge left open is closed, and what follows it is a section again", () => {
  const cut = `# Results\n\n## first\n\n\`\`\`\n1 2\n${section("third", "3")}`;
  const text = withSection(cut, section("second", "2"), TITLES);
  expect(text.match(/^## .*/gm)).toEqual(["## first", "## second", "## third"]);
  for (const part of text.split(/^## /m)) expect((part.match(/^```/gm) ?? []).length % 2).toBe(0);
});
