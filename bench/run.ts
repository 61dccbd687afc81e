// Cove beside its peers: prints ratios, writes RESULTS.md.
// npm run bench [-- --quick] [-- --only door,relay] [-- --only door,relay --against CHECKOUT]
import { parseArgs } from "node:util";
import { writeSection } from "./results.ts";
import type { Effort } from "./section.ts";
import { COMPARING, SECTIONS } from "./sections.ts";
import { build, THIS_TREE, treeAt } from "./trees.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    against: { type: "string" },
  },
});
const known = values.against === undefined ? Object.keys(SECTIONS) : COMPARING;
const only = values.only?.split(",") ?? known;
const unknown = only.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  const which = values.against === undefined ? "there are" : "with --against there are";
  console.error(`no section ${unknown.join(", ")}; ${which}: ${known.join(", ")}`);
  process.exit(1);
}
const against = values.against === undefined ? null : treeAt(values.against);
for (const tree of against === null ? [THIS_TREE] : [THIS_TREE, against]) build(tree);
const effort: Effort = { ...(values.quick ? { rounds: 3, seconds: 2 } : { rounds: 5, seconds: 3 }), against };
/** What this tree is beside another one is a section of its own in RESULTS.md. */
const titled = (title: string) => (against === null ? title : `${title}, against an earlier commit`);
const titles = Object.values(SECTIONS).flatMap(({ title }) => [title, `${title}, against an earlier commit`]);

for (const [name, { title, about, run }] of Object.entries(SECTIONS)) {
  if (!only.includes(name)) continue;
  console.log(`${titled(title)} …`);
  const lines = await run(effort);
  console.log(`${lines.join("\n")}\n`);
  // A quick look is no result to keep, nor is a section that could not run.
  if (!values.quick && lines.length > 1) writeSection(titled(title), about, lines, effort, titles);
}
