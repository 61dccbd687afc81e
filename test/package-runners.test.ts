import { execFile } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { npmPrograms } from "./support/npm-programs.ts";
import { type PackedProject, packedProject } from "./support/packed-project.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const programs = await npmPrograms();
/** A program that hangs takes longer, ms. */
const LIMIT = 90_000;

/** What each test file does, whatever the runner: a lease, a request through a relay that is slow, and an end to all of it. */
const BODY = `async function check({ relay, lease, capture, profile }, http, expect) {
  const held = await lease();
  expect(held.port > 0, true);
  held.release();
  expect([typeof capture, profile("offline").length > 0].join(), "function,true");
  const server = http.createServer((_, response) => response.end("hi"));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const edge = await relay({ to: server.address().port, conditions: "latency=30" });
  const began = performance.now();
  const answer = await fetch("http://127.0.0.1:" + edge.port + "/");
  expect(await answer.text(), "hi");
  expect(performance.now() - began >= 29, true);
  await edge.close();
  // Left open, with a connection through it.
  const left = await relay({ to: server.address().port });
  expect(await (await fetch("http://127.0.0.1:" + left.port + "/")).text(), "hi");
  server.close();
}`;

const IMPORTS =
  'import http from "node:http";\nimport { profile } from "cove";\nimport { capture } from "cove/capture";\nimport { lease } from "cove/lease";\nimport { relay } from "cove/relay";\nconst cove = { relay, lease, capture, profile };\n';
const REQUIRES =
  'const http = require("node:http");\nconst cove = { ...require("cove"), ...require("cove/relay"), ...require("cove/lease"), ...require("cove/capture") };\n';
const JEST = `${BODY}\ntest("relay", () => check(cove, http, (got, wanted) => expect(got).toBe(wanted)));\n`;
const NODE_TEST = `${BODY}\ntest("relay", () => check(cove, http, assert.equal));\n`;

const FILES = {
  "esm/package.json": '{ "type": "module" }',
  "esm/relay.jest.js": IMPORTS + JEST,
  "esm/relay.node.js": `${IMPORTS}import assert from "node:assert";\nimport { test } from "node:test";\n${NODE_TEST}`,
  "esm/relay.vitest.test.js": `${IMPORTS}import { expect, test } from "vitest";\n${JEST}`,
  "cjs/package.json": '{ "type": "commonjs" }',
  "cjs/relay.jest.js": REQUIRES + JEST,
  "cjs/relay.node.js": `${REQUIRES}const assert = require("node:assert");\nconst { test } = require("node:test");\n${NODE_TEST}`,
  // Vitest itself can only be imported.
  "cjs/relay.vitest.test.mjs": `import { createRequire } from "node:module";\nimport { expect, test } from "vitest";\nconst require = createRequire(import.meta.url);\n${REQUIRES}${JEST}`,
  "esm/jest.config.json": '{ "testRegex": "\\\\.jest\\\\.js$", "transform": {}, "testTimeout": 40000 }',
  "cjs/jest.config.json": '{ "testRegex": "\\\\.jest\\\\.js$", "testTimeout": 40000 }',
};

describe.skipIf(programs === null)("test runners use relay() from the packed package, and end at once", () => {
  let project: PackedProject;
  beforeAll(async () => {
    project = await packedProject(FILES);
    for (const name of ["vitest", "vite"])
      symlinkSync(join(ROOT, "node_modules", name), join(project.folder, "node_modules", name));
    symlinkSync(join(programs ?? "", "node_modules/jest"), join(project.folder, "node_modules/jest"));
  });
  afterAll(() => project.remove());

  const nodes = [
    ["Node 24", process.execPath],
    ["Node 22", join(programs ?? "", "node_modules/node-22/bin/node")],
  ] as const;
  const jest = "../node_modules/jest/bin/jest.js";
  const vitest = "../node_modules/vitest/vitest.mjs";
  const runs: [string, string, string[]][] = [
    ["Jest in an ESM project", "esm", ["--experimental-vm-modules", jest, "--config", "jest.config.json"]],
    ["Jest in a CommonJS project", "cjs", [jest, "--config", "jest.config.json"]],
    ["node:test in an ESM project", "esm", ["--test", "relay.node.js"]],
    ["node:test in a CommonJS project", "cjs", ["--test", "relay.node.js"]],
    ["Vitest in an ESM project", "esm", [vitest, "run", "--testTimeout", "40000", "--dir", ".", "relay.vitest"]],
    ["Vitest in a CommonJS project", "cjs", [vitest, "run", "--testTimeout", "40000", "--dir", ".", "relay.vitest"]],
  ];
  describe.each(nodes)("%s", (_, node) => {
    test.each(runs)("%s", { timeout: LIMIT + 10_000 }, async (_, folder, args) => {
      const { code, output } = await ended(node, args, join(project.folder, folder));
      expect([code, output]).toEqual([0, expect.stringMatching(/1 passed|pass 1\b/)]);
      // What the runners say of something that keeps them from ending.
      expect(output).not.toMatch(/did not exit|open handle|close timed out|failed to exit|force/i);
    });
  });
});

/** What a program says on both streams, and its exit code; `null` if it didn't end by itself. */
function ended(program: string, args: string[], cwd: string): Promise<{ code: number | null; output: string }> {
  const env = { PATH: process.env.PATH, HOME: cwd, COVE_HOME: join(cwd, "state"), NO_COLOR: "1", CI: "1" };
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd, env, timeout: LIMIT }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, output: `${stdout}\n${stderr}` });
    });
  });
}
