import { execFile } from "node:child_process";
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Fault, fault } from "../../fault/fault.ts";
import type { Binaries } from "./binaries.ts";
import { type Owner, runAs } from "./owner.ts";
import { markUnfinished, readUnfinished } from "./unfinished.ts";

const exec = promisify(execFile);

/** Only by TCP from loopback, only with the password. */
const HBA = "host all all 127.0.0.0/8 scram-sha-256\nhost all all ::1/128 scram-sha-256\n";
/** Default 0.5 s; a busy machine or a slow disk may take longer, ms. */
const INITDB_TIME = 120_000;

/**
 * The cluster's folder, initialised if it is new or was never finished. Made beside its place and moved there whole.
 * Fault: DATABASE_FAILED, also for data of another major version, which is left as it is.
 */
export async function ensureCluster(
  binaries: Binaries,
  owner: Owner,
  user: string,
  password: string,
): Promise<string | Fault> {
  const data = join(owner.dataDir, "pgdata");
  if (readUnfinished(owner.dataDir)?.type === "cluster") rmSync(data, { recursive: true, force: true });
  if (existsSync(data)) return checkVersion(data, binaries);
  const fresh = join(owner.dataDir, "pgdata.new");
  rmSync(fresh, { recursive: true, force: true });
  const failed = await initialise(binaries, owner, fresh, user, password);
  if (failed !== null) return failed;
  writeFileSync(join(fresh, "pg_hba.conf"), HBA);
  markUnfinished(owner.dataDir, { type: "cluster" });
  renameSync(fresh, data);
  return data;
}

async function initialise(
  { initdb, major }: Binaries,
  owner: Owner,
  folder: string,
  user: string,
  password: string,
): Promise<Fault | null> {
  const secret = join(owner.dataDir, "pwfile");
  rmSync(secret, { force: true });
  writeFileSync(secret, password, { mode: 0o600 });
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(secret, owner.uid, owner.gid);
  const args = ["-D", folder, "-U", user, "--pwfile", secret, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"];
  // Letters beyond ASCII have upper case, and order is the same on every machine; the system's locales differ.
  if (Number(major) >= 17) args.push("--locale-provider=builtin", "--builtin-locale=C.UTF-8");
  try {
    await exec(initdb, [...args, "--no-instructions"], { ...runAs(owner), env: serverEnv(), timeout: INITDB_TIME });
    return null;
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    const why = said === "" ? String(error) : said.split("\n").slice(0, 4).join(" ");
    return fault("DATABASE_FAILED", `initdb failed in ${owner.dataDir}: ${why}`, "see: cove doctor", { folder });
  } finally {
    rmSync(secret, { force: true });
  }
}

/** What Postgres needs of our environment; PGDATA, PGOPTIONS and the user's locale must not reach it. */
export function serverEnv(): Record<string, string> {
  const kept = ["PATH", "SystemRoot", "TEMP", "TMP", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];
  const env = Object.entries(process.env).filter(([name]) => kept.includes(name));
  return { ...Object.fromEntries(env.map(([name, value]) => [name, value ?? ""])), LANG: "C", TZ: "UTC" };
}

function checkVersion(data: string, { major }: Binaries): string | Fault {
  const file = join(data, "PG_VERSION");
  const made = existsSync(file) ? readFileSync(file, "utf8").trim() : null;
  if (made === major) return data;
  if (made === null) {
    return fault("DATABASE_FAILED", `${data} is not a Postgres data folder`, `start over: move ${data} away`, { data });
  }
  return fault(
    "DATABASE_FAILED",
    `the data in ${data} is of Postgres ${made}, and this is Postgres ${major}`,
    `to keep it, dump it with Postgres ${made} (engine: system, where that is on PATH); to start over, move ${data} away`,
    { data, made, major },
  );
}
