import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { KINDS } from "../src/conditions/conditions.ts";
import { printField } from "../src/conditions/kinds/field.ts";
import { printCondition, readCondition } from "../src/conditions/text.ts";
import * as cove from "../src/index.ts";
import { scratch } from "./support/scratch.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SRC = join(ROOT, "src");
/** The modules that people import, and where they lie. */
const MODULES = {
  cove: "index.ts",
  "cove/config": "stack/config/define.ts",
  "cove/relay": "library/relay.ts",
  "cove/lease": "library/lease.ts",
  "cove/capture": "library/capture.ts",
  "cove/vitest": "library/vitest.ts",
} as const;
const WHERE_EXPORTS_ARE = [
  ...["library", "conditions", "conditions/kinds", "conditions/kinds/loss", "stack/config", "fault"].flatMap((folder) =>
    readdirSync(join(SRC, folder))
      .filter((name) => name.endsWith(".ts") && !/\.(test|fixture)\.ts$/.test(name))
      .map((name) => join(SRC, folder, name)),
  ),
];

/** Every docblock, with the declaration behind it. */
const BLOCKS = WHERE_EXPORTS_ARE.flatMap((file) =>
  [...readFileSync(file, "utf8").matchAll(/\/\*\*((?:[^*]|\*(?!\/))*)\*\/\n(export [^\n]*)/g)].map(
    ([, text = "", declaration = ""]) => ({
      file,
      name: /^export (?:async )?(?:const|function|class|interface|type) (\w+)/.exec(declaration)?.[1] ?? "",
      text: text.replace(/^\s*\* ?/gm, ""),
    }),
  ),
);
const EXAMPLES = BLOCKS.flatMap(({ name, text }) => {
  const [, code] = /@example\n([\s\S]*)$/.exec(text) ?? [];
  return code === undefined ? [] : [{ name, code }];
});

const withModules = (code: string) =>
  code.replace(
    / from "(cove[\w/]*)"/g,
    (_, name: keyof typeof MODULES) => ` from ${JSON.stringify(join(SRC, MODULES[name]))}`,
  );

function run(program: string, args: readonly string[], cwd?: string) {
  const { NODE_TEST_CONTEXT: _, ...others } = process.env;
  const env = { ...others, COVE_HOME: scratch("home"), NODE_OPTIONS: "--disable-warning=ExperimentalWarning" };
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", env, cwd, timeout: 90_000 });
  return { status: error === undefined ? status : String(error), output: `${stdout}${stderr}` };
}

test("every function of the public face has a docblock with an example", () => {
  const documented = new Set(EXAMPLES.map(({ name }) => name));
  const functions = Object.entries(cove).flatMap(([name, value]) => (typeof value === "function" ? [name] : []));
  expect(functions.filter((name) => name !== "CoveError" && !documented.has(name))).toEqual([]);
});

test("every example runs: those of vitest in Vitest, all others by themselves", { timeout: 180_000 }, () => {
  const folder = scratch("examples");
  const [inVitest, others] = [true, false].map((wanted) =>
    EXAMPLES.filter(({ code }) => code.includes('"vitest"') === wanted),
  );
  expect(others?.length).toBeGreaterThan(25);
  for (const [n, { code }] of (others ?? []).entries()) writeFileSync(join(folder, `${n}.mts`), withModules(code));
  const all = (others ?? []).map((_, n) => `console.log(${n}); await import("./${n}.mts");`).join("\n");
  writeFileSync(join(folder, "all.mts"), all);
  expect(run(process.execPath, [join(folder, "all.mts")])).toEqual({
    status: 0,
    output: (others ?? []).map((_, n) => `${n}\n`).join(""),
  });

  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const [n, { code }] of (inVitest ?? []).entries())
    writeFileSync(join(folder, `${n}.test.ts`), withModules(code));
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const { status, output } = run(process.execPath, [vitest, "run", "--root", folder], folder);
  expect([status, output.includes(`${inVitest?.length} passed`)], output).toEqual([0, true]);
});

const constructorOf = (kind: string) => kind.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const kindFiles = [...readdirSync(join(SRC, "conditions/kinds"), { recursive: true, encoding: "utf8" })].filter(
  (name) => name.endsWith(".ts") && /= defineKind</.test(readFileSync(join(SRC, "conditions/kinds", name), "utf8")),
);

test("every file of a kind is in the list", () => {
  expect(Object.keys(KINDS)).toHaveLength(kindFiles.length);
});

const FIRST: Readonly<Record<string, unknown>> = { time: 200, size: 10_000, rate: 50_000, share: 0.02, count: 503 };

test.each(Object.values(KINDS).map((kind) => [kind.kind, kind] as const))(
  "%s has a constructor, a summary, a docblock, a text form, fields that can be drawn, and a line in the docs",
  (name, kind) => {
    const { [constructorOf(name)]: make } = cove as unknown as Record<string, (options: object) => { kind: string }>;
    const needed = Object.entries(kind.fields).filter(
      ([key, field]) => "required" in field || (name === "loss" && key === "rate"),
    );
    const condition = make?.(Object.fromEntries(needed.map(([key, { type }]) => [key, FIRST[type]])));
    expect(condition?.kind).toBe(name);
    expect(readCondition(printCondition(condition as never))).toEqual(condition);
    expect(kind.about).toMatch(/^[a-z].{10,100}[^.]$/);
    for (const [key, field] of Object.entries(kind.fields)) {
      expect(field.about, key).toMatch(/./);
      expect(printField(field, FIRST[field.type] ?? "GET"), key).toMatch(/./);
    }
    expect(BLOCKS.find((block) => block.name === constructorOf(name))?.text).toMatch(/Throws\s+CoveError/);
    const docs = readFileSync(join(ROOT, "docs/testing.md"), "utf8");
    expect(docs).toMatch(new RegExp(`\\| \`${constructorOf(name)}\\([^|]*\\| \`${name}[=,\`]`));
  },
);

test("a new condition is one new file and one line in the list", { timeout: 120_000 }, () => {
  const folder = scratch("new-kind");
  cpSync(SRC, join(folder, "src"), { recursive: true, filter: (path) => !/\.(test|fixture)\.ts$/.test(path) });
  for (const name of ["package.json", "tsconfig.json"]) cpSync(join(ROOT, name), join(folder, name));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(
    join(folder, "src/conditions/kinds/echo-twice.ts"),
    `import type { ConditionBase } from "./condition.ts";
import { defineKind } from "./define.ts";

export interface EchoTwice extends ConditionBase {
  readonly kind: "echo-twice";
  readonly after: number;
  readonly mood: "calm" | "wild";
}

export const echoTwice = defineKind<EchoTwice, "after">({
  kind: "echo-twice",
  about: "delivers every chunk twice",
  direction: "down",
  fields: {
    after: { type: "time", place: "main", required: true, about: "before the second time" },
    mood: { type: "choice", of: ["calm", "wild"], default: "calm", about: "of the echo" },
  },
  stage: (_, next) => ({ ...next, push: (bytes, at) => { next.push(bytes, at); next.push(bytes, at); }, flush: () => {}, stop: () => {} }),
});
`,
  );
  const list = join(folder, "src/conditions/list.ts");
  writeFileSync(list, `${readFileSync(list, "utf8")}export { echoTwice } from "./kinds/echo-twice.ts";\n`);
  mkdirSync(join(folder, "test"));
  writeFileSync(
    join(folder, "test/use.ts"),
    `import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { type Condition, echoTwice, relay } from "../src/index.ts";

const made: Condition = echoTwice({ after: 5, mood: "wild" });
assert.deepEqual(made, { kind: "echo-twice", direction: "down", probability: 1, after: 5, mood: "wild" });
// @ts-expect-error after is needed
assert.throws(() => echoTwice({}), /echo-twice needs after/);
// @ts-expect-error no such mood
assert.throws(() => echoTwice({ after: 1, mood: "odd" }), /mood must be calm, wild/);
const server = createServer((socket) => socket.on("error", () => {}).end("hi")).listen(0, "127.0.0.1");
await once(server, "listening");
await using edge = await relay({ to: (server.address() as { port: number }).port, conditions: "echo-twice=5ms,wild" });
const socket = connect(edge.port, edge.host);
socket.on("error", () => {});
let text = "";
for await (const chunk of socket) text += chunk;
assert.equal(text, "hihi");
server.close();
console.log("works");
`,
  );
  expect(run(process.execPath, [join(folder, "test/use.ts")])).toEqual({ status: 0, output: "works\n" });
  const types = run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json"], folder);
  expect(types).toEqual({ status: 0, output: "" });
});

test("a config loads nothing but itself", () => {
  const define = JSON.stringify(join(SRC, MODULES["cove/config"]));
  const code = `import { registerHooks } from "node:module";
const loaded = [];
registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
await import(${define});
console.log(loaded.length);`;
  expect(run(process.execPath, ["--input-type=module", "-e", code])).toEqual({ status: 0, output: "1\n" });
});

test.each([
  ["cove/relay", /node:sqlite|\/zod\/|\/src\/home\//],
  ["cove/lease", /\/zod\/|\/src\/home\/|\/src\/door\//],
  ["cove/capture", /node:sqlite|\/zod\/|\/src\/home\//],
] as const)("%s loads no more than it needs", (name, needless) => {
  const code = `import { registerHooks } from "node:module";
registerHooks({ load: (url, context, next) => { console.log(url); return next(url, context); } });
await import(${JSON.stringify(join(SRC, MODULES[name]))});`;
  const { status, output } = run(process.execPath, ["--input-type=module", "-e", code]);
  expect(status).toBe(0);
  expect(output.split("\n").filter((url) => needless.test(url))).toEqual([]);
});

const LEFT_OPEN = `
const server = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
await once(server, "listening");
server.unref();
const { port } = server.address();
const edge = await relay({ to: port, conditions: "latency=1" });
await (await fetch(edge.url)).text();
const held = await relay({ to: port, conditions: "blackhole" });
await fetch(held.url, { signal: AbortSignal.timeout(50) }).catch(() => {});
const slow = await relay({ to: port, conditions: "latency=60000" });
await fetch(slow.url, { signal: AbortSignal.timeout(50) }).catch(() => {});
const seen = await capture({ to: port });
await (await fetch(seen.url)).text();
await lease();
`;
const IMPORTS = `import { once } from "node:events";
import { createServer } from "node:http";
import { capture, lease, relay } from "cove";
`;

test("a process that left its relays open ends at once: a script, node:test, Vitest", { timeout: 180_000 }, () => {
  const folder = scratch("left-open");
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const write = (name: string, code: string) => {
    writeFileSync(join(folder, name), withModules(code));
    return join(folder, name);
  };
  const script = write("script.mjs", `${IMPORTS}${LEFT_OPEN}`);
  expect(run(process.execPath, [script])).toEqual({ status: 0, output: "" });
  const node = write(
    "node.test.mjs",
    `import { test } from "node:test";\n${IMPORTS}test("x", async () => {${LEFT_OPEN}});`,
  );
  expect(run(process.execPath, ["--test", node]).status).toBe(0);
  write("in-vitest.test.ts", `import { test } from "vitest";\n${IMPORTS}test("x", async () => {${LEFT_OPEN}});`);
  const { status, output } = run(
    process.execPath,
    [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--root", folder, "in-vitest"],
    folder,
  );
  expect([status, /hanging|did not exit|close timed out/i.test(output)], output).toEqual([0, false]);
});

test("what is waited for runs on: a scenario that plays, and a relay that was told to hold the process", () => {
  const folder = scratch("held");
  const file = join(folder, "held.mjs");
  writeFileSync(
    file,
    withModules(`import { relay } from "cove";
const edge = await relay({ to: 1 });
console.log(await edge.play({ parts: [{ for: 200, conditions: "offline" }] }));
edge.ref();
setTimeout(() => { console.log("still here"); edge.close(); }, 100).unref();`),
  );
  expect(run(process.execPath, [file])).toEqual({ status: 0, output: "true\nstill here\n" });
});
