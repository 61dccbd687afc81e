import { execFile } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { machine } from "../src/machine/machine.ts";
import { EMBEDDED_MAJOR, findBinaries } from "../src/services/postgres/binaries.ts";
import { placeOf } from "../src/services/postgres/owner.ts";
import { type Database, database } from "./support/database.ts";
import { program } from "./support/programs.ts";

const exec = promisify(execFile);

// Each starts a server several times, which takes seconds each on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

async function query(at: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: at });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const text = (db: Database, name: string, content: string) => writeFileSync(join(db.cwd, name), content);

describe("a postgres service", () => {
  test("is a real Postgres with the URL's user, password and database", async () => {
    const db = database("my-shop");
    const url = await db.up();
    expect(url).toMatch(/^postgres:\/\/cove:[\w-]{24}@127\.0\.0\.1:\d+\/my_shop$/);
    const [row] = await query(url, "select current_user, current_database(), version(), upper('größe ñ'), lower('ÉÑ')");
    expect(row).toMatchObject({ current_user: "cove", current_database: "my_shop", lower: "éñ" });
    expect(row?.version).toContain(`PostgreSQL ${EMBEDDED_MAJOR}.`);
    const found = await findBinaries("embedded");
    expect(found).toMatchObject({ major: EMBEDDED_MAJOR });
    const consumer = await db.edge({ host: "127.0.0.1", port: 61_999 });
    const password = new URL(url).password;
    expect(consumer).toMatchObject({
      DB_URL: `postgres://cove:${password}@127.0.0.1:61999/my_shop`,
      DATABASE_URL: `postgres://cove:${password}@127.0.0.1:61999/my_shop`,
      DB_USERNAME: "cove",
      DB_PASSWORD: password,
      DB_DATABASE: "my_shop",
      PGHOST: "127.0.0.1",
      PGPORT: "61999",
      PGUSER: "cove",
      PGPASSWORD: password,
      PGDATABASE: "my_shop",
    });
  });

  // Others' data lies in the state folder, and goes with it.
  const asRoot = process.getuid?.() === 0 ? test : test.skip;
  asRoot("root's data keeps its password when the state folder is deleted and made anew", async () => {
    const db = database();
    const first = await db.up({ init: [] });
    await query(first, "create table kept (n int)");
    await db.down();
    rmSync(db.dataDir, { recursive: true });
    const second = await db.up({ init: [] });
    expect(second).toBe(first);
    expect(await query(second, "select n from kept")).toEqual([]);
  });

  test("keeps its data, its password and its address from run to run; init runs once", async () => {
    const db = database();
    text(
      db,
      "schema.sql",
      "create table orders (id serial primary key, what text);\ninsert into orders (what) values ('init');",
    );
    const first = await db.up({ init: "schema.sql" });
    await query(first, "insert into orders (what) values ('kept')");
    await db.down();
    const second = await db.up({ init: "schema.sql" });
    expect(second).toBe(first);
    expect(await query(second, "select what from orders order by id")).toEqual([{ what: "init" }, { what: "kept" }]);
  });

  test("is closed to others: by password, by address, by its files, by its user", async () => {
    const db = database();
    const url = new URL(await db.up());
    const right = url.href;
    url.password = "guess";
    await expect(query(url.href, "select 1")).rejects.toMatchObject({ code: "28P01" });
    url.username = "postgres";
    await expect(query(url.href, "select 1")).rejects.toMatchObject({ code: "28P01" });

    const pid = db.pid();
    const family = new Set([pid, ...machine.descendants(pid)]);
    const listeners = machine.listeners().filter((one) => one.pid !== null && family.has(one.pid));
    expect(listeners.map(({ address }) => address)).toEqual([{ host: "127.0.0.1", port: Number(url.port) }]);
    const [row] = await query(
      right,
      "select current_setting('unix_socket_directories') as sockets, current_setting('data_directory') as data",
    );
    expect(row?.sockets).toBe("");
    if (process.platform === "linux") {
      expect(readFileSync("/proc/net/unix", "utf8")).not.toContain(`.s.PGSQL.${url.port}`);
      expect(readFileSync(`/proc/${pid}/environ`, "utf8")).not.toContain("VITEST");
    }

    expect(statSync(join(placeOf(db.dataDir), "password")).mode & 0o777).toBe(0o600);
    const data = statSync(String(row?.data));
    expect(data.mode & 0o077).toBe(0);
    // Postgres refuses root: root's runs as another user.
    if (process.getuid?.() === 0) expect(data.uid).not.toBe(0);
    else expect(data.uid).toBe(process.getuid?.());
  });

  test("serves a pool of ten with transactions and prepared statements of one name", async () => {
    const url = await database().up();
    const pool = new pg.Pool({ connectionString: url, max: 10 });
    await pool.query("create table counters (id int primary key, n int not null); insert into counters values (1, 0)");
    const sums = await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const client = await pool.connect();
        try {
          await client.query("begin");
          await client.query("update counters set n = n + 1 where id = 1");
          const { rows } = await client.query({ name: "q", text: "select $1::int * 2 as twice", values: [n] });
          await client.query("commit");
          return rows[0].twice;
        } finally {
          client.release();
        }
      }),
    );
    expect(sums).toEqual(Array.from({ length: 60 }, (_, n) => n * 2));
    expect((await pool.query("select n from counters")).rows).toEqual([{ n: 60 }]);
    await pool.end();
  });

  test("runs beside that of another project", async () => {
    const [one, two] = await Promise.all([database("one").up(), database("two").up()]);
    await query(one, "create table only_one ()");
    expect(await query(two, "select to_regclass('only_one') as found")).toEqual([{ found: null }]);
    expect(new URL(one).password).not.toBe(new URL(two).password);
  });

  test("takes a password that is written down elsewhere, whatever is in it", async () => {
    const db = database();
    const password = "p@ss:w/ö?rd #%'\"; x";
    const settings = { log_statement: "all" };
    const url = await db.up({ user: "shop_user", password, database: "shop", settings });
    expect(new URL(url).password).toBe(encodeURIComponent(password).replace("'", "%27"));
    const access = { host: "127.0.0.1", port: Number(new URL(url).port), database: "shop" };
    const client = new pg.Client({ ...access, user: "shop_user", password });
    await client.connect();
    await client.end();
    await expect(query(url.replace(new URL(url).password, "wrong"), "select 1")).rejects.toThrow("password");
    expect(db.log()).not.toContain("p@ss");
  });

  test("a changed user or password reaches data that is there; without one the data keeps its own", async () => {
    const db = database();
    const first = await db.up({ init: [] });
    await query(first, "create table kept (n int)");
    await db.down();
    const settings = { log_statement: "all", log_min_duration_statement: 0 };
    const second = await db.up({ password: "n'ew", settings });
    expect(second).toContain("cove:n%27ew@");
    expect(await query(second, "select n from kept")).toEqual([]);
    await expect(query(first, "select 1")).rejects.toThrow("password");
    expect(db.log()).toContain("log_statement");
    expect(db.log()).not.toMatch(/n'+ew/);
    await db.down();
    const third = await db.up({ user: "ann", password: "third" });
    expect(await query(third, "drop table kept")).toEqual([]);
    await db.down();
    const fourth = await db.up({ user: "ann" });
    expect(fourth).toContain("ann:third@");
    expect(await query(fourth, "select current_user as name")).toEqual([{ name: "ann" }]);
  });

  test("takes settings, extensions, another user and another database's name", async () => {
    const db = database();
    const options = {
      settings: { max_connections: 23 },
      extensions: ["citext", "pg_trgm"],
      user: "Ann",
      database: "postgres",
    };
    text(db, "init.sql", "create table t (a citext)");
    const url = await db.up({ ...options, init: ["init.sql"] });
    expect(
      await query(url, "select current_user, current_database(), current_setting('max_connections') as most"),
    ).toEqual([{ current_user: "Ann", current_database: "postgres", most: "23" }]);
    expect(await query(url, "select to_regclass('t')::text as t")).toEqual([{ t: "t" }]);
    await db.down();
    // An extension that is asked for later is made later.
    const again = await db.up({ ...options, extensions: ["hstore"] });
    expect(
      await query(again, "select extname from pg_extension where extname in ('citext', 'hstore') order by 1"),
    ).toEqual([{ extname: "citext" }, { extname: "hstore" }]);
  });

  test.skipIf(program("psql") === null)("is what psql expects", async () => {
    const url = await database().up();
    const { stdout } = await exec(program("psql") ?? "", [url, "-Atc", "select 6 * 7", "-c", "\\conninfo"]);
    expect(stdout).toContain("42\n");
    const ended = await exec(program("psql") ?? "", [url, "-Atc", "select pg_sleep(0), current_database()"]);
    expect(ended.stdout).toBe("|shop\n");
  });

  test("ends fast though clients are connected, and its log tells that it did so in order", async () => {
    const db = database();
    const client = new pg.Client({ connectionString: await db.up() });
    client.on("error", () => {});
    await client.connect();
    await client.query("begin");
    const began = performance.now();
    await db.down();
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(db.log()).toContain("database system is shut down");
    await client.end().catch(() => {});
  });
});

describe("init", () => {
  test("an error names file and line, leaves nothing, and the next start begins anew", async () => {
    const db = database();
    text(db, "1-roles.sql", "create role app; -- roles belong to the whole cluster\nset search_path = nowhere;\n");
    text(
      db,
      "2-schema.sql",
      "create table items (id int primary key);\n\ninsert into items\n  values (1, 'two many');\n",
    );
    const init = ["1-roles.sql", "2-schema.sql"];
    expect(await db.start({ init })).toMatchObject({
      fault: "DATABASE_FAILED",
      message: "2-schema.sql:4: INSERT has more expressions than target columns",
      hint: expect.stringContaining("cove restart"),
      detail: { line: 4 },
    });
    text(db, "2-schema.sql", "create table items (id int primary key);\n\ninsert into items values (1), (2),\n (1);\n");
    expect(await db.start({ init })).toMatchObject({
      message: expect.stringMatching(/^2-schema\.sql:3: duplicate key .* \(Key \(id\)=\(1\) already exists\.\)$/),
    });
    text(db, "2-schema.sql", "create table items (id int primary key);\ninsert into items values (1);\n");
    const url = await db.up({ init });
    expect(await query(url, "select (select count(*)::int from items) as items, 'app'::regrole::text as role")).toEqual(
      [{ items: 1, role: "app" }],
    );
  });

  test("a failed database beside others costs those nothing", async () => {
    const db = database();
    await query(await db.up({ database: "first" }), "create table kept ()");
    await db.down();
    text(db, "bad.sql", "create table t ();\nselect 1/0;");
    expect(await db.start({ database: "second", init: "bad.sql" })).toMatchObject({
      message: "bad.sql:2: division by zero",
    });
    text(db, "bad.sql", "create table t ();");
    const second = await db.up({ database: "second", init: "bad.sql" });
    expect(await query(second, "select to_regclass('t')::text as t")).toEqual([{ t: "t" }]);
    await db.down();
    const first = await db.up({ database: "first", init: "bad.sql" });
    expect(await query(first, "select to_regclass('kept')::text as kept, to_regclass('t') as t")).toEqual([
      { kept: "kept", t: null },
    ]);
  });

  test("runs what a dump holds: COPY with data, functions, statements that want no transaction", async () => {
    const db = database();
    text(
      db,
      "dump.sql",
      `\\restrict abc
create table people (id int, name text);
COPY public.people (id, name) FROM stdin;
1\tAda; Lovelace
2\t\\N
\\.
create function twice(n int) returns int language plpgsql as $$ begin return n * 2; end; $$;
create index concurrently on people (name);
alter database shop set work_mem = '8MB';
\\unrestrict abc
`,
    );
    const url = await db.up({ init: "dump.sql" });
    expect(await query(url, "select id, name, twice(id) from people order by id")).toEqual([
      { id: 1, name: "Ada; Lovelace", twice: 2 },
      { id: 2, name: null, twice: 4 },
    ]);
    await db.remove();
    text(db, "dump.sql", "create table people (id int);\ncopy people from stdin;\n1\nx\n\\.\n");
    expect(await db.start({ init: "dump.sql" })).toMatchObject({
      message: expect.stringMatching(/^dump\.sql:4: invalid input syntax/),
    });
    text(db, "dump.sql", "\n\\connect other\n");
    expect(await db.start({ init: "dump.sql" })).toMatchObject({
      message: "dump.sql:2: \\connect other is a command of psql's, not SQL",
    });
    expect(await db.start({ init: "none.sql" })).toMatchObject({
      message: `there is no file ${join(db.cwd, "none.sql")}`,
    });
  });

  test("a set-up that was cut short is begun anew", async () => {
    const db = database();
    text(db, "slow.sql", "create table t ();\nselect pg_sleep(60);");
    const cut = db.start({ init: "slow.sql" });
    await db.until(() => db.log().includes("ready to accept connections"));
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.kill(db.pid(), "SIGKILL");
    await db.down();
    expect(await cut).toMatchObject({ fault: expect.any(String) });
    text(db, "slow.sql", "create table t ();");
    expect(await query(await db.up({ init: "slow.sql" }), "select to_regclass('t')::text as t")).toEqual([{ t: "t" }]);
  });
});

describe("what an earlier run left", () => {
  test("a killed server's lock doesn't keep the next one from starting, and nothing committed is lost", async () => {
    const db = database();
    const url = await db.up();
    await query(url, "create table t as select 1 as n");
    const first = db.pid();
    process.kill(first, "SIGKILL");
    await db.until(() => db.pid() !== first && db.state() === "ready");
    expect(await query(url, "select n from t")).toEqual([{ n: 1 }]);
  });

  test("a lock whose pid belongs to another program by now is none", async () => {
    const db = database();
    await db.up();
    await db.down();
    const lock = join(db.clusterDir(), "postmaster.pid");
    // As after a crash and a reboot: an old server's lock, and its pid is ours now.
    writeFileSync(lock, `${process.pid}\n${db.clusterDir()}\n0\n1\n\n127.0.0.1\n`);
    await db.up();
    expect(readFileSync(lock, "utf8").split("\n")[0]).toBe(String(db.pid()));
  });

  test("a server that outlived its runner is ended in favour of the new one", async () => {
    const db = database();
    const url = await db.up();
    await query(url, "create table t as select 2 as n");
    const orphan = db.pid();
    // Another runner would find it so; this one is told that the first is gone.
    writeFileSync(join(db.clusterDir(), "..", "runner.json"), JSON.stringify({ pid: 1, started: "never" }));
    const heir = db.again();
    const again = await heir.up();
    expect(heir.pid()).not.toBe(orphan);
    expect(machine.startStamp(orphan)).toBeNull();
    expect(await query(again, "select n from t")).toEqual([{ n: 2 }]);
  });

  test("a server of a runner that lives is left alone", async () => {
    const db = database();
    await db.up();
    const runner = { pid: 1, started: machine.startStamp(1) };
    writeFileSync(join(db.clusterDir(), "..", "runner.json"), JSON.stringify(runner));
    expect(await db.again().start()).toMatchObject({
      fault: "DATABASE_FAILED",
      message: expect.stringContaining(`a Postgres (pid ${db.pid()}) runs on it, started by another Cove (pid 1)`),
    });
    expect(db.state()).toBe("ready");
  });

  test("data of another major version is left as it is, with what to do", async () => {
    const db = database();
    await db.up();
    await db.down();
    const file = join(db.clusterDir(), "PG_VERSION");
    writeFileSync(file, "9\n");
    expect(await db.start()).toMatchObject({
      fault: "DATABASE_FAILED",
      message: expect.stringMatching(/is of Postgres 9, and this is Postgres 18$/),
      hint: expect.stringContaining("dump it with Postgres 9"),
    });
    expect(readFileSync(file, "utf8")).toBe("9\n");
  });

  test("a half-made folder is made anew", async () => {
    const db = database();
    await db.up();
    await db.down();
    const cluster = db.clusterDir();
    await db.remove();
    expect(existsSync(cluster)).toBe(false);
    rmSync(`${cluster}.new`, { recursive: true, force: true });
    writeFileSync(`${cluster}.new`, "half");
    await db.up();
    expect(existsSync(`${cluster}.new`)).toBe(false);
  });
});

test.skipIf(program("postgres") === null || program("initdb") === null)(
  "the system's engine can be chosen",
  async () => {
    const found = await findBinaries("system");
    const db = database();
    const url = await db.up({ engine: "system" });
    const [row] = await query(url, "select current_setting('server_version') as version");
    expect(found).toMatchObject({ major: String(row?.version).split(".")[0] });
  },
);

test("a port that someone else holds is named with its holder", async () => {
  const db = database();
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(db.address.port, db.address.host, resolve));
  onTestFinished(() => void blocker.close());
  const outcome = await db.start({}, { restart: { when: "never", max: 1 } });
  expect(outcome?.message).toContain(`port ${db.address.port} is held by`);
  expect(outcome?.message).toContain(`pid ${process.pid}`);
});
