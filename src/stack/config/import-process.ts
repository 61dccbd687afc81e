import { dirname } from "node:path";
import { isFault } from "../../fault/fault.ts";
import type { CheckedStack, ConfiguredService } from "./check.ts";
import { type ConfigVariables, readConfigVariables } from "./config-variables.ts";
import { checkFilled } from "./fill-config.ts";
import { importConfig } from "./module.ts";
import { configFault } from "./source.ts";

/** What the process that imports a config answers with: the stack, its kinds by name, and the config's text. */
export interface Imported {
  readonly stack: Omit<CheckedStack, "services">;
  readonly services: readonly (Omit<ConfiguredService, "kind"> & { readonly kind: string })[];
  readonly text: string;
  readonly variables: ConfigVariables;
}

/** Imports and checks the config that its argument names, tells its parent, and ends, whatever the config started. */
const [, , file] = process.argv;
if (file !== undefined && process.send !== undefined) {
  process.once("disconnect", () => process.exit());
  process.send(await read(file), () => process.exit());
}

async function read(file: string) {
  const variables = readConfigVariables(dirname(file), { ...process.env });
  // This process is the config's alone: code in it finds in process.env what `${NAME}` means in its texts.
  for (const [name, value] of Object.entries(variables.ofFile)) process.env[name] ??= value;
  const loaded = await importConfig(file, variables.problem);
  if (isFault(loaded)) return loaded;
  const { value, source } = loaded;
  const checked = checkFilled(value, variables);
  if (!("services" in checked)) return configFault(source, checked);
  const { services, ...stack } = checked;
  const sent = services.map(({ kind, ...service }) => ({ ...service, kind: kind.name }));
  return { stack, services: sent, text: source.text, variables } satisfies Imported;
}
