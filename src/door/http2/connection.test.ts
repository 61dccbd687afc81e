import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { UNCHECKED } from "../../guard/peer.ts";
import {
  ERROR,
  FRAME,
  frameHead,
  headersFrames,
  PREFACE,
  resetFrame,
  SETTINGS_ACK,
  settingsFrame,
  windowFrame,
} from "../../http2/frames.ts";
import { encodeField } from "../../http2/hpack-encoder.ts";
import { type AnswerFrame, answerOfNode, framesIn } from "../../http2/nodes-http2.fixture.ts";
import { createTurns } from "../accept/turns.ts";
import type { DoorInside } from "../exchange/door-inside.ts";
import { createUpstreamPool } from "../upstream/pool.ts";
import { createRoutes } from "../upstream/routes.ts";
import { http2Ended, http2Gone, openHttp2, readHttp2, sweepHttp2 } from "./connection.ts";
import { HEAD_TIME, IDLE_TIME, SETTINGS_TIME } from "./limits.ts";

const open: (() => unknown)[] = [];
afterEach(() => {
  for (const close of open.splice(0).reverse()) close();
});

const inside: DoorInside = {
  ...{ routes: createRoutes(), pool: createUpstreamPool(), port: 80, via: "cove-test", startWait: 1_000 },
  ...{ guard: null, recorder: null, breakpoints: null },
};

/** A connection whose other side is a plain socket. */
async function connection() {
  const server = createServer({ allowHalfOpen: true });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [socket] = (await once(server, "connection")) as [Socket];
  server.close();
  const mine = openHttp2(inside, createTurns(), socket, UNCHECKED);
  socket.on("data", (bytes) => readHttp2(mine, bytes, bytes.length));
  socket.on("end", () => http2Ended(mine));
  socket.on("error", () => {});
  socket.on("close", () => http2Gone(mine));
  const parts: Buffer[] = [];
  let over = false;
  client.on("data", (part: Buffer) => parts.push(part));
  client.on("error", () => {});
  client.on("close", () => {
    over = true;
  });
  open.push(() => {
    client.destroy();
    socket.destroy();
  });
  return { client, mine, frames: () => framesIn(Buffer.concat(parts)), over: () => over };
}

const BEGIN = PREFACE + settingsFrame([]);
const GET =
  encodeField(":method", "GET") +
  encodeField(":scheme", "http") +
  encodeField(":path", "/") +
  encodeField(":authority", "nobody.localhost");
const frame = (type: number, flags: number, stream: number, payload = "") =>
  frameHead(payload.length, type, flags, stream) + payload;
const PING = frame(FRAME.ping, 0, 0, "lastping");

/** What the door answers to these bytes and a PING behind them. */
async function answerTo(text: string): Promise<AnswerFrame[]> {
  const { client, frames, over } = await connection();
  client.write(text + PING, "latin1");
  const isEnd = ({ type }: AnswerFrame) => type === FRAME.goAway || type === FRAME.ping;
  await expect.poll(() => over() || frames().some(isEnd), { interval: 1 }).toBe(true);
  client.destroy();
  return frames();
}

describe("deadlines", () => {
  const later = (ms: number) => performance.now() + ms + 1_000;

  test.each<[string, string, number, number]>([
    ["SETTINGS that nobody acknowledges", BEGIN, SETTINGS_TIME, ERROR.settingsTimeout],
    ["no stream for 75 s", BEGIN + SETTINGS_ACK, IDLE_TIME, ERROR.none],
    [
      "a header block that isn't whole",
      BEGIN + SETTINGS_ACK + frame(FRAME.headers, 0, 1, "\x82"),
      HEAD_TIME,
      ERROR.protocol,
    ],
  ])("%s", async (_, text, limit, error) => {
    const { client, mine, frames, over } = await connection();
    client.write(text, "latin1");
    await expect.poll(() => mine.phase).toBe("open");
    await new Promise(setImmediate);
    sweepHttp2(mine, performance.now() + limit - 2_000);
    expect(mine.phase).toBe("open");
    sweepHttp2(mine, later(limit));
    await expect.poll(over).toBe(true);
    expect(frames().at(-1)).toMatchObject({ type: FRAME.goAway, error });
  });

  test("a preface that isn't whole", async () => {
    const { client, mine, over } = await connection();
    client.write(PREFACE.slice(0, 20), "latin1");
    await new Promise((resolve) => setTimeout(resolve, 20));
    sweepHttp2(mine, later(HEAD_TIME));
    await expect.poll(over).toBe(true);
  });
});

test("a client that sends no more is answered, and the connection ends", async () => {
  const { client, frames, over } = await connection();
  client.end(BEGIN + SETTINGS_ACK + headersFrames(GET, 1, true, 16_384), "latin1");
  await expect.poll(over).toBe(true);
  expect(frames().map(({ type, stream }) => [type, stream])).toContainEqual([FRAME.data, 1]);
});

describe("what a connection or a stream can't go on after", () => {
  const request = (id: number, ends = true) => headersFrames(GET, id, ends, 16_384);
  test.each<[string, string, Partial<AnswerFrame>]>([
    ["no SETTINGS behind the preface", PREFACE + PING, { type: FRAME.goAway, error: ERROR.protocol }],
    ["a stream of an even number", BEGIN + request(2), { type: FRAME.goAway, error: ERROR.protocol }],
    ["a stream lower than the last", BEGIN + request(5) + request(3), { type: FRAME.goAway, error: ERROR.protocol }],
    ["DATA on an idle stream", BEGIN + frame(FRAME.data, 0, 1, "x"), { type: FRAME.goAway, error: ERROR.protocol }],
    ["RST_STREAM on an idle stream", BEGIN + resetFrame(1, 8), { type: FRAME.goAway, error: ERROR.protocol }],
    ["WINDOW_UPDATE on an idle stream", BEGIN + windowFrame(1, 8), { type: FRAME.goAway, error: ERROR.protocol }],
    ["HEADERS on an ended stream", BEGIN + request(1) + request(1), { type: FRAME.goAway, error: ERROR.streamClosed }],
    [
      "DATA on an ended stream",
      BEGIN + request(1) + frame(FRAME.data, 0, 1, "x"),
      { type: FRAME.goAway, error: ERROR.streamClosed },
    ],
    [
      "DATA on a stream that the client reset",
      BEGIN + request(1, false) + resetFrame(1, 8) + frame(FRAME.data, 0, 1, "x"),
      { type: FRAME.reset, stream: 1 },
    ],
    [
      "a malformed request",
      BEGIN + headersFrames("\x82", 1, true, 16_384),
      { type: FRAME.reset, error: ERROR.protocol },
    ],
    [
      "a body that doesn't come",
      BEGIN + headersFrames(GET + encodeField("content-length", "5"), 1, true, 16_384),
      { type: FRAME.reset, error: ERROR.protocol },
    ],
    [
      "an unreadable block",
      BEGIN + headersFrames("\xff", 1, true, 16_384),
      { type: FRAME.goAway, error: ERROR.compression },
    ],
    [
      "a window over 2^31-1 by SETTINGS",
      BEGIN + windowFrame(0, 0x7fff_ffff),
      { type: FRAME.goAway, error: ERROR.flowControl },
    ],
  ])("%s", async (_, text, expected) => {
    expect(await answerTo(text)).toContainEqual(expect.objectContaining(expected));
  });

  test("DATA on a stream that the door has reset was on its way, and counts for the window", async () => {
    const bad = headersFrames("\x82", 1, false, 16_384);
    const answer = await answerTo(BEGIN + bad + frame(FRAME.data, 0, 1, "x".repeat(16_384)).repeat(40));
    expect(answer.some(({ type }) => type === FRAME.goAway)).toBe(false);
    expect(answer).toContainEqual(expect.objectContaining({ type: FRAME.window, stream: 0 }));
  });
});

/** A client's frames, mostly sound, on few streams. */
const payloads = fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
const streams = fc.constantFrom(0, 1, 1, 1, 2, 3, 3, 5);
const blocks = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(GET, GET + encodeField("x-a", "b"), encodeField("x-t", "y")) },
  { weight: 1, arbitrary: payloads },
);
const flags = fc.constantFrom(0, 1, 4, 5, 5, 5, 8, 0x20, 0x25, 0x2c);
const frames = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(streams, flags, blocks).map(([id, flag, block]) => frame(FRAME.headers, flag, id, block)),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(streams, flags, blocks).map(([id, flag, block]) => frame(FRAME.continuation, flag, id, block)),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(streams, flags, payloads).map(([id, flag, text]) => frame(FRAME.data, flag, id, text)),
  },
  { weight: 2, arbitrary: fc.tuple(streams, fc.nat(14)).map(([id, error]) => resetFrame(id, error)) },
  {
    weight: 2,
    arbitrary: fc.tuple(streams, fc.constantFrom(0, 1, 1_000, 0x7fff_ffff)).map(([id, by]) => windowFrame(id, by)),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.tuple(fc.nat(8), fc.constantFrom(0, 1, 2, 100, 16_384, 0x8000_0000)), { maxLength: 3 })
      .map(settingsFrame),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x77), fc.nat(255), streams, payloads)
      .map((args) => frame(...args)),
  },
);

describe("beside nghttp2 (node:http2)", () => {
  /**
   * Errors of the connection, which RFC 9113 leaves no choice about. `streamClosed` isn't among them: §5.1 lets a side choose
   * whether it is the stream's or the connection's.
   */
  const FATAL = new Set<number>([ERROR.compression, ERROR.frameSize]);
  const read = (list: readonly string[]) => list.map((one) => Buffer.from(one, "latin1").toString("hex"));
  const fatal = (answer: AnswerFrame[]) =>
    answer.find(({ type, error }) => type === FRAME.goAway && FATAL.has(error))?.error;

  test("whatever comes, the door answers, and agrees on what can't be read", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(frames, { minLength: 1, maxLength: 8 }), async (list) => {
        const text = BEGIN + SETTINGS_ACK + list.join("");
        const [ours, theirs] = await Promise.all([answerTo(text), answerOfNode(Buffer.from(text, "latin1"))]);
        const end = ours.find(({ type }) => type === FRAME.goAway || type === FRAME.ping);
        expect(end?.error).not.toBe(ERROR.internal);
        // Where one of the two has ended the connection for another reason before, it can't say.
        const ended =
          ours.some(({ type }) => type === FRAME.goAway) && theirs.some(({ type }) => type === FRAME.goAway);
        if (!ended) expect([fatal(ours), read(list)]).toEqual([fatal(theirs), read(list)]);
        // What nghttp2 refuses is refused, if only as an error of its stream.
        const refused = (answer: AnswerFrame[]) => answer.some(({ error }) => error !== ERROR.none);
        // A request that the door has answered is over; to the other side its stream may still go on.
        const answered = ours.some(({ type }) => type === FRAME.headers);
        if (refused(theirs) && !answered)
          expect([refused(ours), read(list), theirs]).toEqual([true, read(list), theirs]);
      }),
      { numRuns: 600 },
    );
  });

  test("however it is cut into reads, the answer is the same", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(frames, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 30 }),
        async (list, size) => {
          const text = BEGIN + SETTINGS_ACK + list.join("");
          const whole = await answerTo(text);
          const { mine, client, frames: cut, over } = await connection();
          const bytes = Buffer.from(text + PING, "latin1");
          for (let at = 0; at < bytes.length && mine.phase !== "closing"; at += size) {
            const piece = Buffer.from(bytes.subarray(at, at + size));
            readHttp2(mine, piece, piece.length);
          }
          await expect.poll(() => over() || cut().length >= whole.length, { interval: 1 }).toBe(true);
          client.destroy();
          expect(cut().map(({ type, error }) => [type, error])).toEqual(whole.map(({ type, error }) => [type, error]));
        },
      ),
      { numRuns: 200 },
    );
  });
});
