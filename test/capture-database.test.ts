import { execFile } from "node:child_process";
import { promisify } from "node:util";
import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import type { Address } from "../src/address/address.ts";
import { anyCaller, edgeTo } from "../src/capture/capture.fixture.ts";
import type { CapturedEdge } from "../src/capture/edge.ts";
import type { Exchange, PostgresExchange } from "../src/capture/exchange.ts";
import { createRecorder, type Recorder } from "../src/capture/recorder.ts";
import { openTap } from "../src/capture/tap.ts";
import { openRelay } from "../src/door/relay.ts";
import { orThrow } from "../src/fault/fault.ts";
import { database } from "./support/database.ts";
import { program } from "./support/programs.ts";

const exec = promisify(execFile);
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Watched {
  readonly at: Address;
  readonly recorder: Recorder;
  readonly edge: CapturedEdge;
}

/** A relay in front of `to` with someone who reads along. */
async function watch(to: Address, protocol: "postgres" | "redis", edge = edgeTo("db")): Promise<Watched> {
  const recorder = createRecorder();
  const relay = orThrow(
    await openRelay({
      listen: { host: "127.0.0.1", port: 0 },
      to: () => to,
      tap: (_client, _peer, clock) => openTap(recorder, edge, anyCaller(), protocol, clock),
    }),
  );
  open.push(() => relay.close());
  return { at: relay.address, recorder, edge };
}

function all(recorder: Recorder): Exchange[] {
  const { ring } = recorder;
  const found: Exchange[] = [];
  for (let seq = ring.oldest(); seq <= ring.newest(); seq++) {
    const exchange = ring.get(seq);
    if (exchange !== undefined) found.push(exchange);
  }
  return found;
}

function statements(recorder: Recorder): PostgresExchange[] {
  return all(recorder).map((exchange) => {
    if (exchange.protocol !== "postgres") throw new Error(`a ${exchange.protocol} exchange`);
    return exchange;
  });
}

/** What is compared of a statement. */
const plain = ({ sql, params, columns, rows, rowCount, tag, error }: PostgresExchange) => ({
  ...{ sql, params, columns, rows, rowCount, tag },
  error: error?.code ?? null,
});

describe("an edge to Postgres", () => {
  test("shows statements as drivers send them", { timeout: 120_000 }, async () => {
    const db = database("watched");
    const url = new URL(await db.up());
    const { at, recorder } = await watch(db.address, "postgres");
    url.host = `${at.host}:${at.port}`;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    open.push(() => client.end());
    /** What was written down since the last time. */
    let seen = 0;
    const fresh = () => {
      const news = statements(recorder).slice(seen);
      seen += news.length;
      for (const { ended, firstByte, rows } of news) {
        expect(ended).toBeGreaterThanOrEqual(0);
        if (rows.length > 0) expect(firstByte).toBeLessThanOrEqual(ended ?? 0);
      }
      return news;
    };

    await client.query(
      "create table dish (id int primary key, name text, price numeric, made timestamptz, tags text[])",
    );
    expect(fresh().map(plain)).toEqual([
      {
        sql: "create table dish (id int primary key, name text, price numeric, made timestamptz, tags text[])",
        ...{ params: [], columns: [], rows: [], rowCount: 0, tag: "CREATE TABLE", error: null },
      },
    ]);

    await client.query("insert into dish values ($1, $2, $3, $4, $5)", [
      1,
      "Käse",
      "7.50",
      "2024-02-29T12:00:00Z",
      ["a"],
    ]);
    await client.query("insert into dish values (2, null, 1, null, null); select id, name from dish order by id; ;");
    const [inserted, second, selected] = fresh();
    expect(inserted).toMatchObject({
      statement: "",
      params: ["1", "Käse", "7.50", "2024-02-29T12:00:00Z", '{"a"}'],
      ...{ tag: "INSERT 0 1", rowCount: 1, user: "cove", database: "watched", transaction: null },
    });
    expect(second).toMatchObject({ sql: "insert into dish values (2, null, 1, null, null)", tag: "INSERT 0 1" });
    expect(selected && plain(selected)).toEqual({
      ...{ sql: "select id, name from dish order by id", params: [], columns: ["id", "name"] },
      ...{
        rows: [
          ["1", "Käse"],
          ["2", null],
        ],
        rowCount: 2,
        tag: "SELECT 2",
        error: null,
      },
    });

    const named = { name: "by-id", text: "select name, price, made from dish where id = $1" };
    await client.query({ ...named, values: [1] });
    await client.query({ ...named, values: [2] });
    await client.query({ text: "select * from dish where id = $1 and price = $2", values: [1, 7.5], binary: true });
    const [first, again, binary] = fresh();
    expect(first).toMatchObject({
      sql: named.text,
      statement: "by-id",
      params: ["1"],
      columns: ["name", "price", "made"],
    });
    expect(again).toMatchObject({ sql: named.text, statement: "by-id", params: ["2"], rows: [[null, "1", null]] });
    expect(binary?.columns).toEqual(["id", "name", "price", "made", "tags"]);
    expect(binary?.rows).toEqual([["1", "Käse", "7.50", "2024-02-29 12:00:00+00", "{a}"]]);

    await expect(client.query("select * from nothing where id = $1", [1])).rejects.toThrow("does not exist");
    await expect(client.query("insert into dish values (1)")).rejects.toThrow("duplicate key");
    const [missing, duplicate] = fresh();
    expect(missing).toMatchObject({ sql: "select * from nothing where id = $1", error: { code: "42P01" } });
    expect(duplicate?.error).toEqual({
      code: "23505",
      message: 'duplicate key value violates unique constraint "dish_pkey": Key (id)=(1) already exists.',
    });

    for (const sql of ["begin", "select 1", "savepoint s", "rollback to s", "commit", "select 2"])
      await client.query(sql);
    await client.query("begin; select 3");
    await expect(client.query("select 1/$1::int", [0])).rejects.toThrow("division");
    await client.query("rollback");
    expect(fresh().map(({ sql, transaction }) => [sql, transaction])).toEqual([
      ...[
        ["begin", 1],
        ["select 1", 1],
        ["savepoint s", 1],
        ["rollback to s", 1],
        ["commit", 1],
        ["select 2", null],
      ],
      ...[
        ["begin", 2],
        ["select 3", 2],
        ["select 1/$1::int", 2],
        ["rollback", 2],
      ],
    ]);

    const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    await client.query(`select 1 /*app='shop',traceparent='${parent}'*/`);
    await client.query("create role reader password 'open sesame'");
    const [traced, role] = fresh();
    expect(traced?.trace).toMatchObject({ traceId: parent.slice(3, 35), parentId: "00f067aa0ba902b7", how: "header" });
    expect(role?.sql).toBe("create role reader PASSWORD '…'");

    // Pooled, at once: each connection has its own statements and transactions.
    const pool = new pg.Pool({ connectionString: url.href, max: 4 });
    await Promise.all(Array.from({ length: 40 }, (_, n) => pool.query("select $1::int as n, pg_sleep(0.001)", [n])));
    await pool.end();
    const pooled = fresh();
    expect(pooled.map(({ params }) => Number(params[0])).sort((a, b) => a - b)).toEqual([...Array(40).keys()]);
    for (const { params, rows } of pooled) expect(rows).toEqual([[params[0], ""]]);
    expect(new Set(pooled.map(({ caller }) => caller)).size).toBe(4);

    // Rows within the limit only, all of them counted.
    await client.query("select n, repeat('x', 1000) as x from generate_series(1, 5000) as n");
    const [large] = fresh();
    expect(large).toMatchObject({ rowCount: 5_000, tag: "SELECT 5000" });
    expect(large?.rows.length).toBeGreaterThan(900);
    expect(large?.rows.length).toBeLessThan(1_100);
    expect(large?.bytesDown).toBeGreaterThan(5_000_000);

    // Nobody's password is anywhere.
    expect(JSON.stringify(statements(recorder))).not.toContain(decodeURIComponent(url.password));
    expect(JSON.stringify(statements(recorder))).not.toContain("sesame");
  });

  test("shows that nobody was let in, and statements that a connection's end cut off", {
    timeout: 60_000,
  }, async () => {
    const db = database("cut");
    const url = new URL(await db.up());
    const { at, recorder } = await watch(db.address, "postgres");
    url.host = `${at.host}:${at.port}`;
    const wrong = new URL(url);
    wrong.password = "not-it";
    await expect(new pg.Client({ connectionString: wrong.href }).connect()).rejects.toThrow("password");
    expect(statements(recorder)[0]).toMatchObject({ user: "cove", error: { code: "28P01" } });

    const client = new pg.Client({ connectionString: url.href });
    client.on("error", () => {});
    await client.connect();
    const cut = client.query("select pg_sleep(100)").catch((error: Error) => error);
    const other = new pg.Client({ connectionString: url.href });
    await other.connect();
    await db.until(async () => {
      const { rows } = await other.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where query ~ '^select pg_sleep'",
      );
      return rows.length > 0;
    });
    await cut;
    await other.end();
    const sleep = statements(recorder).find(({ sql }) => sql.startsWith("select pg_sleep"));
    expect(sleep).toMatchObject({ error: { code: "57P01" } });
    expect(sleep?.ended).not.toBeNull();
  });

  test.skipIf(program("psql") === null)("shows what psql does, COPY too", { timeout: 60_000 }, async () => {
    const db = database("copied");
    const url = new URL(await db.up());
    const { at, recorder } = await watch(db.address, "postgres");
    url.host = `${at.host}:${at.port}`;
    const script = [
      "create table line (n int, text text);",
      "copy line from program 'seq 3' ;",
      "\\copy line from pstdin csv",
      "\\copy line to /dev/null",
      "begin;",
      "declare c cursor for select n from line order by n;",
      "fetch 2 from c;",
      "commit;",
      "listen news; notify news, 'x';",
    ];
    const rows = Array.from({ length: 20_000 }, (_, n) => `${n},line number ${n}`).join("\n");
    // The second line fails, since it has one column for two: psql goes on with the next.
    const running = exec("psql", [url.href, "-X", ...script.flatMap((line) => ["-c", line])]);
    running.child.stdin?.end(`${rows}\n`);
    await running;
    const shown = statements(recorder).map(({ sql, tag, error, rowCount }) => [sql, error?.code ?? tag, rowCount]);
    expect(shown).toEqual([
      ["create table line (n int, text text)", "CREATE TABLE", 0],
      ["copy line from program 'seq 3'", "22P04", 0],
      ["COPY  line FROM STDIN csv", "COPY 20000", 20_000],
      ["COPY  line TO STDOUT", "COPY 20000", 20_000],
      ["begin", "BEGIN", 0],
      ["declare c cursor for select n from line order by n", "DECLARE CURSOR", 0],
      ["fetch 2 from c", "FETCH 2", 2],
      ["commit", "COMMIT", 0],
      ["listen news", "LISTEN", 0],
      ["notify news, 'x'", "NOTIFY", 0],
    ]);
    const [, , copyIn, copyOut] = statements(recorder);
    expect(copyIn?.bytesUp).toBeGreaterThan(rows.length);
    expect(copyOut?.bytesDown).toBeGreaterThan(rows.length);
  });
});
