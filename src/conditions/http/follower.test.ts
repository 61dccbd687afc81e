import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orThrow } from "../../fault/fault.ts";
import type { End, Output } from "../kinds/condition.ts";
import { readConditions } from "../text.ts";
import { virtualClock } from "../time/virtual-clock.fixture.ts";
import { openFollower } from "./follower.ts";

const conditions = (text: string) => orThrow(readConditions(text));

/** A follower between two lists of what came out. */
function followed(text: string, { seed = 1, fresh = true } = {}) {
  const { clock, turn } = virtualClock();
  const out = { up: "", down: "", ends: [] as string[], left: [] as string[], resets: 0 };
  const into = (way: "up" | "down"): Output => ({
    push: (bytes) => (out[way] += bytes.toString("latin1")),
    end: (how: End) => out.ends.push(`${way} ${how}`),
  });
  const follower = openFollower({
    ...{ clock, seed, connection: 0, fresh, up: into("up"), down: into("down"), eased: () => {} },
    reset: () => out.resets++,
    left: (why) => out.left.push(why),
  });
  follower.set(conditions(text));
  const send = (way: "up" | "down", bytes: string) => {
    if (bytes !== "") follower[way].push(Buffer.from(bytes, "latin1"), clock.now());
  };
  return { clock, turn, out, follower, send };
}

const get = (path: string, more = "") => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
const ok = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const chunked = (...parts: string[]) =>
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${parts.map((one) => `${one.length.toString(16)}\r\n${one}\r\n`).join("")}0\r\n\r\n`;

/** The text in pieces of these sizes, again and again. */
function* pieces(text: string, sizes: readonly number[]): Generator<string> {
  for (let at = 0, n = 0; at < text.length; n++) {
    const size = sizes[n % sizes.length] ?? 1;
    yield text.slice(at, at + size);
    at += size;
  }
}

describe("the same seed does the same, however the bytes are cut into pieces", () => {
  const up = `${get("/a") + get("/b")}POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\n${"p".repeat(300)}${get("/d")}`;
  const down = ok("x".repeat(500)) + chunked("y".repeat(90), "z".repeat(200)) + ok("") + ok("w".repeat(50));
  test.each([
    "http-corrupt=5%,both",
    "http-corrupt=0.1%,probability=50%",
    "http-abort=120,path=/b",
    "http-truncate,path=/d",
    "http-abort=100,up,path=/c",
    "http-abort=1MB,path=/b|/c",
    "http-slow=1KB/s",
    "http-status=503,path=/d http-corrupt=2%",
    "http-drop,path=/c",
  ])("%s", (text) => {
    const run = (sizes: readonly number[]) => {
      const { send, out, turn } = followed(text, { seed: 5 });
      for (const piece of pieces(up, sizes)) send("up", piece);
      for (const piece of pieces(down, sizes)) send("down", piece);
      turn(60_000);
      return out;
    };
    const whole = run([100_000]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 }), (sizes) => {
        expect(run(sizes)).toEqual(whole);
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  test("a WebSocket's messages too", () => {
    const frame = (opcode: number, length: number, { last = true, mask = true } = {}) => {
      const size =
        length < 126
          ? [length]
          : length < 65_536
            ? [126, length >> 8, length & 255]
            : [127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255];
      size[0] = (size[0] ?? 0) | (mask ? 0x80 : 0);
      const head = Buffer.from([(last ? 0x80 : 0) | opcode, ...size, ...(mask ? [1, 2, 3, 4] : [])]);
      return head.toString("latin1") + "m".repeat(length);
    };
    const ping = frame(9, 3);
    const messages = [
      ...Array.from({ length: 40 }, (_, n) => frame(1 + (n % 2), n * n)),
      frame(2, 70_000),
      ...Array.from(
        { length: 20 },
        (_, n) => frame(1, n, { last: false }) + ping + frame(0, 7, { last: false }) + frame(0, n),
      ),
    ];
    const opening = get(
      "/ws",
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n",
    );
    const opened = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    const run = (sizes: readonly number[]) => {
      const { send, out, follower } = followed("ws-drop=30%", { seed: 2 });
      send("up", opening);
      send("down", opened);
      for (const piece of pieces(messages.join(""), sizes)) send("up", piece);
      follower.set([]);
      return out;
    };
    const whole = run([1_000_000]);
    expect(whole.up).not.toContain("permessage");
    expect(whole.left).toEqual(["removed"]);
    // What is left is whole messages in their order; of the lost ones in fragments the pings stay.
    let rest = whole.up.slice(whole.up.indexOf("\r\n\r\n") + 4);
    let lost = 0;
    for (const message of messages) {
      if (rest.startsWith(message)) rest = rest.slice(message.length);
      else {
        lost++;
        if (message.includes(ping)) rest = rest.slice(ping.length);
      }
    }
    expect(rest).toBe("");
    expect(lost).toBeGreaterThan(8);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 5 }), (sizes) => {
        expect(run(sizes)).toEqual(whole);
      }),
      { numRuns: 40, seed: 3 },
    );
  });
});

describe("what it leaves alone", () => {
  test("a connection that is under way: what is no request's beginning passes, then it follows", () => {
    const { send, out } = followed("http-status=503,path=/b", { fresh: false });
    send("up", "rest of a body ".repeat(10));
    send("down", "rest of an answer");
    send("up", get("/a"));
    send("down", ok("1"));
    send("up", get("/b"));
    expect(out.up).toBe(`${"rest of a body ".repeat(10)}${get("/a")}`);
    expect(out.down).toMatch(/^rest of an answerHTTP\/1\.1 200 OK[\s\S]*1HTTP\/1\.1 503 /);
    expect(out.left).toEqual([]);
  });

  test("one under way that begins again and again with something else is no HTTP", () => {
    const { send, out } = followed("http-drop", { fresh: false });
    for (let n = 0; n < 4; n++) {
      send("up", "Q select 1");
      send("down", "T 1");
      expect(out.left).toEqual(n < 3 ? [] : ["other"]);
    }
    expect(out).toMatchObject({ up: "Q select 1".repeat(4), down: "T 1".repeat(4) });
  });

  test.each([
    ["\x16\x03\x01\x02\x00", "tls"],
    ["\x00\x00\x00\x08", "other"],
    ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "other"],
    ["SSH-2.0-x\r\n", "other"],
    ["GET / HTTP/1.1\r\nHost : a\r\n\r\n", "other"],
    [`GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(140_000)}`, "other"],
  ])("%j", (bytes, why) => {
    const { send, out } = followed("http-drop");
    send("up", bytes);
    send("down", "anything");
    expect(out).toMatchObject({ up: bytes, down: "anything", left: [why] });
  });

  test("a server that speaks first, and a client that stops in the middle of a word", () => {
    const first = followed("http-drop");
    first.send("down", "220 ready\r\n");
    expect(first.out).toMatchObject({ down: "220 ready\r\n", left: ["other"] });
    const word = followed("http-drop");
    word.send("up", "HELO");
    expect(word.out.up).toBe("");
    word.turn(2_001);
    expect(word.out).toMatchObject({ up: "HELO", left: ["other"] });
  });

  test("a switch to another protocol", () => {
    const { send, out } = followed("http-status=503,path=/never");
    send("up", `${get("/", "Connection: Upgrade\r\nUpgrade: foo\r\n")}early words`);
    expect(out.up).not.toContain("early");
    send("down", "HTTP/1.1 101 Switching Protocols\r\n\r\nbytes");
    send("up", get("/not HTTP any more"));
    expect(out.up).toMatch(/early wordsGET \/not HTTP any more/);
    expect(out.left).toEqual(["switched"]);
  });

  test.each([
    ["HTTP/2", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"],
    ["a protocol that nobody asked for", ""],
  ])("a switch to %s: what follows can't be followed", (_, fields) => {
    const { send, out } = followed("http-status=503,path=/never");
    const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n\0\0";
    send("up", get("/", fields));
    send("down", switching);
    expect(out).toMatchObject({ down: switching, left: ["other"] });
  });

  test("an upgrade that is declined: the next request is one", () => {
    const { send, out } = followed("http-status=503,path=/b");
    send("up", get("/", "Connection: Upgrade\r\nUpgrade: foo\r\n") + get("/b"));
    send("down", ok("no"));
    expect(out.up).not.toContain("/b");
    expect(out.down).toMatch(/noHTTP\/1\.1 503/);
  });

  test("with no condition left it goes as soon as nothing is owed", () => {
    const { send, out, follower } = followed("http-status=503,method=POST http-corrupt,path=/c");
    send("up", `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1234`);
    follower.set([]);
    expect(out.left).toEqual([]);
    send("up", "56789");
    expect(out.down).toMatch(/^HTTP\/1\.1 503 /);
    expect(out.left).toEqual(["removed"]);
    expect(out.up).toBe("");
  });
});

test.each([
  ["up", `GET /a HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(120_000)}\r\n\r\n`],
  ["down", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(250_000)}\r\nContent-Length: 0\r\n\r\n`],
] as const)("a long head on its way %s has room, however it comes", (way, head) => {
  const { send, out, follower } = followed("http-status=503,path=/b");
  if (way === "down") send("up", get("/a"));
  for (const piece of pieces(head, [16 * 1024])) {
    expect(follower[way].full()).toBe(false);
    send(way, piece);
  }
  expect(out[way]).toContain(head);
  if (way === "up") send("down", ok(""));
  send("up", get("/b"));
  expect(out.down).toMatch(/\r\n\r\nHTTP\/1\.1 503 /);
  expect(out.left).toEqual([]);
});

describe("what waits behind a slow body belongs to its own request", () => {
  test("a response: it is read as the answer to the next request", () => {
    const { send, out, turn } = followed("http-slow=1KB/s,path=/slow http-status=503,path=/own");
    send("up", get("/slow") + get("/b").replace("GET", "HEAD") + get("/own"));
    const headers = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    send("down", ok("x".repeat(2_000)) + headers);
    turn(3_000);
    expect(out.down).toMatch(/x{2000}HTTP\/1\.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP\/1\.1 503 /);
  });

  test("a request: it is answered once all of it has come", () => {
    const { send, out, turn } = followed("http-slow=1KB/s,both,path=/slow http-status=503,path=/own");
    const post = (path: string, length: number) => get(path, `Content-Length: ${length}\r\n`).replace("GET", "POST");
    send("up", `${post("/slow", 2_000)}${"x".repeat(2_000)}${post("/own", 5)}12`);
    turn(3_000);
    send("down", ok(""));
    expect(out.down).toBe(ok(""));
    send("up", "345");
    expect(out.down).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*HTTP\/1\.1 503 /);
  });
});

describe("what an end becomes", () => {
  test("an unfinished head is handed on before the end", () => {
    const { follower, send, out, clock } = followed("http-drop,path=/never");
    send("up", "GET / HTTP/1.1\r\nHo");
    follower.up.end("fin", clock.now());
    expect(out).toMatchObject({ up: "GET / HTTP/1.1\r\nHo", ends: ["up fin"] });
  });

  test("the service's end is kept from a consumer whose request was lost, until that one ends", () => {
    const { follower, send, out, clock } = followed("http-drop");
    send("up", get("/"));
    follower.down.end("fin", clock.now());
    expect(out.ends).toEqual([]);
    follower.up.end("fin", clock.now());
    expect(out.ends).toEqual(["up fin", "down fin"]);
    expect(out.up).toBe("");
  });

  test("a slow body that breaks off arrives as far as it came, then the end", () => {
    const { follower, send, out, clock, turn } = followed("http-slow=1KB/s");
    send("up", get("/"));
    send("down", ok("x".repeat(2_000)).slice(0, -1_000));
    follower.down.end("reset", clock.now());
    turn(900);
    expect(out.ends).toEqual([]);
    turn(1_100);
    expect(out.ends).toEqual(["down reset"]);
    expect(out.down).toMatch(/x{1000}$/);
  });

  const untilClose = (body: string) => `HTTP/1.0 200 OK\r\n\r\n${body}`;
  test.each([
    ["http-truncate", "hello", "hell", "close"],
    ["http-truncate=3", "hello", "hel", "close"],
    ["http-truncate=5", "hello", "hell", "close"],
    ["http-truncate=1KB", "x", "", "close"],
    ["http-truncate=0", "hello", "", "close"],
    ["http-abort", "hello", "hell", "reset"],
    ["http-truncate http-slow=1KB/s", "hello", "hell", "close"],
  ])("%s: of a short body without a length, %s, the last byte never passes", (text, body, passes, how) => {
    for (const sizes of [[1_000], [1], [2, 3]]) {
      const { follower, send, out, clock, turn } = followed(text);
      send("up", get("/"));
      for (const piece of pieces(untilClose(body), sizes)) send("down", piece);
      follower.down.end("fin", clock.now());
      turn(1_000);
      expect(out.down).toBe(untilClose(passes));
      expect(out.ends).toEqual([`down ${how}`]);
    }
  });

  test("of an empty body without a length the head's last byte doesn't pass", () => {
    const { follower, send, out, clock } = followed("http-truncate");
    send("up", get("/"));
    send("down", untilClose(""));
    follower.down.end("fin", clock.now());
    expect(out).toMatchObject({ down: untilClose("").slice(0, -1), ends: ["down close"] });
  });

  test("a byte that is kept is handed on where the stream is followed no longer", () => {
    const { send, out } = followed("http-truncate=1KB");
    send("up", get("/"));
    send("down", untilClose("hello"));
    send("up", "\x01\x02 no request\r\n\r\n");
    send("down", " world");
    expect(out).toMatchObject({ down: untilClose("hello world"), left: ["other"] });
  });

  test("who asks for the connection's end gets it after the answer", () => {
    const { send, out } = followed("http-status=404");
    send("up", get("/", "Connection: close\r\n"));
    expect(out.down).toMatch(/^HTTP\/1\.1 404 Not Found[\s\S]*Connection: close/);
    expect(out.ends).toEqual(["down close"]);
  });

  test("an answer that is owed when the stream can't be followed any more: the connection breaks", () => {
    const { send, out } = followed("http-status=503,path=/b");
    send("up", get("/a") + get("/b"));
    send("down", "no HTTP at all\r\n\r\n");
    expect(out).toMatchObject({ resets: 1, down: "" });
  });
});
