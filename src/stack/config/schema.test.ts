import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { KINDS } from "../../services/kinds.ts";
import { checkStack } from "./check.ts";
import type { JsonSchema } from "./json-schema.ts";
import { EVERY_KEY } from "./schema.fixture.ts";
import { commonSchema, configJsonSchema, kindSchema } from "./schema.ts";

const schema = configJsonSchema();
// With strict types, too: what ajv has doubts about, an editor may read otherwise.
const isValid = new Ajv({ strict: true, strictTypes: true, strictTuples: true, allErrors: true }).compile(schema);

/** All schemas within a schema, each with its path. */
function* within(value: unknown, path = ""): Generator<[string, JsonSchema]> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield [path, value as JsonSchema];
  for (const [key, inner] of Object.entries(value)) yield* within(inner, `${path}/${key.replaceAll("/", "~1")}`);
}

function resolved(reference: string): unknown {
  const parts = reference.replace(/^#\//, "").split("/");
  return parts.reduce<unknown>((inner, part) => (inner as Record<string, unknown> | undefined)?.[part], schema);
}

test("it is plain JSON, names every kind, and every reference in it leads somewhere", () => {
  const text = JSON.stringify(schema);
  expect(JSON.parse(text)).toEqual(schema);
  const references = [...within(schema)].flatMap(([path, { $ref }]) =>
    typeof $ref === "string" ? [[path, $ref]] : [],
  );
  expect(references.length).toBeGreaterThan(KINDS.length);
  expect(references.filter(([, to]) => resolved(to ?? "") === undefined)).toEqual([]);
  expect(text).not.toContain("__schema");
  for (const { name } of KINDS) expect(text).toContain(`"title":"${name}"`);
});

test("every key that there is has a description, and says its default where it can be left out", () => {
  const bare: string[] = [];
  const silent: string[] = [];
  for (const [path, { properties = {}, required = [] }] of within(schema)) {
    if (path.endsWith("/properties")) continue;
    for (const [key, inner] of Object.entries(properties)) {
      const told = typeof inner.$ref === "string" ? (resolved(inner.$ref) as JsonSchema) : inner;
      const text = String(told.description ?? "");
      if (text.length < 8) bare.push(`${path}.${key}`);
      const isNeeded = (required as string[]).includes(key) || inner.const !== undefined;
      if (!isNeeded && !/default|left out/i.test(text)) silent.push(key);
    }
  }
  expect(bare).toEqual([]);
  // A kind's own key has no default; `command` and the like stand for the service itself.
  const whole = new Set([...KINDS.flatMap(({ name, short }) => [name, short]), "kind", "$schema"]);
  const optional = new Set(["from", "name", "table", "rate", "p", "r", "h", "k", "path", "method", "host"]);
  expect([...new Set(silent)].filter((key) => !whole.has(key) && !optional.has(key))).toEqual([]);
});

const every = parse(EVERY_KEY) as Record<string, unknown>;

/** Every place in a value, with what stands there. */
function* places(value: unknown, path: (string | number)[] = []): Generator<[(string | number)[], unknown]> {
  if (path.length > 0) yield [path, value];
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value))
    yield* places(inner, [...path, Array.isArray(value) ? Number(key) : key]);
}

/** A copy of the config with another value, or another key, at a place. */
function changed(path: readonly (string | number)[], value: unknown, key?: string): unknown {
  const copy: unknown = structuredClone(every);
  const parent = path
    .slice(0, -1)
    .reduce((inner, part) => (inner as Record<string, unknown>)[part] as object, copy as object);
  const last = path.at(-1) ?? "";
  if (key === undefined) (parent as Record<string, unknown>)[last] = value;
  else {
    (parent as Record<string, unknown>)[key] = (parent as Record<string, unknown>)[last];
    delete (parent as Record<string, unknown>)[last];
  }
  return copy;
}

const isRight = (config: unknown): boolean => "services" in checkStack(config);

test("a config with every key is valid, and no key is missing in it", () => {
  isValid(every);
  expect(isValid.errors ?? []).toEqual([]);
  expect(checkStack(every)).toHaveProperty("services");
  const used = new Set([...places(every)].map(([path]) => path.at(-1)));
  const keys = new Set(
    [...within(schema)].flatMap(([path, { properties = {} }]) =>
      path.endsWith("/properties") || path.startsWith("/definitions/conditions") ? [] : Object.keys(properties),
    ),
  );
  expect([...keys].filter((key) => !used.has(key))).toEqual([]);
});

/** Maps whose keys people choose. */
const isChosen = (path: readonly (string | number)[]): boolean =>
  /^((conditions|profiles|scenarios|services)|services,\w+,env|services,\w+(,postgres)?,settings)$/.test(
    path.slice(0, -1).join(),
  );

test("a wrong value or a misspelt key is refused at every place, by the schema as by the check", {
  timeout: 120_000,
}, () => {
  const accepted: string[] = [];
  for (const [path] of places(every)) {
    const wrong = changed(path, { nonsense: [true] });
    if (isValid(wrong) || isRight(wrong)) accepted.push(path.join("."));
    if (typeof path.at(-1) === "number" || isChosen(path)) continue;
    const misspelt = changed(path, null, `${path.at(-1)}x`);
    if (isValid(misspelt) || isRight(misspelt)) accepted.push(`${path.join(".")}x`);
  }
  expect(accepted).toEqual([]);
});

test("what the check takes, the schema takes, and texts with variables stand for any value", {
  timeout: 120_000,
}, () => {
  const refused: string[] = [];
  const values = [0, -1, true, "", "x", "10s", ["x"], "https://a.example"];
  for (const [path] of places(every)) {
    for (const value of values) {
      const other = changed(path, value);
      if (isRight(other) && !isValid(other)) refused.push(`${path.join(".")}: ${JSON.stringify(value)}`);
    }
    const here = path.reduce<unknown>((inner, part) => (inner as Record<string, unknown>)[part], every);
    const isFixed = ["kind", "$schema"].includes(String(path.at(-1))) || (typeof here === "object" && here !== null);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what is tested
    if (!isFixed && !isValid(changed(path, "${VALUE:-1}"))) refused.push(`${path.join(".")}: a variable`);
  }
  expect(refused).toEqual([]);
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
