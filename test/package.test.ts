import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { PUBLIC } from "../src/own-files/own-files.ts";
import { scratch } from "./support/scratch.ts";

const exec = promisify(execFile);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  version: string;
  exports: Record<string, { types: string; default: string }>;
  dependencies: Record<string, string>;
};
const SUBPATHS = Object.entries(PUBLIC).filter(([, path]) => existsSync(join(ROOT, "src", `${path}.ts`)));

/** A project with the packed package in its node_modules, and beside it what the package says it depends on. */
async function project(): Promise<string> {
  const folder = scratch("package");
  const { stdout } = await exec("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    cwd: ROOT,
    maxBuffer: 1 << 24,
  });
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, ".bin"), { recursive: true });
  await exec("tar", ["-xzf", join(folder, packed?.filename ?? "")], { cwd: modules });
  await exec("mv", [join(modules, "package"), join(modules, "cove")]);
  symlinkSync("../cove/bin/cove.js", join(modules, ".bin/cove"));
  for (const name of Object.keys(manifest.dependencies))
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  return folder;
}

async function node(cwd: string, file: string, code: string): Promise<unknown> {
  writeFileSync(join(cwd, file), code);
  const { stdout, stderr } = await exec(process.execPath, [file], { cwd, env: { ...process.env, NODE_OPTIONS: "" } });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

describe("the package as npm packs it", { timeout: 120_000 }, () => {
  beforeAll(() => expect(existsSync(join(ROOT, "dist/index.js"))).toBe(true));

  test("exports what Cove's list of public modules has, and nothing else", () => {
    const { "./schema.json": _, "./package.json": __, ...modules } = manifest.exports;
    const expected = Object.entries(PUBLIC).map(([name, path]) => [
      name === "index" ? "." : `./${name}`,
      { types: `./dist/types/${path}.d.ts`, default: `./dist/${name}.js` },
    ]);
    expect(modules).toEqual(Object.fromEntries(expected));
  });

  test("runs, and is imported and required, with only its dependencies beside it", async () => {
    const cwd = await project();
    const { stdout } = await exec("npx", ["cove", "--version"], { cwd });
    expect(stdout).toBe(`${manifest.version}\n`);
    const { stdout: help } = await exec("npx", ["cove", "--help"], { cwd });
    expect(help).toContain("Usage: cove");

    // cove/vitest is for within Vitest alone.
    const names = SUBPATHS.map(([name]) => (name === "index" ? "cove" : `cove/${name}`)).filter(
      (name) => name !== "cove/vitest",
    );
    const list = JSON.stringify(names);
    const imported = await node(
      cwd,
      "imports.mjs",
      `import { relay } from "cove";
      import { relay as same } from "cove/relay";
      const names = await Promise.all(${list}.map(async (name) => [name, Object.keys(await import(name)).sort()]));
      console.log(JSON.stringify({ same: relay === same, names }));`,
    );
    const required = await node(
      cwd,
      "requires.cjs",
      `const { relay } = require("cove");
      const names = ${list}.map((name) => [name, Object.keys(require(name)).sort()]);
      console.log(JSON.stringify({ same: relay === require("cove/relay").relay, names }));`,
    );
    expect(required).toEqual(imported);
    expect(imported).toMatchObject({ same: true });
    const works = await node(
      cwd,
      "works.mjs",
      `import { relay, lease } from "cove";
      import { createServer } from "node:http";
      process.env.COVE_HOME = ${JSON.stringify(join(cwd, "state"))};
      const held = await lease();
      const server = createServer((_, response) => response.end("hi")).listen(held.port, held.host);
      const through = await relay({ to: held.port });
      const answer = await fetch(\`http://127.0.0.1:\${through.port}/\`).then((response) => response.text());
      await through.close();
      server.close();
      server.closeAllConnections();
      held.release();
      console.log(JSON.stringify(answer));`,
    );
    expect(works).toBe("hi");
  });

  test("its types are whole, and check what a config and a test write", async () => {
    const cwd = await project();
    symlinkSync(join(ROOT, "node_modules/@types"), join(cwd, "node_modules/@types"));
    writeFileSync(
      join(cwd, "use.ts"),
      `import { relay } from "cove";
      import { capture } from "cove/capture";
      import { command, defineStack, files } from "cove/config";
      import { lease } from "cove/lease";
      export default defineStack({ services: { api: command("node api.js"), docs: files("./docs") } });
      // @ts-expect-error there is no service of that name
      defineStack({ services: { api: command("node api.js", { needs: ["db"] }) } });
      export const port: number = (await lease()).port;
      export const through: Promise<{ readonly port: number }> = relay({ to: port });
      export { capture };`,
    );
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024", "--types", "node"];
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    const { stdout } = await exec(process.execPath, [tsc, ...options, "--lib", "es2024,esnext.disposable", "use.ts"], {
      cwd,
    }).catch((error: { stdout: string }) => error);
    expect(stdout).toBe("");
  });
});
