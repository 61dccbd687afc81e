import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Exchange } from "../exchange.ts";
import { heard, inBytes, inPieces, plain, recorded, type Said } from "./conversation.fixture.ts";

const CONVERSATIONS = { "postgres-queries": "postgres", "postgres-copy": "postgres", redis: "redis" } as const;
type Name = keyof typeof CONVERSATIONS;
const names = Object.keys(CONVERSATIONS) as Name[];

/** What they say, in short. */
const SAID: Record<Name, unknown[]> = {
  "postgres-queries": [
    ["create temp table dish (id int primary key, name text, price numeric)", [], [], "CREATE TABLE", null],
    ["insert into dish values ($1, $2, $3)", ["1", "Käse", "7.5"], [], "INSERT 0 1", null],
    ["select * from dish where id = $1", ["1"], [["1", "Käse", "7.5"]], "SELECT 1", null],
    ["select * from dish where id = $1", ["2"], [], "SELECT 0", null],
    ["select id, price from dish where id = $1", ["1"], [["1", "7.5"]], "SELECT 1", null],
    ["select * from missing", [], [], "42P01", null],
    ["insert into dish values ($1, $2, $3)", ["1", null, null], [], "23505", null],
    ["begin", [], [], "BEGIN", 1],
    ["insert into dish values (2, null, 1)", [], [], "INSERT 0 1", 1],
    ["select count(*) from dish", [], [["2"]], "SELECT 1", 1],
    ["rollback", [], [], "ROLLBACK", 1],
    ["select 1", [], [["1"]], "SELECT 1", null],
  ],
  "postgres-copy": [
    ["create temp table line (n int)", [], [], "CREATE TABLE", null],
    ["COPY  line FROM STDIN ", [], [], "COPY 3", null],
    ["COPY  line TO STDOUT ", [], [], "COPY 3", null],
    ["select n from line", [], [["1"], ["2"], ["3"]], "SELECT 3", null],
  ].map(([sql, ...rest]) => [String(sql).trim(), ...rest]),
  redis: [
    ["SET a größe", "OK", null],
    ["GET a", '"größe"', null],
    ["LPUSH l 1 2", "(integer) 2", null],
    ["LRANGE l 0 -1", '1) "2"\n2) "1"', null],
    ["PING ", "PONG", null],
    ["LPUSH a x", "(error) WRONGTYPE Operation against a key holding the wrong kind of value", "WRONGTYPE"],
    ["MULTI ", "OK", null],
    ["GET none", "QUEUED", null],
    ["EXEC ", "1) (nil)", null],
    ["HELLO 3", expect.stringContaining('# "proto" => (integer) 3'), null],
    ["HSET h f 1", "(integer) 1", null],
    ["HGETALL h", '1# "f" => "1"', null],
    ["SUBSCRIBE a b", '1) "subscribe"\n2) "a"\n3) (integer) 1', null],
    ["PUBLISH a hello", "(integer) 1", null],
    ["ECHO last", '"last"', null],
  ],
};

function short(exchange: Exchange): unknown {
  if (exchange.protocol === "postgres") {
    const { sql, params, rows, tag, error, transaction } = exchange;
    return [sql, params, rows, error?.code ?? tag, transaction];
  }
  if (exchange.protocol !== "redis") return exchange.protocol;
  const { command, args, reply, error } = exchange;
  return [`${command} ${args.join(" ")}`, reply, error?.code ?? null];
}

describe.each(names)("the recorded conversation %s", (name) => {
  const said = recorded(name);
  const protocol = CONVERSATIONS[name];
  const whole = heard(said, protocol);

  test("says what was said, known by its first bytes alone too", () => {
    expect(whole.map(short)).toEqual(SAID[name]);
    for (const { ended } of whole) expect(ended).not.toBeNull();
    expect(plain(heard(said, "tcp"))).toEqual(plain(whole));
  });

  test("says the same cut at every position", () => {
    expect(plain(heard(inBytes(said), protocol))).toEqual(plain(whole));
    for (let cut = 0; cut < 200; cut++)
      expect(plain(heard(inPieces(said, [cut / 200]), protocol))).toEqual(plain(whole));
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }), (cuts) => {
        expect(plain(heard(inPieces(said, cuts), protocol))).toEqual(plain(whole));
      }),
      { numRuns: 50 },
    );
  });

  test("changed anyhow never throws, and ends what it began", () => {
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255), drop: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const broken = said.map(([way, bytes]): Said => [way, Buffer.from(bytes)]);
        for (const { at, byte, drop } of changes) {
          const n = at % broken.length;
          const [way, bytes] = broken[n] as Said;
          const place = Math.floor(at / broken.length) % bytes.length;
          if (drop) broken[n] = [way, Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)])];
          else bytes[place] = byte;
        }
        for (const { ended } of heard(broken, protocol)) expect(ended).not.toBeNull();
      }),
      { numRuns: 400 },
    );
  });

  test("cut off, ends what it began", () => {
    for (let n = 0; n < said.length; n++) {
      for (const { ended } of heard(said.slice(0, n), protocol)) expect(ended).not.toBeNull();
    }
  });
});

test("no protocol takes another's first bytes", () => {
  for (const name of names) {
    expect(plain(heard(recorded(name), "tcp"))).toEqual(plain(heard(recorded(name), CONVERSATIONS[name])));
  }
  const http: Said[] = [["up", Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n")]];
  expect(heard(http, "tcp").map(({ protocol }) => protocol)).toEqual(["http"]);
  expect(heard([["up", Buffer.from("MySQL\0\0\0\0\0")]], "tcp").map(({ protocol }) => protocol)).toEqual(["tcp"]);
});

test.each(["postgres", "redis"] as const)("random bytes to a %s service never throw", (protocol) => {
  const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
  const start = recorded(protocol === "postgres" ? "postgres-queries" : "redis").slice(0, 8);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("up" as const, "down" as const), bytes), { maxLength: 8 }),
      fc.nat(8),
      (random, before) => {
        for (const { ended } of heard([...start.slice(0, before), ...random], protocol)) expect(ended).not.toBeNull();
      },
    ),
    { numRuns: 400 },
  );
});
