import { type Fault, fault } from "../../fault/fault.ts";
import { type ServiceOptions, serviceOptions } from "../../services/kind/service-options.ts";
import { kindOf } from "../../services/kinds.ts";
import { optionsSchema } from "../../services/schemas.ts";
import type { ConfiguredService } from "./check.ts";
import { problemsOf } from "./issues.ts";
import { commonSchema, kindSchema } from "./schema.ts";
import type { KeyPath } from "./source.ts";

/**
 * Checks the options of a service without a config (`cove serve`, `cove postgres`), each as a config would have it.
 * Faults: USAGE for what its kind doesn't take.
 *
 * For example: `checkSingle("files", { dir: "docs" }, { port: 8080 })`.
 */
export function checkSingle(
  kindName: string,
  options: unknown,
  common: ServiceOptions = {},
): Omit<ConfiguredService, "name"> | Fault {
  const kind = kindOf(kindName);
  if (kind === undefined) return fault("USAGE", `there is no kind ${kindName}`);
  const every = serviceOptions.safeParse(common);
  if (!every.success) {
    return usage(problemsOf(every.error.issues, common, at, { properties: commonSchema() }, []));
  }
  const own = optionsSchema(kind).safeParse(options);
  if (!own.success) return usage(problemsOf(own.error.issues, options, at, kindSchema(kind), []));
  return { kind, options: own.data, common: every.data };
}

const at = (key: string): KeyPath => [key];

function usage(problems: readonly ReturnType<typeof problemsOf>[number][]): Fault {
  return fault("USAGE", problems.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"));
}
