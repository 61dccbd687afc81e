import { z } from "zod";
import { captureOptions } from "../../services/kind/capture-options.ts";
import type { AnyKind } from "../../services/kind/kind.ts";
import { envFileOptions, guardOptions, serviceOptions } from "../../services/kind/service-options.ts";
import { KINDS } from "../../services/kinds.ts";
import { optionsSchema } from "../../services/schemas.ts";
import { networkOptions } from "./network.ts";

/** The parts of a JSON schema that are used here. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
}

const STACK_NAME =
  "What the names at the door end in: web.<name>.localhost. Default: package.json's name, else the folder's";

/** The JSON schema of cove.yaml and cove.json (draft 7, which every editor knows), made from the kinds that there are. */
export function configJsonSchema(): JsonSchema {
  const common = commonSchema();
  const $defs = Object.fromEntries(Object.entries(common).map(([key, schema]) => [key, schema]));
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Cove stack",
    description: "The services of one project, for cove up",
    type: "object",
    properties: {
      $schema: { type: "string", description: "This schema's address, for editors" },
      name: { type: "string", pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", description: STACK_NAME },
      ...stackSchema(),
      services: {
        type: "object",
        description: "The services by name; each has one key that is its kind",
        minProperties: 1,
        propertyNames: { pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$" },
        additionalProperties: { anyOf: KINDS.map((kind) => serviceSchema(kind, Object.keys(common))) },
      },
    },
    patternProperties: { "^x-": { description: "Anything: a place for YAML anchors" } },
    required: ["services"],
    additionalProperties: false,
    $defs,
  };
}

/** Schemas of the options that every kind has. */
export function commonSchema(): Readonly<Record<string, JsonSchema>> {
  return inputSchema(serviceOptions).properties ?? {};
}

/** What a stack says of all its services and the network between them. */
export function stackSchema(): Readonly<Record<string, JsonSchema>> {
  return {
    guard: { ...inputSchema(guardOptions), description: "Who can reach the services; each can say otherwise" },
    capture: {
      ...inputSchema(captureOptions),
      description: "How traffic to services is captured, and what is hidden in it; each service can override it",
    },
    envFile: {
      ...inputSchema(envFileOptions),
      description: "Files of variables for each service that names none itself; default none",
    },
    ...inputSchema(networkOptions).properties,
  };
}

/** The schema of this kind's own options. */
export function kindSchema(kind: AnyKind): JsonSchema {
  return inputSchema(optionsSchema(kind));
}

function inputSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", target: "draft-7", unrepresentable: "any" });
  return rest as JsonSchema;
}

function serviceSchema(kind: AnyKind, common: readonly string[]): JsonSchema {
  const own = kindSchema(kind);
  const options = own.properties ?? {};
  const short = kind.short === undefined ? undefined : options[kind.short];
  const forms = short === undefined ? [{ enum: [true, null] }] : [short];
  return {
    title: kind.name,
    type: "object",
    properties: {
      ...Object.fromEntries(common.map((key) => [key, { $ref: `#/$defs/${key}` }])),
      ...options,
      [kind.name]: {
        description: `A service of kind ${kind.name}, in short or with its options`,
        anyOf: [...forms, own],
      },
      kind: { const: kind.name, description: "The kind, with its options beside it" },
    },
    anyOf: [{ required: [kind.name] }, { required: ["kind"] }],
    additionalProperties: false,
  };
}
