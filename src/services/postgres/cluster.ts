import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Fault, fault } from "../../fault/fault.ts";
import type { Binaries } from "./binaries.ts";
import type { Owner } from "./owner.ts";

const exec = promisify(execFile);

/** Only by TCP from loopback, only with the password. */
const HBA = "host all all 127.0.0.0/8 scram-sha-256\nhost all all ::1/128 scram-sha-256\n";

/** The service's password, made at the first call. */
export function passwordOf(serviceDir: string): string {
  const path = join(serviceDir, "password");
  try {
    return readFileSync(path, "utf8");
  } catch {
    const password = randomBytes(18).toString("base64url");
    try {
      writeFileSync(path, password, { mode: 0o600, flag: "wx" });
      return password;
    } catch {
      // A second process was faster: its password counts.
      return readFileSync(path, "utf8");
    }
  }
}

/** The cluster's folder, initialised if it is new. Made beside its place and moved there whole. */
export async function ensureCluster(
  binaries: Binaries,
  owner: Owner,
  user: string,
  password: string,
): Promise<string | Fault> {
  const data = join(owner.dataDir, "pgdata");
  if (existsSync(data)) return checkVersion(data, binaries);
  const fresh = join(owner.dataDir, "pgdata.new");
  const secret = join(owner.dataDir, "pwfile");
  rmSync(fresh, { recursive: true, force: true });
  writeFileSync(secret, password, { mode: 0o600 });
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(secret, owner.uid, owner.gid);
  const args = [
    "-D",
    fresh,
    "-U",
    user,
    "--pwfile",
    secret,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--no-instructions",
    "--no-sync",
  ];
  // ICU's root collation sorts the same on every machine; the system's locales don't.
  args.push("--locale=C.UTF-8");
  try {
    await exec(binaries.initdb, args, {
      ...runAs(owner),
      env: { PATH: process.env.PATH ?? "", LANG: "C", TZ: "UTC" },
      timeout: 120_000,
    });
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error);
    return fault(
      "DATABASE_FAILED",
      `initdb failed: ${said.split("\n").slice(0, 4).join(" ")}`,
      `the data would be in ${data}; see: cove doctor`,
      { data },
    );
  } finally {
    rmSync(secret, { force: true });
  }
  writeFileSync(join(fresh, "pg_hba.conf"), HBA);
  renameSync(fresh, data);
  return data;
}

function checkVersion(data: string, { major }: Binaries): string | Fault {
  const made = readFileSync(join(data, "PG_VERSION"), "utf8").trim();
  if (made === major) return data;
  return fault(
    "DATABASE_FAILED",
    `the data in ${data} is of Postgres ${made}, and this is ${major}`,
    `keep it: run Postgres ${made} (engine: system) and pg_dump it; or begin anew: move ${data} away`,
    { data, made, major },
  );
}

export function runAs({ uid, gid }: Owner): { uid?: number; gid?: number; cwd: string } {
  return { cwd: "/", ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) };
}
