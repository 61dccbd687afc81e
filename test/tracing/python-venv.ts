import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { program } from "../support/programs.ts";

/** Servers and drivers, at versions that are tried. */
const PACKAGES = [
  ...["flask", "gunicorn", "uvicorn", "httptools", "hypercorn", "aiohttp", "psycopg[binary,pool]", "psycopg2-binary"],
  ...["asyncpg", "redis", "sqlalchemy", "greenlet", "django", "requests", "httpx"],
];

/** Pythons to try: COVE_PYTHONS (paths, by commas); default: the first on PATH. */
export const PYTHONS: readonly string[] =
  process.env.COVE_PYTHONS?.split(",") ?? [program("python3")].filter((path) => path !== null);

/** A virtual environment with all that the tests need, in the system's folder for temporary files; kept for the next run. */
export function virtualEnvironment(python: string): string {
  // One that has it all.
  if (existsSync(join(dirname(python), "hypercorn"))) return dirname(dirname(python));
  const name = createHash("sha256")
    .update(`${python} ${PACKAGES.join(" ")}`)
    .digest("hex")
    .slice(0, 12);
  const folder = join(tmpdir(), `cove-tracing-python-${name}`);
  if (existsSync(join(folder, "whole"))) return folder;
  rmSync(folder, { recursive: true, force: true });
  execFileSync(python, ["-m", "venv", folder]);
  execFileSync(join(folder, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", ...PACKAGES]);
  writeFileSync(join(folder, "whole"), "");
  return folder;
}
