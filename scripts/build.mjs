// Builds dist/: the bundle of library, command line, home and their threads, its types, the schema, and the dashboard.
// A part is built when what it was made of has changed, or what was made of it is gone.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// Within a test run NODE_ENV says "test", for which React would be built with all its checks.
process.env.NODE_ENV = "production";

/** What decides the result of every part besides its own sources. */
const SHARED = ["package.json", "package-lock.json", "scripts"];

const PARTS = [
  {
    name: "bundle",
    sources: ["src", "tsconfig.json", "tsconfig.build.json"],
    build: async () => (await import("./bundle.mjs")).buildBundle(root),
  },
  {
    name: "dashboard",
    sources: ["dashboard"],
    build: async () => (await import("./dashboard.mjs")).buildDashboard(root),
  },
];

/** Files below a path, tests aside, as paths from the root. */
function filesBelow(path) {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isDirectory()) return /\.(test|fixture)\.tsx?$/.test(path) ? [] : [path];
  return readdirSync(join(root, path)).flatMap((name) =>
    name === "node_modules" ? [] : filesBelow(`${path}/${name}`),
  );
}

/** Changes with the name and the content of every file: dates say nothing after a checkout or a copy. */
function fingerprint(paths) {
  const hash = createHash("sha256").update(process.versions.node);
  for (const path of [...new Set(paths)].sort()) {
    hash.update(`\0${path}\0`).update(existsSync(join(root, path)) ? readFileSync(join(root, path)) : "");
  }
  return hash.digest("hex");
}

function lastBuild(record) {
  try {
    return JSON.parse(readFileSync(record, "utf8"));
  } catch {
    return { print: "", inputs: [], outputs: [] };
  }
}

if (process.argv.includes("--clean")) rmSync(join(root, "dist"), { recursive: true, force: true });
mkdirSync(join(root, "dist"), { recursive: true });

for (const { name, sources, build } of PARTS) {
  const record = join(root, `dist/.${name}.json`);
  const before = lastBuild(record);
  const own = [...SHARED, ...sources].flatMap(filesBelow);
  const isWhole = before.outputs.every((path) => existsSync(join(root, path)));
  if (isWhole && before.print === fingerprint([...own, ...before.inputs])) continue;

  rmSync(record, { force: true });
  // Read before the build: what is changed while it runs is built next time.
  const texts = fingerprint(own);
  const built = await build();
  // What is outside of `sources` and was used: the dashboard's imports from src/.
  const inputs = built.inputs
    .map((path) => relative(root, path).split(sep).join("/"))
    .filter((path) => !path.startsWith("..") && !path.includes("node_modules/") && !own.includes(path));
  const outputs = built.outputs.map((path) => relative(root, path).split(sep).join("/"));
  // A home that runs may load a chunk of its own build later, so the files of one build before stay.
  for (const path of before.previous ?? []) {
    if (!outputs.includes(path) && !before.outputs.includes(path)) rmSync(join(root, path), { force: true });
  }
  if (texts !== fingerprint(own)) continue;
  const print = fingerprint([...own, ...inputs]);
  writeFileSync(record, JSON.stringify({ print, inputs, outputs, previous: before.outputs }));
}
