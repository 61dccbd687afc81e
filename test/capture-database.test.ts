import { execFile, spawn } from "node:child_process";
import { connect, type Socket } from "node:net";
import { promisify } from "node:util";
import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import type { Address } from "../src/address/address.ts";
import { anyCaller, edgeTo } from "../src/capture/capture.fixture.ts";
import { openTap } from "../src/capture/decoders/tap.ts";
import type { CapturedEdge, Exchange, PostgresExchange, RedisExchange } from "../src/capture/exchange.ts";
import { createRecorder, type Recorder } from "../src/capture/recorder.ts";
import { openRelay } from "../src/door/relay/relay.ts";
import { orThrow } from "../src/fault/fault.ts";
import { database } from "./support/database.ts";
import { freePort } from "./support/free-port.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";

const exec = promisify(execFile);
const pause = promisify(setTimeout);
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
    await client.query({
      text: "select * from dish where id = $1 and price = $2",
      values: [1, 7.5],
      binary: true,
    } as pg.QueryConfig);
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

  test("shows binary values as Postgres prints them", { timeout: 120_000 }, async () => {
    const db = database("binary");
    const url = new URL(await db.up());
    const { at, recorder } = await watch(db.address, "postgres");
    url.host = `${at.host}:${at.port}`;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    open.push(() => client.end());
    await client.query("set timezone to 'UTC'");
    const values = [
      ...[
        "true",
        "false",
        "null::text",
        "7::int2",
        "-7::int4",
        "9007199254740993::int8",
        "'x'::text",
        "'größe'::varchar",
      ],
      ...[
        "0.1::float4",
        "1e6::float4",
        "123456.5::float4",
        "1e15::float8",
        "0.1::float8",
        "1e-5::float8",
        "'-0'::float8",
      ],
      ...["'NaN'::float8", "'-Infinity'::float4", "123456789012345::float8", "1.5e300::float8", "4294967295::oid"],
      ...["'{\"a\": [1]}'::json", "'{\"a\": [1]}'::jsonb", "'5e5b2c9a-3d3e-4d51-a1c5-0f1c6a4d9e10'::uuid"],
      ...["'2024-02-29'::date", "'1999-12-31'::date", "'infinity'::date", "'0044-03-15'::date", "'13:14:15.5'::time"],
      ...[
        "'2024-02-29 23:59:59.000001'::timestamp",
        "'1969-12-31 23:59:59.9+00'::timestamptz",
        "'-infinity'::timestamp",
      ],
      ...["0::numeric", "1.50::numeric", "-12345.6789::numeric", "1e20::numeric", "0.00001::numeric", "'NaN'::numeric"],
      ...["100000000::numeric", "'Infinity'::numeric", "-0.5::numeric(10, 3)", "'\\x00ff'::bytea", "'abc'::name"],
      ...["array[1,null,3]", "array['a b','','NULL','q\"\\']::text[]", "'{}'::int8[]", "array[1.5,2]::numeric[]"],
    ];
    for (const value of values) {
      await client.query({ text: `select ${value} as v` });
      // The driver itself understands few of them in this form.
      await client
        .query({ text: `select ${value} as v where 1 = $1`, values: [1], binary: true } as pg.QueryConfig)
        .catch(() => {});
    }
    const rows = statements(recorder)
      .slice(1)
      .map(({ rows }) => rows[0]?.[0]);
    const shown = (odd: number) => values.map((value, n) => [value, rows[2 * n + odd]]);
    expect(rows).toHaveLength(2 * values.length);
    expect(shown(1)).toEqual(shown(0));
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
    const kill = "select pg_terminate_backend(pid) from pg_stat_activity where query ~ '^select pg_sleep'";
    for (let n = 0; n < 500 && (await other.query(kill)).rows.length === 0; n++) await pause(10);
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

const server = program("redis-server");

/** A redis-server of the test's own. */
async function redisServer(): Promise<Address> {
  const port = await freePort();
  const args = [
    "--bind",
    "127.0.0.1",
    "--port",
    String(port),
    "--save",
    "",
    "--appendonly",
    "no",
    "--dir",
    scratch("redis"),
  ];
  const child = spawn(server ?? "", args, { stdio: "ignore" });
  open.push(() => child.kill());
  const address = { host: "127.0.0.1", port };
  for (let n = 0; n < 500; n++) {
    const socket = await dial(address);
    if (socket !== null) {
      socket.destroy();
      return address;
    }
    await pause(10);
  }
  throw new Error("redis-server did not start");
}

function dial({ host, port }: Address): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => resolve(socket));
    socket.once("error", () => resolve(null));
  });
}

/** A client that writes bytes and waits for what ends like `end`. */
async function talker(at: Address): Promise<(text: string, end: string) => Promise<string>> {
  const socket = await dial(at);
  if (socket === null) throw new Error("no connection");
  open.push(() => socket.destroy());
  let got: string[] = [];
  /** The last bytes of it. */
  let tail = "";
  let came = () => {};
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    got.push(chunk);
    tail = (tail + chunk).slice(-64);
    came();
  });
  return async (text, end) => {
    got = [];
    tail = "";
    socket.write(text);
    while (!tail.endsWith(end)) {
      await new Promise<void>((resolve) => {
        came = resolve;
      });
    }
    return got.join("");
  };
}

const resp = (...words: string[]) =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;

function commands(recorder: Recorder): RedisExchange[] {
  return all(recorder).map((exchange) => {
    if (exchange.protocol !== "redis") throw new Error(`a ${exchange.protocol} exchange`);
    expect(exchange.ended).not.toBeNull();
    return exchange;
  });
}

const shown = ({ command, args, reply }: RedisExchange) => [[command, ...args].join(" "), reply];

describe.skipIf(server === null)("an edge to Redis", () => {
  test("shows commands and replies as redis-cli prints them", { timeout: 60_000 }, async () => {
    const { at, recorder } = await watch(await redisServer(), "redis", edgeTo("cache"));
    const conversation = await talker(at);
    await conversation(resp("set", "greeting", 'größe "1"\n'), "+OK\r\n");
    const pipeline = [
      ...[resp("GET", "greeting"), resp("INCR", "n"), resp("GET", "none"), resp("LPUSH", "list", "a", "b", "c")],
      ...[
        resp("LRANGE", "list", "0", "-1"),
        resp("LRANGE", "no", "0", "-1"),
        resp("LPUSH", "n", "x"),
        resp("AUTH", "pw"),
      ],
      ...["PING\r\n", 'SET inline "two words"\r\n', resp("MULTI"), resp("INCR", "n"), resp("GET", "n"), resp("EXEC")],
      resp("ECHO", "last"),
    ];
    await conversation(pipeline.join(""), "last\r\n");
    await conversation(resp("HELLO", "3", "AUTH", "nobody", "secret"), "\r\n");
    await conversation(resp("HELLO", "3"), "*0\r\n");
    await conversation(resp("HSET", "h", "a", "1", "b", "2") + resp("HGETALL", "h"), "2\r\n");
    await conversation(resp("SADD", "s", "x") + resp("SMEMBERS", "s") + resp("ZADD", "z", "1.5", "m"), ":1\r\n");
    await conversation(resp("ZRANGE", "z", "0", "-1", "WITHSCORES"), "1.5\r\n");
    await conversation(resp("EVAL", "return {1,{2,'x',{}},false}", "0"), "_\r\n");
    expect(commands(recorder).map(shown)).toEqual([
      ['SET greeting größe "1"\n', "OK"],
      ["GET greeting", '"größe \\"1\\"\\n"'],
      ["INCR n", "(integer) 1"],
      ["GET none", "(nil)"],
      ["LPUSH list a b c", "(integer) 3"],
      ["LRANGE list 0 -1", '1) "c"\n2) "b"\n3) "a"'],
      ["LRANGE no 0 -1", "(empty array)"],
      ["LPUSH n x", "(error) WRONGTYPE Operation against a key holding the wrong kind of value"],
      ["AUTH …", expect.stringMatching(/^\(error\) (ERR|WRONGPASS) /)],
      ["PING", "PONG"],
      ["SET inline two words", "OK"],
      ["MULTI", "OK"],
      ["INCR n", "QUEUED"],
      ["GET n", "QUEUED"],
      ["EXEC", '1) (integer) 2\n2) "2"'],
      ["ECHO last", '"last"'],
      ["HELLO 3 AUTH … …", expect.stringMatching(/^\(error\) WRONGPASS /)],
      ["HELLO 3", expect.stringMatching(/^1# "server" => "redis"\n2# /)],
      ["HSET h a 1 b 2", "(integer) 2"],
      ["HGETALL h", '1# "a" => "1"\n2# "b" => "2"'],
      ["SADD s x", "(integer) 1"],
      ["SMEMBERS s", '1~ "x"'],
      ["ZADD z 1.5 m", "(integer) 1"],
      ["ZRANGE z 0 -1 WITHSCORES", '1) 1) "m"\n   2) (double) 1.5'],
      [
        "EVAL return {1,{2,'x',{}},false} 0",
        '1) (integer) 1\n2) 1) (integer) 2\n   2) "x"\n   3) (empty array)\n3) (nil)',
      ],
    ]);
    const wrong = commands(recorder)[7];
    expect(wrong?.error).toEqual({
      code: "WRONGTYPE",
      message: "Operation against a key holding the wrong kind of value",
    });
    expect(wrong?.bytesUp).toBe(resp("LPUSH", "n", "x").length);
    expect(JSON.stringify(commands(recorder).map(shown))).not.toContain("secret");
  });

  test.each([2, 3])("tells replies from messages to subscribers in RESP%i", { timeout: 60_000 }, async (version) => {
    const { at, recorder } = await watch(await redisServer(), "redis", edgeTo("cache"));
    const listener = await talker(at);
    const sender = await talker(at);
    if (version === 3) await listener(resp("HELLO", "3"), "*0\r\n");
    await listener(resp("SUBSCRIBE", "news", "sport"), ":2\r\n");
    await sender(resp("PUBLISH", "news", "first"), ":1\r\n");
    await sender(resp("PUBLISH", "sport", "second"), ":1\r\n");
    await listener(resp("PING", "still"), "still\r\n");
    await listener(resp("UNSUBSCRIBE"), ":0\r\n");
    await listener(resp("GET", "after"), version === 3 ? "_\r\n" : "$-1\r\n");
    await sender(resp("CLIENT", "REPLY", "SKIP") + resp("SET", "k", "1") + resp("GET", "k"), "1\r\n");
    // A command that waits, and one that lets it go on.
    const popped = listener(resp("BLPOP", "jobs", "5"), "job\r\n");
    await sender(resp("RPUSH", "jobs", "job"), ":1\r\n");
    await popped;
    const said = commands(recorder).filter(({ command }) => command !== "HELLO");
    expect(said.map(shown)).toEqual([
      ["SUBSCRIBE news sport", '1) "subscribe"\n2) "news"\n3) (integer) 1'],
      ["PUBLISH news first", "(integer) 1"],
      ["PUBLISH sport second", "(integer) 1"],
      ["PING still", version === 3 ? '"still"' : '1) "pong"\n2) "still"'],
      ["UNSUBSCRIBE", expect.stringContaining('1) "unsubscribe"')],
      ["GET after", "(nil)"],
      ["CLIENT REPLY SKIP", null],
      ["SET k 1", null],
      ["GET k", '"1"'],
      ["BLPOP jobs 5", '1) "jobs"\n2) "job"'],
      ["RPUSH jobs job", "(integer) 1"],
    ]);
  });

  test("keeps the beginning of a large value, and passes all of it on", { timeout: 60_000 }, async () => {
    const { at, recorder } = await watch(await redisServer(), "redis", edgeTo("cache", { bodies: 1_000 }));
    const conversation = await talker(at);
    const large = "x".repeat(20 << 20);
    await conversation(resp("SET", "large", large), "+OK\r\n");
    expect((await conversation(resp("GET", "large"), "x\r\n")).length).toBe(large.length + 13);
    const [set, get] = commands(recorder);
    expect(set?.args[1]?.length).toBeLessThan(1_001);
    expect(get?.reply?.length).toBeLessThan(1_010);
    expect(get?.bytesDown).toBe(large.length + 13);
    expect(set?.bytesUp).toBeGreaterThan(large.length);
  });

  test.skipIf(program("redis-cli") === null)("shows what redis-cli does, cut like it prints it", async () => {
    const { at, recorder } = await watch(await redisServer(), "redis", edgeTo("cache"));
    const cli = async (...words: string[]) => {
      const args = ["-h", at.host, "-p", String(at.port), "--no-raw", ...words];
      const { stdout } = await exec("redis-cli", args);
      return stdout.replace(/\n$/, "");
    };
    await cli("RPUSH", "deep", ...Array.from({ length: 12 }, (_, n) => `item ${n}\x01`));
    for (const version of ["-2", "-3"]) {
      for (const words of [
        ["LRANGE", "deep", "0", "-1"],
        ["COMMAND", "INFO", "get", "set"],
        ["CONFIG", "GET", "maxmemory*"],
        ["XINFO", "STREAM", "nothing"],
        ["EVAL", "return {{1,2},{3,{4,'five'}},{}}", "0"],
      ]) {
        const printed = await cli(version, ...words);
        const said = commands(recorder).at(-1);
        expect(said?.reply).toBe(printed);
      }
    }
  });
});
