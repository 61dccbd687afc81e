// What `npm start` and `npm test` run first: dependencies from the lock file, then the build. Runs on any Node ≥ 18.
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const time = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;

function run(command, args) {
  const done = spawnSync(command, args, { cwd: root, stdio: "inherit", shell: process.platform === "win32" });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

// npm writes node_modules/.package-lock.json last, so it is older than the lock file exactly when an install is due.
if (time("node_modules/.package-lock.json") < time("package-lock.json")) {
  console.error("Installing dependencies from the lock file …");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
}
// The build needs the Node that the install brought, not the one that runs this file.
run(join(root, "node_modules", ".bin", "node"), [join(root, "scripts", "build.mjs")]);
