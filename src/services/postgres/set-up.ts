import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Address } from "../../address/address.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import type { Login } from "./access.ts";
import { runSqlFile } from "./sql-file.ts";
import { markFinished, markUnfinished, readUnfinished } from "./unfinished.ts";

/** How long the server may take until it accepts a client, ms: a recovery after a crash takes its time. */
const CONNECT_TIME = 60_000;

interface Access extends Login {
  readonly at: Address;
  readonly database: string;
}

export interface SetUp {
  readonly access: Access;
  /** Who the data's owner was before; null: nobody. Where the config says otherwise by now, the server is told. */
  readonly former: Login | null;
  /** SQL files, run in order when the database is new; relative to `cwd`. */
  readonly init: readonly string[];
  readonly extensions: readonly string[];
  readonly cwd: string;
  /** The data's owner's folder, which holds the mark of what is unfinished. */
  readonly dataDir: string;
  readonly log: (line: string) => void;
}

/**
 * Waits until the server takes clients; makes the database and runs its init files unless it is there. What failed or was
 * cut short is marked as unfinished, and made again at the next start. Fault: DATABASE_FAILED, with file and line.
 */
export async function setUpDatabase(wanted: SetUp, signal: AbortSignal): Promise<Fault | undefined> {
  const { access, former, dataDir } = wanted;
  const name = access.database;
  // A database can't be dropped from within.
  const admin = await connectedAs(
    { ...access, database: name === "postgres" ? "template1" : "postgres" },
    former,
    signal,
  );
  if (isFault(admin)) return admin;
  try {
    const has = async (database: string) => {
      const { rowCount } = await admin.query("select from pg_database where datname = $1", [database]);
      return rowCount === 1;
    };
    const before = readUnfinished(dataDir);
    // A cluster that was never ready holds nothing that anyone has put there; nor does a half-made database.
    const half = before?.type === "cluster" ? name : before?.name;
    if (half !== undefined && (await has(half))) await admin.query(`drop database ${quoted(half)} with (force)`);
    if (before?.type === "database") markFinished(dataDir);
    if (!(await has(name))) {
      if (before?.type !== "cluster") markUnfinished(dataDir, { type: "database", name });
      await admin.query(`create database ${quoted(name)} template template0`);
      const failed = (await addExtensions(wanted, signal)) ?? (await runInit(wanted, signal));
      if (failed !== undefined) return failed;
      markFinished(dataDir);
      return undefined;
    }
    return await addExtensions(wanted, signal);
  } catch (error) {
    return fault("DATABASE_FAILED", `the database ${name} could not be made: ${text(error)}`, "see its log: cove logs");
  } finally {
    await admin.end().catch(() => {});
  }
}

async function addExtensions({ access, extensions }: SetUp, signal: AbortSignal): Promise<Fault | undefined> {
  if (extensions.length === 0) return undefined;
  const client = await connected(access, signal);
  if (isFault(client)) return client;
  try {
    for (const extension of extensions) {
      try {
        await client.query(`create extension if not exists ${quoted(extension)} cascade`);
      } catch (error) {
        return fault("DATABASE_FAILED", `extension ${extension}: ${text(error)}`, "check extensions in the config");
      }
    }
    return undefined;
  } finally {
    await client.end().catch(() => {});
  }
}

async function runInit({ access, init, cwd, log }: SetUp, signal: AbortSignal): Promise<Fault | undefined> {
  for (const file of init) {
    // Each on a connection of its own, as psql has it: a dump's `set search_path` must not reach the next file.
    const client = await connected(access, signal);
    if (isFault(client)) return client;
    client.on("notice", (notice) => log(`${file}: ${notice.message ?? ""}`));
    try {
      const failed = await runSqlFile(client, file, cwd);
      if (failed !== undefined) return failed;
    } finally {
      await client.end().catch(() => {});
    }
  }
  return undefined;
}

/** Connects; where the data knows another user or password, after it was told these. */
async function connectedAs(access: Access, former: Login | null, signal: AbortSignal): Promise<pg.Client | Fault> {
  const first = await connected(access, signal);
  const isRefused = isFault(first) && REFUSED.test(String(first.detail?.code));
  if (!isRefused || former === null || isSame(former, access)) return first;
  const before = await connected({ ...access, ...former }, signal);
  // What was refused is what the user wrote.
  if (isFault(before)) return first;
  try {
    await takeLogin(before, access, former);
  } finally {
    await before.end().catch(() => {});
  }
  return await connected(access, signal);
}

/** The role of this name with this password, an owner like the former one. */
async function takeLogin(client: pg.Client, { user, password }: Login, former: Login): Promise<void> {
  // `settings` of the config may have every statement logged.
  await client.query(
    "set log_statement = 'none'; set log_min_duration_statement = -1; set log_min_error_statement = 'panic'",
  );
  const { rowCount } = await client.query("select from pg_roles where rolname = $1", [user]);
  const verb = rowCount === 0 ? "create" : "alter";
  await client.query(`${verb} role ${quoted(user)} superuser login password ${pg.escapeLiteral(password)}`);
  if (user !== former.user) await client.query(`grant ${quoted(former.user)} to ${quoted(user)}`);
}

const isSame = (a: Login, b: Login): boolean => a.user === b.user && a.password === b.password;

/** The password is wrong, or there is no such user: with scram both say the same. */
const REFUSED = /^28(P01|000)$/;

async function connected(access: Access, signal: AbortSignal): Promise<pg.Client | Fault> {
  const { at, user, password, database } = access;
  const deadline = performance.now() + CONNECT_TIME;
  for (let pause = 10; ; pause = Math.min(500, pause * 1.5)) {
    const client = new pg.Client({
      ...{ ...at, user, password, database },
      ssl: false,
      application_name: "cove",
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
      // 57P03: it is starting up or recovering. Any other refusal is final.
      const refused = /^[0-9A-Z]{5}$/.test(code) && code !== "57P03" && !/^E[A-Z]{4}$/.test(code);
      if (refused || signal.aborted || performance.now() > deadline) return refusal(access, code, error);
      await sleep(pause, undefined, { signal }).catch(() => {});
    }
  }
}

function refusal({ user, database }: Access, code: string, error: unknown): Fault {
  const hint = REFUSED.test(code)
    ? `the data was made with another user or password: set user back, or move the data away`
    : "see its log: cove logs";
  return fault("DATABASE_FAILED", `Postgres refuses ${user} in ${database}: ${text(error)}`, hint, { code });
}

function quoted(name: string): string {
  return pg.escapeIdentifier(name);
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
