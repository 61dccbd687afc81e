// Loads the configs of the folders given and prints each as a line of JSON: node load.fixture.ts FOLDER …
// Node's own loader must import the configs, not the test runner's.
import { appendFileSync } from "node:fs";
import { isFault } from "../../fault/fault.ts";
import { loadConfig } from "./config.ts";

for (const folder of process.argv.slice(2)) {
  // A folder given as `+file` asks for a line at the end of that file instead.
  if (folder.startsWith("+")) {
    appendFileSync(folder.slice(1), "\nport++;\n");
    continue;
  }
  const loaded = await loadConfig(folder);
  const shown = isFault(loaded)
    ? loaded
    : {
        name: loaded.name,
        file: loaded.file,
        services: loaded.services.map(({ kind, ...rest }) => ({ ...rest, kind: kind.name })),
      };
  console.log(JSON.stringify(shown));
}
