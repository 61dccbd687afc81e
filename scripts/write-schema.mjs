// Writes dist/schema.json: what editors complete and check cove.yaml and cove.json with.
import { writeFileSync } from "node:fs";
import { configJsonSchema } from "../dist/stack/config/schema.js";

writeFileSync(new URL("../dist/schema.json", import.meta.url), `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
