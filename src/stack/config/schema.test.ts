import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { KINDS } from "../../services/kinds.ts";
import { commonSchema, configJsonSchema, type JsonSchema, kindSchema } from "./schema.ts";

test("every key of the config has a description", () => {
  const bare: string[] = [];
  const walk = (schema: JsonSchema, path: string) => {
    for (const [key, inner] of Object.entries(schema.properties ?? {})) {
      if (inner.description === undefined && inner.$ref === undefined && inner.const === undefined)
        bare.push(`${path}.${key}`);
      walk(inner, `${path}.${key}`);
    }
    for (const form of schema.anyOf ?? []) walk(form, path);
    if (typeof schema.additionalProperties === "object") walk(schema.additionalProperties as JsonSchema, `${path}.*`);
  };
  const schema = configJsonSchema();
  walk(schema, "");
  for (const [key, inner] of Object.entries(schema.$defs as Record<string, JsonSchema>)) {
    if (inner.description === undefined) bare.push(key);
  }
  // `tcp: true` has nothing to tell.
  expect(bare.filter((path) => !path.endsWith(".tcp"))).toEqual([]);
});

test("it is plain JSON, names every kind, and every reference in it leads somewhere", () => {
  const schema = configJsonSchema();
  const text = JSON.stringify(schema);
  expect(JSON.parse(text)).toEqual(schema);
  const refs = [...text.matchAll(/"\$ref":"#\/\$defs\/(\w+)"/g)].map((match) => match[1]);
  expect(Object.keys(schema.$defs as object)).toEqual(expect.arrayContaining(refs));
  for (const { name } of KINDS) expect(text).toContain(`"title":"${name}"`);
});

test("no kind calls an option as all kinds do, and each has the option that its short form gives", () => {
  const common = Object.keys(commonSchema());
  for (const kind of KINDS) {
    const own = Object.keys(kindSchema(kind).properties ?? {});
    expect(own.filter((key) => common.includes(key))).toEqual([]);
    if (kind.short !== undefined) expect(own).toContain(kind.short);
  }
});

test("adding a kind is a line in kinds.ts: the config's files name none", () => {
  for (const file of ["config.ts", "check.ts", "issues.ts", "schema.ts", "../plan/plan.ts", "../plan/environment.ts"]) {
    const code = readFileSync(new URL(file, import.meta.url), "utf8").replace(
      /\/\*\*[\s\S]*?\*\/|"must be a service.*/g,
      "",
    );
    expect([file, code.match(/kind === "|["'](postgres|files|external)["']/)]).toEqual([file, null]);
  }
});
