import { isFault } from "../../fault/fault.ts";
import type { CheckedStack, ConfiguredService } from "./check.ts";
import { checkStack } from "./check.ts";
import { importConfig } from "./module.ts";
import { configFault } from "./source.ts";

/** What the process that imports a config answers with: the stack, its kinds by name, and the config's text. */
export interface Imported {
  readonly stack: Omit<CheckedStack, "services">;
  readonly services: readonly (Omit<ConfiguredService, "kind"> & { readonly kind: string })[];
  readonly text: string;
}

/** Imports and checks the config that its argument names, tells its parent, and ends, whatever the config started. */
const [, , file] = process.argv;
if (file !== undefined && process.send !== undefined) {
  process.once("disconnect", () => process.exit());
  process.send(await read(file), () => process.exit());
}

async function read(file: string) {
  const loaded = await importConfig(file);
  if (isFault(loaded)) return loaded;
  const { value, source } = loaded;
  const checked = checkStack(value);
  if (!("services" in checked)) return configFault(source, checked);
  const { services, ...stack } = checked;
  const sent = services.map(({ kind, ...service }) => ({ ...service, kind: kind.name }));
  return { stack, services: sent, text: source.text } satisfies Imported;
}
