import { KINDS } from "../../conditions/conditions.ts";
import { type Field, PROBABILITY } from "../../conditions/kinds/field.ts";
import { PROFILES } from "../../conditions/profiles.ts";
import type { JsonSchema } from "./json-schema.ts";

/** What an editor is told beyond what the check of a config needs. */

const VARIABLE = { $ref: "#/definitions/variable" };

/** A text that is filled in from variables, where a number, a choice or a text of one form is wanted. */
export const variableSchema: JsonSchema = {
  type: "string",
  pattern: "\\$\\{",
  description: "Filled in from the shell's variables, then from .env beside the config",
};

type Entries = Readonly<Record<string, JsonSchema>>;

/** The schema in which each value may also be a text with `${NAME}`. */
export function withVariables(schema: JsonSchema): JsonSchema {
  const { description, ...rest } = schema;
  const told = description === undefined ? {} : { description };
  if (Array.isArray(schema.type)) {
    return withVariables({ ...told, anyOf: schema.type.map((type: unknown) => ({ ...rest, type })) });
  }
  if (schema.anyOf !== undefined) {
    const forms = schema.anyOf.map((form) => (isContainer(form) ? withVariables(form) : form));
    return { ...schema, anyOf: forms.some(takesVariables) ? forms : [...forms, VARIABLE] };
  }
  if (isContainer(schema)) return withinContainer(schema);
  return isNarrow(schema) ? { ...told, anyOf: [rest, VARIABLE] } : schema;
}

function withinContainer(schema: JsonSchema): JsonSchema {
  const { properties, items, additionalProperties } = schema;
  const others =
    typeof additionalProperties === "object" && additionalProperties !== null ? additionalProperties : null;
  return {
    ...schema,
    ...(properties !== undefined && { properties: eachWithVariables(properties) }),
    ...(items !== undefined && { items: withVariables(items) }),
    ...(others !== null && { additionalProperties: withVariables(others as JsonSchema) }),
  };
}

export function eachWithVariables(schemas: Entries): Entries {
  return Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, withVariables(schema)]));
}

const isContainer = ({ type, anyOf }: JsonSchema): boolean =>
  type === "object" || type === "array" || anyOf !== undefined;

const isNarrow = ({ type, enum: choices, pattern, const: only }: JsonSchema): boolean =>
  choices !== undefined ||
  pattern !== undefined ||
  (only !== undefined && type !== undefined) ||
  ["number", "integer", "boolean"].includes(String(type));

/** Any text fits it already. */
const takesVariables = (schema: JsonSchema): boolean =>
  (schema.type === "string" && !isNarrow(schema)) || (schema.anyOf ?? []).some(takesVariables);

/** Conditions of a network: texts with the names of the profiles, or data, with the parameters of every kind. */
export function conditionsSchema(): JsonSchema {
  const text: JsonSchema = {
    description: `Conditions and names of profiles, such as latency=200±50 loss=2%, or ${PROFILES[0]?.name ?? "offline"}`,
    anyOf: [{ enum: PROFILES.map(({ name }) => name) }, { type: "string" }],
  };
  const data = Object.values(KINDS).map(({ kind, about, fields, direction }): JsonSchema => {
    const own = Object.entries<Field>(fields);
    return {
      title: kind,
      type: "object",
      description: sentence(about),
      properties: {
        kind: { const: kind, description: sentence(about) },
        ...Object.fromEntries(own.map(([key, field]) => [key, fieldSchema(field)])),
        direction: {
          enum: ["up", "down", "both"],
          description: `To the service, or back from it; default ${direction}`,
        },
        probability: fieldSchema(PROBABILITY),
        name: { type: "string", pattern: "^[^\\s,]+$", description: "A name to tell it from others" },
      },
      required: ["kind", ...own.flatMap(([key, field]) => ("required" in field ? [key] : []))],
      additionalProperties: false,
    };
  });
  return { anyOf: [text, { type: "array", items: { anyOf: [text, ...data] } }] };
}

const FORMS: Readonly<Record<string, string>> = {
  time: "ms, or a text such as 200ms, 1.5s",
  size: "bytes, or a text such as 10KB, 1MiB",
  rate: "bytes per second, or a text such as 50KB/s, 1.6Mbit/s",
  share: "0 to 1, or a text such as 2%",
  count: "a whole number",
};

function fieldSchema(field: Field): JsonSchema {
  const fallback = "default" in field && field.default !== undefined ? `; default ${field.default}` : "";
  const form = FORMS[field.type];
  const description = `${sentence(field.about)}${form === undefined ? "" : `: ${form}`}${fallback}`;
  if (field.type === "choice") return { enum: field.of, description };
  if (field.type === "text") return { type: "string", pattern: "^[^\\s,]+$", description };
  if (field.type === "table") return { type: "array", items: { type: "number" }, minItems: 2, description };
  const { min = 0, max } = field;
  const number = { type: "number", minimum: min, ...(max !== undefined && { maximum: max }) };
  return { description, anyOf: [number, { type: "string", pattern: "\\d|\\$\\{" }] };
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
