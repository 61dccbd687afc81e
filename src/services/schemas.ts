import type { z } from "zod";
import { commandSchema } from "./command/options.ts";
import { externalSchema } from "./external-options.ts";
import { filesSchema } from "./files/options.ts";
import type { AnyKind } from "./kind/kind.ts";
import { mockSchema } from "./mock/options.ts";
import { postgresSchema } from "./postgres/options.ts";

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  command: commandSchema,
  postgres: postgresSchema,
  files: filesSchema,
  mock: mockSchema,
  external: externalSchema,
};

/**
 * The options that only this kind has; none may be called like one that every kind has (`service-options.ts`). Apart
 * from the kinds, so that `cove run` and home's clients don't load zod.
 */
export function optionsSchema({ name }: AnyKind): z.ZodType {
  const schema = SCHEMAS[name];
  if (schema === undefined) throw new Error(`kind ${name} has no schema of its options`);
  return schema;
}
