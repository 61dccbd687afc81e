// The dashboard's page, by Vite.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { thirdPartyLicenses } from "./licenses.mjs";

/** Gives the files that were read and written. */
export async function buildDashboard(root) {
  const inputs = new Set();
  const collect = {
    name: "cove-inputs",
    buildEnd() {
      for (const id of this.getModuleIds()) inputs.add(id.replace(/\?.*$/, ""));
    },
  };
  const { output } = await build({ root: join(root, "dashboard"), logLevel: "warn", plugins: [collect] });
  const files = [...inputs].filter((id) => id.startsWith(root));
  const folder = join(root, "dist/dashboard");
  const notices = join(folder, "THIRD-PARTY-LICENSES.txt");
  writeFileSync(notices, thirdPartyLicenses(files));
  return { inputs: files, outputs: [notices, ...output.map(({ fileName }) => join(folder, fileName))] };
}
