import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROGRAMS, PUBLIC } from "../src/own-files/own-files.ts";
import { coveSandbox } from "./support/cove.ts";
import { npmPrograms } from "./support/npm-programs.ts";
import { type PackedProject, packedProject } from "./support/packed-project.ts";

const exec = promisify(execFile);
const programs = await npmPrograms();
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  version: string;
  exports: Record<string, unknown>;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
};
const SUBPATHS = Object.entries(PUBLIC).filter(([, path]) => existsSync(join(ROOT, "src", `${path}.ts`)));

type Entry = { types: string; default: string };

let project: PackedProject;

async function node(cwd: string, file: string, code: string): Promise<unknown> {
  writeFileSync(join(cwd, file), code);
  const { stdout, stderr } = await exec(process.execPath, [file], { cwd, env: { ...process.env, NODE_OPTIONS: "" } });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

/** What a module imports or requires, comments aside. */
function specifiersIn(code: string): string[] {
  const bare = code.replace(/^\s*(\*|\/[/*]).*$/gm, "");
  const wanted = /(?:^import |^export [^;]*? from |^import [^;]*? from |\brequire\w*\(|\bimport\()"([^"\n]+)"/gm;
  return [...bare.matchAll(wanted)].map(([, name = ""]) => name);
}

describe("the package as npm packs it", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    expect(existsSync(join(ROOT, "dist/index.js"))).toBe(true);
    project = await packedProject();
  });
  afterAll(() => project.remove());

  test("exports what Cove's list of public modules has, and nothing else", () => {
    const { "./schema.json": _, "./package.json": __, ...modules } = manifest.exports;
    const expected = Object.entries(PUBLIC).map(([name, path]) => {
      const modules: Entry = { types: `./dist/types/${path}.d.ts`, default: `./dist/${name}.js` };
      const commonJs: Entry = { types: `./dist/cjs/types/${path}.d.ts`, default: `./dist/cjs/${name}.js` };
      // Vitest can't be required. Node requires the modules themselves, so that a program never has Cove twice.
      const all = name === "vitest" ? modules : { "module-sync": modules, require: commonJs, ...modules };
      return [name === "index" ? "." : `./${name}`, all];
    });
    expect(modules).toEqual(Object.fromEntries(expected));
    expect(JSON.stringify(modules)).toMatch(/^.*"module-sync".*"require".*"types".*$/);
  });

  test("has all that it imports: its own files, Node's modules, and what it depends on", () => {
    const allowed = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
    // Parts of libraries that work without them.
    const optional = ["pg-native", "pg-cloudflare", "cloudflare:sockets", "bufferutil", "utf-8-validate"];
    const dist = join(project.folder, "node_modules/cove/dist");
    const programs = Object.keys({ ...PUBLIC, ...PROGRAMS }).map((name) => `${name}.js`);
    const commonJs = readdirSync(join(dist, "cjs")).filter((name) => name.endsWith(".js"));
    const files = new Set(["preload.cjs", ...programs, ...commonJs.map((name) => `cjs/${name}`)]);
    const missing: string[] = [];
    for (const file of files) {
      const path = join(dist, file);
      if (!existsSync(path)) {
        missing.push(file);
        continue;
      }
      for (const wanted of specifiersIn(readFileSync(path, "utf8"))) {
        const name = wanted
          .split("/")
          .slice(0, wanted.startsWith("@") ? 2 : 1)
          .join("/");
        if (wanted.startsWith(".")) files.add(join(file, "..", wanted));
        else if (!isBuiltin(wanted) && !allowed.includes(name) && !optional.includes(wanted))
          missing.push(`${file}: ${wanted}`);
      }
    }
    expect(missing).toEqual([]);
    expect(files.size).toBeGreaterThan(programs.length);
  });

  test("reads every sort of config with only its dependencies beside it", async () => {
    const cwd = join(project.folder, "stack");
    mkdirSync(cwd);
    writeFileSync(
      join(cwd, "cove.yaml"),
      'name: packed\nservices:\n  a: { command: "node -e \\"console.log(\'now ready\');setInterval(()=>{},1e3)\\"", protocol: tcp, ready: { log: "now \\\\w+" } }\n',
    );
    await using sandbox = await coveSandbox();
    const cove = (...args: string[]) =>
      exec(process.execPath, [join(project.folder, "node_modules/cove/bin/cove.js"), ...args], {
        cwd,
        env: sandbox.env,
      });
    try {
      expect((await cove("up", "-d")).stdout).toMatch(/a +node .* ready/);
    } finally {
      await cove("stop");
    }
  });

  test("runs, and is imported and required, with only its dependencies beside it", async () => {
    const cwd = project.folder;
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

  test("its types are whole, and check what a config and a test write, imported and required", async () => {
    const cwd = project.folder;
    symlinkSync(join(ROOT, "node_modules/@types"), join(cwd, "node_modules/@types"));
    const use = `import { relay } from "cove";
      import { capture } from "cove/capture";
      import { command, defineStack, files } from "cove/config";
      import { lease } from "cove/lease";
      import { latency } from "cove/relay";
      export const stack = defineStack({ services: { api: command("node api.js"), docs: files("./docs") } });
      // @ts-expect-error there is no service of that name
      defineStack({ services: { api: command("node api.js", { needs: ["db"] }) } });
      export const port: Promise<number> = lease().then((held) => held.port);
      export const through: Promise<{ readonly port: number }> = relay({ to: 80, conditions: [latency({ ms: 20 })] });
      export { capture };`;
    for (const ending of ["mts", "cts"]) writeFileSync(join(cwd, `use.${ending}`), use);
    writeFileSync(
      join(cwd, "old.cts"),
      'import cove = require("cove/relay");\nexport const edge = cove.relay({ to: 80 });',
    );
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    const lib = ["--lib", "es2024,esnext.disposable", "--target", "es2024", "--types", "node"];
    for (const module of ["node16", "nodenext"]) {
      const options = ["--noEmit", "--strict", "--module", module, ...lib];
      const { stdout } = await exec(process.execPath, [tsc, ...options, "use.mts", "use.cts", "old.cts"], {
        cwd,
      }).catch((error: { stdout: string }) => error);
      expect(`${module}: ${stdout}`).toBe(`${module}: `);
    }
  });

  test.skipIf(programs === null)("its types are those of the files that they describe, as attw sees it", async () => {
    const attw = join(programs ?? "", "node_modules/@arethetypeswrong/cli/dist/index.js");
    const options = ["--format", "json", "--profile", "node16", "--exclude-entrypoints", "schema.json", "vitest"];
    const { stdout } = await exec(process.execPath, [attw, project.tarball, ...options], { maxBuffer: 1 << 26 }).catch(
      (error: { stdout: string }) => error,
    );
    const { analysis, problems = {} } = JSON.parse(stdout) as {
      analysis: { types: unknown };
      problems?: Record<string, { resolutionKind?: string }[]>;
    };
    expect(analysis.types).toMatchObject({ kind: "included" });
    // What knows no exports at all (TypeScript's node10) finds no subpath of any package that has them.
    const others = Object.values(problems)
      .flat()
      .filter(({ resolutionKind }) => resolutionKind !== "node10");
    expect(others).toEqual([]);
  });
});
