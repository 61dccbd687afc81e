import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { LIMITS, type Row } from "./row.ts";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Holds what the installation was made from. */
const MARK = ".installed";

/** Each checkout has projects of its own, outside of it, so that no tool finds the checkout's files above them. */
const CACHE = join(
  realpathSync(tmpdir()),
  `cove-frameworks-${createHash("sha256").update(ROOT).digest("hex").slice(0, 8)}`,
);

/** Lays out the row's project, fresh but for what was installed before, and installs what is missing. */
export async function project(row: Row): Promise<string> {
  const folder = join(CACHE, row.name);
  mkdirSync(folder, { recursive: true });
  clear(folder, folder, row.keep ?? []);
  writeFiles(folder, { ...row.files, "package.json": manifest(row) });
  await install(row, folder);
  return folder;
}

export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** The version of what is tried, for the docs. */
export async function versionOf(row: Row, folder: string): Promise<string> {
  if (row.version !== undefined) {
    const said = await command(row.version, folder, 60_000);
    return /\d+(\.\d+)+[\w.-]*/.exec(said)?.[0] ?? said.trim();
  }
  const [first] = Object.keys(row.packages ?? {});
  if (first === undefined) return "";
  const text = readFileSync(join(folder, "node_modules", first, "package.json"), "utf8");
  return String((JSON.parse(text) as { version: unknown }).version);
}

function manifest({ name, packages, files, dev }: Row): string {
  // One that is given says itself what the type of its modules is: to webpack no type is a third one.
  const given = JSON.parse(files["package.json"] ?? `{ "type": "module" }`) as Record<string, unknown>;
  const scripts = { ...(dev !== undefined && { dev }), ...(given.scripts as Record<string, string> | undefined) };
  const own = { name, version: "1.0.0", private: true, dependencies: packages ?? {} };
  return `${JSON.stringify({ ...own, ...given, scripts }, null, 2)}\n`;
}

async function install(row: Row, folder: string): Promise<void> {
  const steps = row.install ?? (row.packages === undefined ? [] : [NPM_INSTALL]);
  if (steps.length === 0) {
    const modules = join(folder, "node_modules");
    if (!existsSync(modules)) symlinkSync(join(ROOT, "node_modules"), modules, "junction");
    return;
  }
  const made = createHash("sha256").update(JSON.stringify(steps));
  for (const path of Object.keys({ ...row.files, "package.json": "" })
    .filter(describesInstall)
    .sort()) {
    made.update(readFileSync(join(folder, path)));
  }
  const digest = made.digest("hex");
  const mark = join(folder, MARK);
  if (existsSync(mark) && readFileSync(mark, "utf8") === digest) return;
  rmSync(mark, { force: true });
  const limit = row.limits?.install ?? LIMITS.install;
  for (const step of steps) await command(step, folder, limit);
  writeFileSync(mark, digest);
}

const NPM_INSTALL = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"];

/** Files that say what is installed. */
const describesInstall = (path: string): boolean =>
  /(^|\/)(package\.json|pnpm-workspace\.yaml|\.npmrc|requirements\.txt|go\.mod|Gemfile|pom\.xml|Cargo\.toml)$/.test(
    path,
  );

/** Runs a command to its end; throws with what it printed if it fails or takes longer than `limit` ms. */
function command([program = "", ...args]: readonly string[], cwd: string, limit: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NODE_ENV: undefined, NODE_OPTIONS: undefined, VITEST: undefined, CI: "1" };
    const path = [join(cwd, "node_modules", ".bin"), process.env.PATH].join(delimiter);
    const child = spawn(program, args, { cwd, env: { ...env, PATH: path }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const timer = setTimeout(() => child.kill("SIGKILL"), limit);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
      });
    }
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ${args.join(" ")} ended with ${code}:\n${output.slice(-4_000)}`));
    });
  });
}

/** Removes what a run left: all but node_modules, lock files, the mark and what is kept. */
function clear(folder: string, root: string, keep: readonly string[]): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const shown = relative(root, path).replaceAll("\\", "/");
    if (entry.name === "node_modules" || keep.includes(shown) || KEPT.test(shown)) continue;
    if (!entry.isDirectory()) {
      rmSync(path, { force: true });
    } else {
      clear(path, root, keep);
      if (readdirSync(path).length === 0) rmSync(path, { recursive: true });
    }
  }
}

const KEPT = /^(package-lock\.json|pnpm-lock\.yaml|yarn\.lock|\.installed)$/;
