import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EDGE_VARIABLES, type EdgeVariable } from "./edge-variables.ts";

/** The table's rows: one for each reader and kind of service. */
function rows(): string[] {
  const groups = new Map<string, EdgeVariable[]>();
  for (const variable of EDGE_VARIABLES) {
    const of = variable.families === "all" ? "any" : variable.families.join(", ");
    const key = `| ${of} | ${variable.readBy} |`;
    groups.set(key, [...(groups.get(key) ?? []), variable]);
  }
  return [...groups].map(([key, variables]) => {
    return `${key} ${variables.map(({ name, fact }) => `\`${name}\` (${shown(fact)})`).join(", ")} |`;
  });
}

const shown = (fact: string): string => (fact === "jdbcPlain" ? "jdbc without user and password" : fact);

test("docs/environment.md has every variable, with what it holds", () => {
  const docs = readFileSync(new URL("../../../docs/environment.md", import.meta.url), "utf8");
  const table = docs.slice(docs.indexOf("| service | read by |")).split("\n\n")[0] ?? "";
  const written = table.split("\n").slice(2);
  expect(written).toEqual(rows());
});
