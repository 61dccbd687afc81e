import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Door, openDoor } from "../src/door/door.ts";
import { createRoutes } from "../src/door/upstream/routes.ts";
import { orThrow } from "../src/fault/fault.ts";
import {
  ERROR,
  FLAG,
  FRAME,
  frameHead,
  headersFrames,
  PREFACE,
  resetFrame,
  settingsFrame,
  windowFrame,
} from "../src/http2/frames.ts";
import { encodeField } from "../src/http2/hpack-encoder.ts";
import { type AnswerFrame, framesIn } from "../src/http2/nodes-http2.fixture.ts";
import { ask } from "./support/door-request.ts";
import { watchTurns } from "./support/longest-turn.ts";
import { plainRoute } from "./support/plain-route.ts";

/** What each flood is given: bytes that a client may send before it is stopped. */
const MOST_SENT = 64 * 1024 * 1024;
/** Of CPU that one turn of the event loop may take meanwhile, ms. Alone it takes some ms; the machine may be busy. */
const LONGEST_TURN = 250;
/** What the process may grow by, bytes. */
const MOST_MEMORY = 96 * 1024 * 1024;

const LARGE = Buffer.alloc(8_000_000, "x");
let door: Door;
const open: (() => unknown)[] = [];
let asked = 0;
beforeEach(async () => {
  asked = 0;
  const server = createServer((req, res) => {
    asked++;
    req.resume();
    if (req.url === "/never") return;
    if (req.url === "/large") return void res.end(LARGE);
    res.end("served");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const routes = createRoutes();
  const { port } = server.address() as AddressInfo;
  routes.set("a.localhost", plainRoute("shop/a", { host: "127.0.0.1", port }));
  door = orThrow(await openDoor({ port: 0, hosts: ["127.0.0.1"], routes }));
  open.push(
    () => door.close(),
    () => {
      server.closeAllConnections();
      server.close();
    },
  );
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Attacker {
  readonly socket: Socket;
  readonly frames: () => AnswerFrame[];
  /** The error of a GOAWAY; null: none came. */
  readonly goAway: () => number | null;
  sent: number;
}

function attacker(begin = PREFACE + settingsFrame([])): Attacker {
  const socket = connect(door.port, "127.0.0.1");
  open.push(() => socket.destroy());
  socket.on("error", () => {});
  const parts: Buffer[] = [];
  socket.on("data", (part: Buffer) => parts.push(part));
  socket.write(begin, "latin1");
  const frames = () => framesIn(Buffer.concat(parts));
  const goAway = () => frames().find(({ type }) => type === FRAME.goAway)?.error ?? null;
  return { socket, frames, goAway, sent: begin.length };
}

/** Sends `piece(n)` over and over until the connection is closed, while another client is served, with bounds on everything. */
async function flood(piece: (n: number) => string, begin?: string): Promise<Attacker> {
  const attack = attacker(begin);
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const turns = watchTurns();
  let closed = false;
  attack.socket.on("close", () => {
    closed = true;
  });
  let n = 0;
  let largest = before;
  while (!closed && attack.sent < MOST_SENT) {
    let text = "";
    while (text.length < 256 * 1024) text += piece(n++);
    attack.sent += text.length;
    if (!attack.socket.write(text, "latin1")) {
      await Promise.race([once(attack.socket, "drain"), once(attack.socket, "close")]).catch(() => {});
    }
    if (n % 2 === 0) expect((await ask(door.port, "a.localhost")).body).toBe("served");
    largest = Math.max(largest, process.memoryUsage.rss());
  }
  const longest = turns.stop();
  expect(closed).toBe(true);
  expect(longest).toBeLessThan(LONGEST_TURN);
  expect(largest - before).toBeLessThan(MOST_MEMORY);
  expect((await ask(door.port, "a.localhost")).body).toBe("served");
  return attack;
}

const GET = (path = "/") =>
  encodeField(":method", "GET") +
  encodeField(":scheme", "http") +
  encodeField(":path", path) +
  encodeField(":authority", "a.localhost");
const frame = (type: number, flags: number, stream: number, payload = "") =>
  frameHead(payload.length, type, flags, stream) + payload;

describe("a flood ends its connection, within bounds, while others are served", () => {
  const calm = ERROR.enhanceYourCalm;
  test.each<[string, (n: number) => string, number, string?]>([
    ["PING", () => frame(FRAME.ping, 0, 0, "12345678"), calm],
    ["SETTINGS", () => settingsFrame([[4, 65_535]]), calm],
    ["acknowledgements of SETTINGS", () => frame(FRAME.settings, FLAG.ack, 0), calm],
    ["PRIORITY", (n) => frame(FRAME.priority, 0, 2 * n + 1, "\0\0\0\0\x10"), calm],
    ["WINDOW_UPDATE", () => windowFrame(0, 1), calm],
    ["frames that nobody knows", () => frame(0x77, 0, 0, "?"), calm],
    ["GOAWAY", () => frame(FRAME.goAway, 0, 0, "\0\0\0\0\0\0\0\0"), calm],
    [
      "empty DATA",
      () => frame(FRAME.data, 0, 1),
      calm,
      PREFACE + settingsFrame([]) + headersFrames(GET("/never"), 1, false, 16_384),
    ],
    [
      "padding alone",
      () => frame(FRAME.data, FLAG.padded, 1, "\0"),
      calm,
      PREFACE + settingsFrame([]) + headersFrames(GET("/never"), 1, false, 16_384),
    ],
    [
      "CONTINUATION",
      () => frame(FRAME.continuation, 0, 1, "x".repeat(1_000)),
      calm,
      PREFACE + settingsFrame([]) + frame(FRAME.headers, 0, 1, "\x82"),
    ],
    [
      "empty CONTINUATION",
      () => frame(FRAME.continuation, 0, 1),
      calm,
      PREFACE + settingsFrame([]) + frame(FRAME.headers, 0, 1, "\x82"),
    ],
    [
      "streams that are reset at once",
      (n) => headersFrames(GET(), 2 * n + 1, true, 16_384) + resetFrame(2 * n + 1, 8),
      calm,
    ],
    [
      "streams that the door has to reset",
      (n) => headersFrames(`${GET()}${encodeField("te", "x")}`, 2 * n + 1, true, 16_384),
      calm,
    ],
    ["streams over the limit", (n) => headersFrames(GET("/never"), 2 * n + 1, true, 16_384), calm],
    [
      "streams that end by a window of nothing",
      (n) => headersFrames(GET("/never"), 2 * n + 1, true, 16_384) + windowFrame(2 * n + 1, 0),
      calm,
    ],
    ["windows that grow too large", () => windowFrame(0, 0x7fff_ffff), ERROR.flowControl],
    [
      "trailers that break the rules",
      (n) =>
        headersFrames(GET("/never"), 2 * n + 1, false, 16_384) +
        headersFrames(encodeField(":path", "/"), 2 * n + 1, true, 16_384),
      calm,
    ],
  ])("%s", async (_, piece, error, begin) => {
    const attack = await flood(piece, begin);
    // Where the last bytes were reset on their way, it isn't seen.
    expect([error, null]).toContain(attack.goAway());
    // What reached the service is what a page may cause, too.
    expect(asked).toBeLessThan(2_500);
  });

  test("header lists that grow in the table are refused, and no more than the table is kept", async () => {
    const attack = attacker();
    const large = `\x40\x01a\x7f\xa1\x1e${"x".repeat(4_000)}`;
    const before = process.memoryUsage.rss();
    attack.socket.write(headersFrames(GET() + large, 1, true, 16_384), "latin1");
    for (let n = 1; n < 60; n++) {
      attack.socket.write(headersFrames(GET() + "\xbe".repeat(16_000), 2 * n + 1, true, 16_384), "latin1");
    }
    await expect
      .poll(() => attack.frames().filter(({ type }) => type === FRAME.headers).length)
      .toBeGreaterThanOrEqual(59);
    expect(process.memoryUsage.rss() - before).toBeLessThan(MOST_MEMORY);
    expect(asked).toBeLessThanOrEqual(1);
    expect((await ask(door.port, "a.localhost")).body).toBe("served");
  });
});

describe("a client that takes nothing", () => {
  const streams = Array.from({ length: 100 }, (_, n) => headersFrames(GET("/large"), 2 * n + 1, true, 16_384)).join("");

  test.each<[string, string, boolean]>([
    ["with windows of nothing", settingsFrame([[4, 0]]), false],
    ["that never reads", settingsFrame([[4, 0x7fff_ffff]]) + windowFrame(0, 0x7fff_0000), true],
  ])("%s costs what fits its buffers", async (_, settings, stops) => {
    const before = process.memoryUsage.rss();
    const attack = attacker(PREFACE + settings + streams);
    if (stops) attack.socket.pause();
    await expect.poll(() => asked).toBe(100);
    for (let n = 0; n < 20; n++) expect((await ask(door.port, "a.localhost")).body).toBe("served");
    // Sockets between this process and itself count, too.
    expect(process.memoryUsage.rss() - before).toBeLessThan(MOST_MEMORY);
    // Nor is it waited for.
    await door.close();
  });
});
