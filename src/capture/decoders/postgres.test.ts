import { describe, expect, test } from "vitest";
import type { Exchange, PostgresExchange } from "../exchange.ts";
import { heard, plain, type Said } from "./conversation.fixture.ts";

const int16 = (value: number) => Buffer.from([(value >> 8) & 255, value & 255]);
function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
const text = (value: string) => Buffer.from(`${value}\0`);
const message = (type: string, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
};
const up = (...messages: Buffer[]): Said => ["up", Buffer.concat(messages)];
const down = (...messages: Buffer[]): Said => ["down", Buffer.concat(messages)];

function request(code: number, ...rest: Buffer[]): Buffer {
  const body = Buffer.concat([int32(code), ...rest]);
  return Buffer.concat([int32(body.length + 4), body]);
}
const SSL = request(80_877_103);
const GSS = request(80_877_104);
const STARTUP = request(196_608, text("user"), text("ada"), text("database"), text("shop"), Buffer.alloc(1));
const ready = (status = "I") => message("Z", Buffer.from(status));
const STARTED: Said[] = [up(STARTUP), down(message("R", int32(0)), message("S", text("a"), text("b")), ready())];

const query = (sql: string) => message("Q", text(sql));
const parse = (name: string, sql: string, ...oids: number[]) =>
  message("P", text(name), text(sql), int16(oids.length), ...oids.map(int32));
const values = (all: (string | Buffer | null)[]) => [
  int16(all.length),
  ...all.map((one) => (one === null ? int32(-1) : Buffer.concat([int32(Buffer.byteLength(one)), Buffer.from(one)]))),
];
const formats = (...all: number[]) => [int16(all.length), ...all.map(int16)];
const bind = (
  portal: string,
  name: string,
  params: (string | Buffer | null)[],
  how: number[] = [],
  results: number[] = [],
) => message("B", text(portal), text(name), ...formats(...how), ...values(params), ...formats(...results));
const describeS = (name: string) => message("D", Buffer.from("S"), text(name));
const execute = (portal = "", most = 0) => message("E", text(portal), int32(most));
const SYNC = message("S");
const columns = (...all: [string, number, number][]) =>
  message(
    "T",
    int16(all.length),
    ...all.map(([name, oid, format]) =>
      Buffer.concat([text(name), int32(0), int16(0), int32(oid), int16(4), int32(-1), int16(format)]),
    ),
  );
const row = (...all: (string | Buffer | null)[]) => message("D", ...values(all));
const complete = (tag: string) => message("C", text(tag));
const error = (code: string, said: string) =>
  message("E", ...["SERROR", `C${code}`, `M${said}`].map(text), Buffer.alloc(1));
const [PARSED, BOUND, NO_DATA, SUSPENDED] = [message("1"), message("2"), message("n"), message("s")];

function read(said: Said[], policy = {}): PostgresExchange[] {
  return heard([...STARTED, ...said], "postgres", policy).map((exchange) => {
    if (exchange.protocol !== "postgres") throw new Error(`${exchange.protocol}: ${JSON.stringify(plain([exchange]))}`);
    expect(exchange.ended).not.toBeNull();
    return exchange;
  });
}

const short = ({ sql, params, rows, tag, error: failed }: PostgresExchange) => [sql, params, rows, failed?.code ?? tag];

describe("a connection's beginning", () => {
  test("that asks for encryption and gets none goes on in the clear, names user and database", () => {
    const all: Said[] = [up(GSS), ["down", Buffer.from("N")], up(SSL), ["down", Buffer.from("N")], ...STARTED];
    const [one] = heard([...all, up(query("select 1")), down(complete("SELECT 1"), ready())], "tcp");
    expect(one).toMatchObject({ protocol: "postgres", sql: "select 1", user: "ada", database: "shop" });
  });

  test("that is encrypted from there on is counted only", () => {
    const said: Said[] = [
      up(SSL),
      ["down", Buffer.from("S")],
      ["up", Buffer.alloc(100, 0x16)],
      ["down", Buffer.alloc(50)],
    ];
    expect(plain(heard(said, "postgres"))).toMatchObject([
      { protocol: "tcp", what: "tls", bytesUp: 108, bytesDown: 51 },
    ]);
  });

  test("that only cancels a query says nothing", () => {
    expect(heard([up(request(80_877_102, int32(1), int32(2)))], "postgres")).toEqual([]);
  });

  test("that isn't Postgres' is lost", () => {
    const kinds = (said: Said[]) => heard(said, "postgres").map((one) => one.protocol === "tcp" && one.what);
    expect(kinds([["up", Buffer.alloc(20, 0xff)]])).toEqual(["unknown"]);
    expect(kinds([up(request(131_072))])).toEqual(["unknown"]);
    expect(kinds([up(SSL), ["down", Buffer.from("HTTP")]])).toEqual(["unknown"]);
  });

  test("keeps no password", () => {
    const secret = "open sesame";
    const said: Said[] = [up(STARTUP), down(message("R", int32(3))), up(message("p", text(secret)))];
    const failed = heard([...said, down(error("28P01", "no"))], "postgres") as PostgresExchange[];
    expect(failed.map(short)).toEqual([["/* connect */", [], [], "28P01"]]);
    expect(JSON.stringify(plain(failed))).not.toContain(secret);
  });
});

describe("the extended protocol", () => {
  test("pipelined: each Execute is an exchange with its own parameters and rows", () => {
    const int4 = (value: number) => int32(value);
    const got = read([
      up(parse("one", "select $1", 23), describeS("one"), SYNC),
      down(PARSED, message("t", int16(1), int32(23)), columns(["v", 23, 0]), ready()),
      up(
        ...[bind("", "one", [int4(7)], [1], [1]), execute(), bind("p", "one", [int4(-8)], [1], [1]), execute("p", 1)],
        ...[
          execute("p", 1),
          parse("", "select $1, $2", 0, 25),
          bind("", "", ["a", null]),
          execute(),
          message("H"),
          SYNC,
        ],
      ),
      down(BOUND, row(int4(7)), complete("SELECT 1"), BOUND, row(int4(-8)), SUSPENDED),
      down(complete("SELECT 0"), PARSED, BOUND, row("a", null), complete("SELECT 1"), ready()),
    ]);
    expect(got.map(short)).toEqual([
      ["select $1", ["7"], [["7"]], "SELECT 1"],
      ["select $1", ["-8"], [["-8"]], null],
      ["select $1", ["-8"], [], "SELECT 0"],
      ["select $1, $2", ["a", null], [["a", null]], "SELECT 1"],
    ]);
    expect(got.map(({ columns: names, statement, rowCount }) => [names, statement, rowCount])).toEqual([
      ...[
        [["v"], "one", 1],
        [["v"], "one", 1],
        [["v"], "one", 0],
        [[], "", 1],
      ],
    ]);
    // Sent at 4, its row came at 5.
    expect(got[0]).toMatchObject({ clock: 4, firstByte: 1, ended: 1 });
  });

  test("an error is its statement's; those after it up to the Sync are not run", () => {
    const got = read([
      up(parse("", "a"), bind("", "", []), execute(), parse("", "b"), bind("", "", []), execute(), SYNC, query("c")),
      down(error("42601", "syntax"), ready(), complete("C"), ready()),
      // Without an Execute it is an exchange of its own.
      up(parse("x", "d"), SYNC),
      down(error("42601", "syntax"), ready()),
      // What comes after the error was seen, and before the Sync, isn't run either.
      up(parse("", "e"), bind("", "", []), execute(), message("H")),
      down(PARSED, BOUND, error("22012", "division")),
      up(bind("", "", []), execute()),
      up(SYNC),
      down(ready()),
      up(query("f")),
      down(complete("F"), ready()),
      up(parse("", "g"), bind("", "", []), execute(), SYNC),
      down(PARSED, BOUND, complete("INSERT 0 1"), error("23503", "at the commit"), ready()),
    ]);
    expect(got.map(({ sql, tag, error: failed }) => [sql, failed?.code ?? tag])).toEqual([
      ["a", "42601"],
      ["b", "skipped"],
      ["c", "C"],
      ["d", "42601"],
      ["e", "22012"],
      ["f", "F"],
      ["g", "23503"],
    ]);
  });

  test("a statement that was closed, or never seen, is known by its name", () => {
    const got = read(
      [
        up(parse("s", "select 1"), message("C", text("Ss")), bind("", "s", []), execute(), SYNC),
        down(PARSED, message("3"), BOUND, NO_DATA, complete("SELECT 1"), ready()),
      ].slice(0, 1),
    );
    expect(got.map(({ sql, statement }) => [sql, statement])).toEqual([["s", "s"]]);
  });

  test("values in types that aren't known are hex, and cut at the limit", () => {
    const got = read(
      [
        up(
          parse("", "q", 600),
          bind("", "", [Buffer.from([1, 2, 0xff]), "x".repeat(500)], [1, 0], [1]),
          execute(),
          SYNC,
        ),
        down(PARSED, BOUND, row("y".repeat(500)), row("z"), complete("SELECT 2"), ready()),
      ],
      { bodies: 200 },
    );
    expect(got[0]?.params[0]).toBe("\\x0102ff");
    expect(got[0]?.params[1]).toMatch(/^x{100,200}…$/);
    expect(got[0]?.rows).toHaveLength(1);
    expect(got[0]?.rowCount).toBe(2);
  });
});

test("a function call is an exchange, notifications and notices are none", () => {
  const notice = message("N", text("SNOTICE"), Buffer.alloc(1));
  const got = read([
    down(message("A", int32(1), text("news"), text("x")), notice),
    up(message("F", int32(715), int16(0), int16(0), int16(0))),
    down(notice, message("V", int32(-1)), ready("T")),
    up(query("")),
    down(message("I"), ready("T")),
  ]);
  expect(got.map(({ sql, error: failed }) => [sql, failed])).toEqual([
    ["/* function 715 */", null],
    ["", null],
  ]);
});

test("the statements of one query each have their own time", () => {
  const got = read([
    up(query("a; b")),
    down(complete("A")),
    down(columns(["n", 23, 0]), row("1")),
    down(complete("SELECT 1"), ready()),
  ]);
  expect(got.map(({ sql, clock, firstByte, ended }) => [sql, clock, firstByte, ended])).toEqual([
    ["a", 2, null, 1],
    ["b", 3, 1, 2],
  ]);
});

test("a message of 1 GiB takes no memory, and what follows it is read", () => {
  const size = 1 << 30;
  const piece = Buffer.alloc(1 << 20, "x");
  function* pieces(way: "up" | "down", head: Buffer): Generator<Said> {
    yield [way, head];
    for (let n = 0; n < size / piece.length; n++) yield [way, piece];
  }
  const head = (type: string, ...parts: Buffer[]) => {
    const begin = Buffer.concat(parts);
    return Buffer.concat([Buffer.from(type), int32(4 + begin.length + size), begin]);
  };
  const before = process.memoryUsage();
  const said = function* (): Generator<Said> {
    yield* STARTED;
    yield up(query("select large"));
    yield* pieces("down", head("D", int16(1), int32(size)));
    yield down(complete("SELECT 1"), ready());
    yield up(query("copy"));
    yield down(message("G", Buffer.alloc(3)));
    yield* pieces("up", head("d"));
    yield up(message("c"));
    yield down(complete("COPY 1"), ready());
  };
  const got = heard(said(), "postgres", { bodies: 1_000 }) as Exchange[] as PostgresExchange[];
  const after = process.memoryUsage();
  expect(got.map(({ tag, rowCount }) => [tag, rowCount])).toEqual([
    ["SELECT 1", 1],
    ["COPY 1", 1],
  ]);
  expect(got[0]?.rows[0]?.[0]).toMatch(/^x{900,1000}…$/);
  expect(got[0]?.bytesDown).toBeGreaterThan(size);
  expect(got[1]?.bytesUp).toBeGreaterThan(size);
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(64 << 20);
});
