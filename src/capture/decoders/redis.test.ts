import { expect, test } from "vitest";
import type { RedisExchange } from "../exchange.ts";
import { heard, plain, type Said } from "./conversation.fixture.ts";

const up = (text: string): Said => ["up", Buffer.from(text)];
const down = (text: string): Said => ["down", Buffer.from(text)];
const resp = (...words: string[]) =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;

/** Replies to one command each, as they are printed. */
function printed(...replies: string[]): (string | null)[] {
  const got = heard([up(resp("GET", "x").repeat(replies.length)), down(replies.join(""))], "redis");
  return (got as RedisExchange[]).map(({ reply }) => reply);
}

test("every type of RESP3 is printed", () => {
  expect(
    printed(
      ...[
        "_\r\n",
        "#t\r\n",
        "#f\r\n",
        ",3.25\r\n",
        "(3492890328409238509324850943850943825024385\r\n",
        "=7\r\ntxt:abc\r\n",
      ],
      ...["!9\r\nERR wrong\r\n", "~2\r\n:1\r\n$1\r\na\r\n", "%0\r\n", "~0\r\n", "*-1\r\n", "$-1\r\n", "$0\r\n\r\n"],
      "|1\r\n+ttl\r\n:3600\r\n$5\r\nvalue\r\n",
      "*2\r\n|1\r\n+a\r\n*1\r\n:1\r\n:5\r\n:6\r\n",
    ),
  ).toEqual([
    ...["(nil)", "(true)", "(false)", "(double) 3.25", "3492890328409238509324850943850943825024385", "abc"],
    ...["(error) ERR wrong", '1~ (integer) 1\n2~ "a"', "(empty hash)", "(empty set)", "(nil)", "(nil)", '""'],
    '"value"',
    "1) (integer) 5\n2) (integer) 6",
  ]);
});

test("strings are quoted: what isn't text byte by byte, letters of all languages as they are", () => {
  const bytes = Buffer.concat([
    Buffer.from("$5\r\n"),
    Buffer.from([0xff, 0x00, 0x41, 0x22, 0x0a]),
    Buffer.from("\r\n"),
  ]);
  const got = heard([up(resp("GET", "x")), ["down", bytes]], "redis") as RedisExchange[];
  expect(got[0]?.reply).toBe('"\\xff\\x00A\\"\\n"');
  expect(printed("$7\r\ngröß\t\r\n")).toEqual(['"größ\\t"']);
});

test("passwords aren't kept, wherever a command has them", () => {
  const secret = "hunter2";
  const said = [
    resp("AUTH", secret),
    resp("auth", "ada", secret),
    resp("HELLO", "3", "AUTH", "ada", secret, "SETNAME", "me"),
    resp("MIGRATE", "h", "1", "k", "0", "5", "AUTH2", "ada", secret),
    resp("ACL", "SETUSER", "ada", "on", `>${secret}`, "~*"),
    resp("CONFIG", "SET", "maxmemory", "1", "requirepass", secret),
    `AUTH "${secret}"\r\n`,
  ];
  const got = heard([up(said.join("")), down("+OK\r\n".repeat(said.length))], "redis") as RedisExchange[];
  expect(got.map(({ command, args }) => [command, ...args].join(" "))).toEqual([
    "AUTH …",
    "AUTH … …",
    "HELLO 3 AUTH … … SETNAME me",
    "MIGRATE h 1 k 0 5 AUTH2 … …",
    "ACL SETUSER ada on >… ~*",
    "CONFIG SET maxmemory 1 requirepass …",
    "AUTH …",
  ]);
  expect(JSON.stringify(plain(got))).not.toContain(secret);
});

test("what others do, as MONITOR shows it, is nobody's reply", () => {
  const got = heard(
    [up(resp("MONITOR")), down('+OK\r\n+1.5 [0 a] "GET" "x"\r\n'), down('+2.5 [0 a] "GET" "y"\r\n')],
    "redis",
  ) as RedisExchange[];
  expect(got.map(({ command, reply }) => [command, reply])).toEqual([["MONITOR", "OK"]]);
});

test("what a connection's end cut off has an error", () => {
  const got = heard([up(resp("BLPOP", "a", "0") + resp("GET", "b")), down("*2\r\n$1\r\na")], "redis");
  expect(got.map(({ error }) => error?.code)).toEqual(["closed", "closed"]);
});

test("what makes no sense is lost, and its bytes are counted", () => {
  const kinds = (...said: Said[]) => heard(said, "redis").map(({ protocol }) => protocol);
  expect(kinds(up("\u0001\u0002\r\n"))).toEqual(["tcp"]);
  expect(kinds(up("*1\r\n+GET\r\n"))).toEqual(["tcp"]);
  expect(kinds(up("*1\r\n$3\r\nGETxx"))).toEqual(["tcp"]);
  expect(kinds(up("x".repeat(70_000)))).toEqual(["tcp"]);
  expect(kinds(up(resp("GET", "a")), down("?what\r\n"))).toEqual(["redis", "tcp"]);
  expect(kinds(up(resp("GET", "a")), down("*1\r\n".repeat(500)))).toEqual(["redis", "tcp"]);
  expect(kinds(up(resp("GET", "a")), down("$-5\r\n"))).toEqual(["redis", "tcp"]);
});

test("values of 1 GiB take no memory either way", () => {
  const size = 1 << 30;
  const piece = Buffer.alloc(1 << 20, "x");
  const said = function* (): Generator<Said> {
    yield up(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${size}\r\n`);
    for (let n = 0; n < size / piece.length; n++) yield ["up", piece];
    yield up(`\r\n${resp("GET", "k")}`);
    yield down(`+OK\r\n$${size}\r\n`);
    for (let n = 0; n < size / piece.length; n++) yield ["down", piece];
    yield down("\r\n");
  };
  const before = process.memoryUsage().arrayBuffers;
  const got = heard(said(), "redis", { bodies: 1_000 }) as RedisExchange[];
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  expect(got.map(({ command, bytesUp, bytesDown }) => [command, bytesUp > size, bytesDown > size])).toEqual([
    ["SET", true, false],
    ["GET", false, true],
  ]);
  expect(got[1]?.reply).toMatch(/^"x{900,1000}/);
});
