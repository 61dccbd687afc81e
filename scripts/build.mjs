// Builds dist/ (library, CLI, home) and dist/dashboard; skips what is newer than its sources.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, "node_modules", ".bin", process.platform === "win32" ? `${name}.cmd` : name);

function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function run(command, args) {
  // Within a test run NODE_ENV says "test", for which React would be built with all its checks.
  const env = { ...process.env, NODE_ENV: "production" };
  const done = spawnSync(bin(command), args, { cwd: root, env, stdio: "inherit", shell: process.platform === "win32" });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

function stale(marker, sources) {
  const built = statSync(join(root, marker), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return sources.some((source) => newest(join(root, source)) > built);
}

if (stale("dist/schema.json", ["src", "tsconfig.json", "tsconfig.build.json", "scripts"])) {
  for (const name of existsSync(join(root, "dist")) ? readdirSync(join(root, "dist")) : []) {
    if (name !== "dashboard") rmSync(join(root, "dist", name), { recursive: true });
  }
  run("tsc", ["-p", "tsconfig.build.json"]);
  run("node", [join(root, "scripts", "write-schema.mjs")]);
}
if (existsSync(join(root, "dashboard/vite.config.ts")) && stale("dist/dashboard/index.html", ["dashboard", "src"])) {
  run("vite", ["build", "dashboard", "--logLevel", "warn"]);
}
