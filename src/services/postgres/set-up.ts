import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import pg from "pg";
import type { Address } from "../../address/address.ts";
import { type Fault, fault } from "../../fault/fault.ts";

/** How long the server may take until it accepts a client, ms: a recovery after a crash takes its time. */
const CONNECT_TIME = 60_000;

export interface Database {
  readonly at: Address;
  readonly user: string;
  readonly password: string;
  readonly name: string;
}

/**
 * Waits until the server takes clients, then makes the database and runs the init files, if it isn't there yet.
 * A failed file leaves nothing: the next start tries again.
 */
export async function setUpDatabase(
  database: Database,
  files: readonly string[],
  cwd: string,
): Promise<Fault | undefined> {
  const admin = await connected({ ...database, name: "postgres" });
  if ("fault" in admin) return admin;
  try {
    const { rowCount } = await admin.query("select 1 from pg_database where datname = $1", [database.name]);
    if ((rowCount ?? 0) > 0) return undefined;
    // Made under another name and renamed at the end: what has the right name is whole.
    const half = `${database.name.slice(0, 50)}_new`;
    await admin.query(`drop database if exists ${quoted(half)} with (force)`);
    await admin.query(`create database ${quoted(half)}`);
    const failed = await runFiles({ ...database, name: half }, files, cwd);
    if (failed !== undefined) {
      await admin.query(`drop database if exists ${quoted(half)} with (force)`);
      return failed;
    }
    await admin.query(`alter database ${quoted(half)} rename to ${quoted(database.name)}`);
    return undefined;
  } catch (error) {
    return fault(
      "DATABASE_FAILED",
      `the database ${database.name} could not be made: ${text(error)}`,
      "see its log: cove logs",
    );
  } finally {
    await admin.end().catch(() => {});
  }
}

async function runFiles(database: Database, files: readonly string[], cwd: string): Promise<Fault | undefined> {
  const client = await connected(database);
  if ("fault" in client) return client;
  try {
    for (const file of files) {
      const path = resolve(cwd, file);
      const sql = await readFile(path, "utf8").catch(() => null);
      if (sql === null)
        return fault("DATABASE_FAILED", `there is no file ${path}`, "check init in the config", { file: path });
      try {
        await client.query(sql);
      } catch (error) {
        return sqlFault(error, sql, relative(cwd, path), path);
      }
    }
    return undefined;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Names file and line, as an editor counts. */
function sqlFault(error: unknown, sql: string, shown: string, path: string): Fault {
  const position = error instanceof pg.DatabaseError ? Number(error.position ?? Number.NaN) : Number.NaN;
  const line = Number.isNaN(position) ? null : sql.slice(0, position - 1).split("\n").length;
  const where = line === null ? shown : `${shown}:${line}`;
  return fault("DATABASE_FAILED", `${where}: ${text(error)}`, "mend it, then: cove restart; nothing of it was kept", {
    file: path,
    line,
  });
}

async function connected(database: Database): Promise<pg.Client | Fault> {
  const deadline = performance.now() + CONNECT_TIME;
  for (let pause = 10; ; pause = Math.min(500, pause * 1.5)) {
    const client = new pg.Client({
      host: database.at.host,
      port: database.at.port,
      user: database.user,
      password: database.password,
      database: database.name,
      connectionTimeoutMillis: 5_000,
    });
    // A server that stops during a query says so here as well.
    client.on("error", () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      // 57P03: it is starting up. Anything else won't get better.
      const wait = code === "57P03" || /^E(CONNREFUSED|CONNRESET|PIPE)$/.test(code);
      if (!wait || performance.now() > deadline) {
        const hint =
          code === "28P01"
            ? "the data was made with another password: restore the service's password file, or move the data away"
            : "see its log: cove logs";
        return fault("DATABASE_FAILED", `the database refuses its owner: ${text(error)}`, hint);
      }
      await new Promise((done) => setTimeout(done, pause));
    }
  }
}

function quoted(name: string): string {
  return pg.escapeIdentifier(name);
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
