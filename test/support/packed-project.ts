import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const exec = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface PackedProject {
  readonly folder: string;
  /** The package as npm packs it. */
  readonly tarball: string;
  readonly remove: () => void;
}

/**
 * A project with the packed package in its node_modules, and beside it what the package says it depends on, without a registry.
 * For all tests of a file: packing takes a while.
 */
export async function packedProject(files: Readonly<Record<string, string>> = {}): Promise<PackedProject> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "cove-packed-")));
  const { stdout } = await exec("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    cwd: ROOT,
    maxBuffer: 1 << 24,
  });
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  const tarball = join(folder, packed?.filename ?? "");
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, ".bin"), { recursive: true });
  await exec("tar", ["-xzf", tarball], { cwd: modules });
  await exec("mv", [join(modules, "package"), join(modules, "cove")]);
  symlinkSync("../cove/bin/cove.js", join(modules, ".bin/cove"));
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
  const all = { "package.json": '{ "name": "user", "private": true, "type": "module" }', ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return { folder, tarball, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
