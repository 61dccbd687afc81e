import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { projectFolder } from "../stack.fixture.ts";

const script = fileURLToPath(new URL("load.fixture.ts", import.meta.url));

/** Loads configs one after the other in one process; whatever it prints on stderr would be on a user's screen. */
function load(...folders: string[]) {
  const { stdout, stderr } = spawnSync(process.execPath, [script, ...folders], { encoding: "utf8", cwd: "/" });
  expect(stderr).toBe("");
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function faultOf(files: Record<string, unknown>): { message: string; detail: Record<string, unknown> } {
  const folder = projectFolder(files);
  const [fault] = load(folder);
  expect(fault.fault).toBe("CONFIG_INVALID");
  return { message: fault.message.replaceAll(`${folder.slice(1)}/`, ""), detail: fault.detail };
}

const CONFIG = `import { command, defineStack, external } from "cove";
import { port } from "./shared.ts";
const at: number = port;
export default defineStack({ name: "ts", services: { api: command("node x", { needs: ["pay"] }), pay: external(at) } });
`;

test("a config in TypeScript is imported as it is, `cove` not being installed, whatever the package's type", () => {
  const shared = "export const port: number = 4000;\n";
  const folders = [undefined, {}, { type: "commonjs" }, { type: "module" }].map((manifest) =>
    projectFolder({ "cove.config.ts": CONFIG, "shared.ts": shared, ...(manifest && { "package.json": manifest }) }),
  );
  for (const loaded of load(...folders)) {
    expect(loaded).toMatchObject({
      name: "ts",
      services: [
        { name: "api", kind: "command", options: { command: "node x" }, common: { needs: ["pay"] } },
        { name: "pay", kind: "external", options: { at: 4000 } },
      ],
    });
  }
});

test("JavaScript too: as a module, and by require", () => {
  const esm = `import { command } from "cove";\nexport default { services: { a: command("x") } };\n`;
  const cjs = `const { command } = require("cove");\nmodule.exports = { services: { a: command("x") } };\n`;
  const folders = [
    projectFolder({ "cove.config.mjs": esm }),
    projectFolder({ "cove.config.js": esm, "package.json": { type: "commonjs" } }),
    projectFolder({ "cove.config.js": cjs, "package.json": {} }),
    projectFolder({ "cove.config.mjs": "export default Promise.resolve({ services: { a: { command: 'x' } } });" }),
  ];
  for (const loaded of load(...folders)) expect(loaded.services).toMatchObject([{ name: "a", kind: "command" }]);
});

test("an edit of a config, or of what it imports, is seen by the next load", () => {
  const folder = projectFolder({ "cove.config.ts": CONFIG, "shared.ts": "export let port: number = 4000;\n" });
  const loaded = load(folder, `+${join(folder, "shared.ts")}`, folder, folder);
  expect(loaded.map(({ services }) => services[1].options.at)).toEqual([4000, 4001, 4001]);
});

test("what a config throws is told with its line, and without a stack", () => {
  const { message, detail } = faultOf({
    "cove.config.ts": `import { defineStack } from "cove";\n\nthrow new Error("no token\\nmore");\n`,
  });
  expect(message).toBe(
    `/cove.config.ts:3:7 no token
  3 | throw new Error("no token\\nmore");
    |       ^`.slice(1),
  );
  expect(detail).toMatchObject({ line: 3, column: 7 });
});

test("so is what an imported file throws", () => {
  const { message } = faultOf({
    "cove.config.ts": `import "./lib/deep.ts";\nexport default {};\n`,
    "lib/deep.ts": "const a: unknown = null;\nexport default a.b.c;\n",
  });
  expect(message).toBe(`lib/deep.ts:2:18 TypeError: Cannot read properties of null (reading 'b')
  2 | export default a.b.c;
    |                  ^`);
});

test("a slip in the syntax is pointed at, in TypeScript and JavaScript", () => {
  expect(faultOf({ "cove.config.ts": `const a: number = 1;\nexport default { a: };\n` }).message).toBe(
    `cove.config.ts:2:21 SyntaxError: Expression expected
  2 | export default { a: };
    |                     ^`,
  );
  expect(faultOf({ "cove.config.mjs": `const a = 1;\nexport default { a: };\n` }).message).toBe(
    `cove.config.mjs:2:21 SyntaxError: Unexpected token '}'
  2 | export default { a: };
    |                     ^`,
  );
  expect(faultOf({ "cove.config.ts": "export enum A { B }\nexport default {};\n" }).message).toContain(
    "cove.config.ts:1:8 SyntaxError: TypeScript enum is not supported in strip-only mode",
  );
});

test("an import that leads nowhere is pointed at", () => {
  expect(faultOf({ "cove.config.ts": `import a from "nope-package";\nexport default a;\n` }).message).toBe(
    `cove.config.ts:1:15 can't find package "nope-package"
  1 | import a from "nope-package";
    |               ^`,
  );
  expect(faultOf({ "cove.config.ts": `\nimport a from "./nope.ts";\nexport default a;\n` }).message).toContain(
    "cove.config.ts:2:15 can't find ",
  );
  expect(faultOf({ "cove.config.ts": `import { nope } from "cove";\nexport default nope;\n` }).message).toContain(
    "cove.config.ts:1:10 SyntaxError: The requested module 'cove' does not provide an export named 'nope'",
  );
});

test("a missing default export says what to write", () => {
  expect(
    faultOf({ "cove.config.ts": `import { defineStack } from "cove";\nexport const stack = defineStack;\n` }).message,
  ).toBe("cove.config.ts has no default export; write: export default defineStack({ … })");
});

test("mistakes in what it says are found in the code, key by key", () => {
  const { message, detail } = faultOf({
    "cove.config.ts": `import { command, defineStack } from "cove";

const services = {
  db: command("x"),
  api: command("node x", {
    needs: ["dbb"],
    reddy: "tcp",
    restart: "sometimes",
  }),
};
export default defineStack({ services } as never);
`,
  });
  expect(message).toBe(`cove.config.ts:6:5 services.api.needs[0]: there is no service dbb; did you mean "db"?
  6 |     needs: ["dbb"],
    |     ^
cove.config.ts:7:5 services.api.reddy: unknown key; did you mean "ready"?
  7 |     reddy: "tcp",
    |     ^
cove.config.ts:8:5 services.api.restart: must be "always", "on-failure", "never" or { when, max }
  8 |     restart: "sometimes",
    |     ^`);
  expect(detail).toMatchObject({ line: 6, key: "services.api.needs[0]" });
});

test("a config that holds functions, ends its process, or leaves something running", () => {
  const broken = projectFolder({ "cove.config.mjs": "export default { services: { a: { command: () => 1 } } };" });
  expect(load(broken)[0].message).toContain("services.a.command: must be a line for the shell");
  const ended = projectFolder({ "cove.config.mjs": "process.exit(3);" });
  expect(load(ended)[0].message).toMatch(/cove\.config\.mjs can't be loaded: its process ended \(exit code 3\)$/);
  const busy = "setInterval(() => {}, 1000);\nexport default { services: { a: { command: 'x' } } };";
  expect(load(projectFolder({ "cove.config.mjs": busy }))[0].services).toMatchObject([{ name: "a" }]);
});
