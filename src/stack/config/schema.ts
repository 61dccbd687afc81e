import { z } from "zod";
import { captureOptions } from "../../services/kind/capture-options.ts";
import type { AnyKind } from "../../services/kind/kind.ts";
import {
  envFileOptions,
  guardOptions,
  serviceOptions,
  stackEdges,
  stackNames,
  stackPorts,
  traceOption,
} from "../../services/kind/service-options.ts";
import { KINDS } from "../../services/kinds.ts";
import { optionsSchema } from "../../services/schemas.ts";
import { httpsOptions } from "./https.ts";
import type { JsonSchema } from "./json-schema.ts";
import { networkOptions } from "./network.ts";
import { conditionsSchema, eachWithVariables, variableSchema, withVariables } from "./schema-for-editors.ts";

const STACK_NAME =
  "What the names at the door end in: web.<name>.localhost. Default: package.json's name, else the folder's";

/** The JSON schema of cove.yaml and cove.json (draft 7, which every editor knows), made from the kinds that there are. */
export function configJsonSchema(): JsonSchema {
  const common = commonSchema();
  const { definitions: ofNetwork, ...network } = inputSchema(networkOptions);
  const stack = { ...network.properties, ...stackSchema() };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Cove stack",
    description: "The services of one project, for cove up",
    type: "object",
    properties: {
      $schema: { type: "string", description: "This schema's address, for editors" },
      name: withVariables({
        type: "string",
        pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        description: STACK_NAME,
      }),
      ...eachWithVariables(stack),
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
    definitions: {
      variable: variableSchema,
      ...eachWithVariables({ ...ofNetwork, ...common, conditions: conditionsSchema() }),
    },
  };
}

/** Schemas of the options that every kind has. */
export function commonSchema(): Readonly<Record<string, JsonSchema>> {
  return inputSchema(serviceOptions).properties ?? {};
}

/** What a stack says of all its services and the network between them. */
export function stackSchema(): Readonly<Record<string, JsonSchema>> {
  return {
    guard: {
      ...inputSchema(guardOptions),
      description: "Who can reach the services, unless one sets its own guard; default: this user, this stack's pages",
    },
    capture: {
      ...inputSchema(captureOptions),
      description:
        "How traffic to services is captured, and what is hidden in it; each service can override it. Default all",
    },
    trace: {
      ...inputSchema(traceOption),
      description: "Whether services' programs report for which request they send what; default auto",
    },
    envFile: {
      ...inputSchema(envFileOptions),
      description: "Files of variables for each service that names none itself; default none",
    },
    https: {
      ...inputSchema(httpsOptions),
      description: '"redirect" sends http to https; { certificates } names your own. Default: both are answered',
    },
    names: inputSchema(stackNames),
    edges: inputSchema(stackEdges),
    ports: inputSchema(stackPorts),
    ...inputSchema(networkOptions).properties,
  };
}

/** The schema of this kind's own options. */
export function kindSchema(kind: AnyKind): JsonSchema {
  return inputSchema(optionsSchema(kind));
}

/** Each is made once: a check needs those of every service. */
const made = new WeakMap<z.ZodType, JsonSchema>();

function inputSchema(schema: z.ZodType): JsonSchema {
  const before = made.get(schema);
  if (before !== undefined) return before;
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", target: "draft-7", unrepresentable: "any" });
  made.set(schema, rest as JsonSchema);
  return rest as JsonSchema;
}

function serviceSchema(kind: AnyKind, common: readonly string[]): JsonSchema {
  const own = withVariables(kindSchema(kind));
  const options = own.properties ?? {};
  const short = kind.short === undefined ? undefined : options[kind.short];
  const forms = short === undefined ? [{ enum: [true, null] }] : [short];
  const described: Readonly<Record<string, string>> = {
    [kind.name]: `A service of kind ${kind.name}, in short or with its options`,
    kind: "The kind, with its options beside it",
  };
  return {
    title: kind.name,
    type: "object",
    properties: {
      ...Object.fromEntries(common.map((key) => [key, { $ref: `#/definitions/${key}` }])),
      ...options,
      [kind.name]: {
        description: described[kind.name],
        anyOf: [...forms, own],
      },
      kind: { const: kind.name, description: described.kind },
    },
    // In strict mode ajv wants to see each key that is required among the properties beside it.
    anyOf: Object.entries(described).map(([key, description]) => ({
      properties: { [key]: { description } },
      required: [key],
    })),
    additionalProperties: false,
  };
}
