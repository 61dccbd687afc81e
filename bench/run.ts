// npm run bench [-- --quick] [-- --only door,relay]: Cove beside its peers; prints ratios, writes RESULTS.md. A new section
// is a file and a line in SECTIONS.
import { parseArgs } from "node:util";
import { capture } from "./capture.ts";
import { cli } from "./cli.ts";
import { conditions } from "./conditions.ts";
import { conditionsBulk } from "./conditions-bulk.ts";
import { door } from "./door.ts";
import { footprint } from "./footprint.ts";
import { guardBind } from "./guard-bind.ts";
import { lease } from "./lease.ts";
import { machineSection } from "./machine.ts";
import { ports } from "./ports.ts";
import { relay } from "./relay.ts";
import { writeSection } from "./results.ts";
import { trafficPage } from "./traffic-page.ts";

const SECTIONS = {
  door,
  relay,
  conditions,
  capture,
  "conditions-bulk": conditionsBulk,
  cli,
  footprint,
  lease,
  machine: machineSection,
  "guard-bind": guardBind,
  ports,
  "traffic-page": trafficPage,
};
const { values } = parseArgs({ options: { quick: { type: "boolean", default: false }, only: { type: "string" } } });
const only = values.only?.split(",");
const unknown = only?.filter((name) => !(name in SECTIONS)) ?? [];
if (unknown.length > 0) {
  console.error(`no section ${unknown.join(", ")}; there are: ${Object.keys(SECTIONS).join(", ")}`);
  process.exit(1);
}
const effort = values.quick ? { rounds: 3, seconds: 2 } : { rounds: 5, seconds: 3 };

for (const [name, { title, about, run }] of Object.entries(SECTIONS)) {
  if (only !== undefined && !only.includes(name)) continue;
  console.log(`${title} …`);
  const lines = await run(effort);
  console.log(`${lines.join("\n")}\n`);
  // A quick look is no result to keep, nor is a section that could not run.
  if (!values.quick && lines.length > 1) writeSection(title, about, lines, effort);
}
