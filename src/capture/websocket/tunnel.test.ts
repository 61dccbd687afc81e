import { deflateRawSync, constants as zlib } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isHeadFault } from "../../http1/fields.ts";
import { parseRequestHead } from "../../http1/request-head.ts";
import { anyCaller, edgeTo } from "../capture.fixture.ts";
import type { CapturePolicy } from "../edge.ts";
import type { HttpExchange, Message } from "../exchange.ts";
import { createRecorder } from "../recorder.ts";
import { readTunnel, type TunnelReader } from "./tunnel.ts";

const ACCEPTED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
const deflated = (parameters = "") =>
  ACCEPTED.replace("\r\n\r\n", `\r\nSec-WebSocket-Extensions: permessage-deflate${parameters}\r\n\r\n`);

interface Reading {
  exchange: HttpExchange;
  reader: TunnelReader;
  /** Once all is inflated. */
  kept: () => Promise<Message[]>;
}

function reading(head = ACCEPTED, policy: Partial<CapturePolicy> = {}, bounds?: { exchanges: number; bytes: number }) {
  const recorder = createRecorder(bounds === undefined ? {} : { bounds });
  const request = parseRequestHead("GET /live HTTP/1.1\r\nHost: web.localhost\r\n\r\n");
  if (isHeadFault(request)) throw new Error("no head");
  const exchange = recorder.http(edgeTo("web", policy), anyCaller(), request, 0);
  if (exchange === null) throw new Error("not captured");
  const reader = readTunnel(recorder, exchange, head);
  const kept = async () => {
    const whole = () => (exchange.messages?.kept ?? []).every(({ data, size }) => data.length > 0 || size === 0);
    for (let n = 0; n < 2_000 && !whole(); n++) await new Promise((resolve) => setTimeout(resolve, 5));
    return exchange.messages?.kept ?? [];
  };
  return { recorder, exchange, reader, kept } satisfies Reading & { recorder: unknown };
}

interface Frame {
  opcode: number;
  payload: Buffer;
  fin?: boolean;
  rsv?: number;
  mask?: number[];
}

function frame({ opcode, payload, fin = true, rsv = 0, mask }: Frame): Buffer {
  const { length } = payload;
  const short = length < 126 ? length : length < 65_536 ? 126 : 127;
  const size = Buffer.alloc(short === 126 ? 2 : short === 127 ? 8 : 0);
  if (short === 126) size.writeUInt16BE(length);
  if (short === 127) size.writeBigUInt64BE(BigInt(length));
  const head = Buffer.from([(fin ? 0x80 : 0) | (rsv << 4) | opcode, (mask ? 0x80 : 0) | short]);
  const body = mask ? Buffer.from(payload.map((byte, n) => byte ^ (mask[n % 4] ?? 0))) : payload;
  return Buffer.concat([head, size, Buffer.from(mask ?? []), body]);
}

const MASK = [0x37, 0xfa, 0x21, 0x3d];
const text = (message: string, more: Partial<Frame> = {}) =>
  frame({ opcode: 1, payload: Buffer.from(message), ...more });
const plain = ({ way, kind, size, data }: Message) => ({ way, kind, size, data: data.toString() });

/** Compresses messages one after the other in one context (RFC 7692 §7.2.1). */
function compressed(messages: readonly string[]): Buffer[] {
  let before = Buffer.alloc(0);
  return messages.map((message) => {
    const options = before.length > 0 ? { dictionary: before } : {};
    const made = deflateRawSync(message, { ...options, finishFlush: zlib.Z_SYNC_FLUSH });
    before = Buffer.concat([before, Buffer.from(message)]);
    return made.subarray(0, -4);
  });
}

describe("a WebSocket's frames", () => {
  test("are messages, whatever their length, fragments and control frames in between", async () => {
    const { exchange, reader, kept } = reading();
    const long = "x".repeat(70_000);
    reader.up(
      Buffer.concat([
        text("Hello", { mask: MASK }),
        text("Hel", { mask: MASK, fin: false }),
        frame({ opcode: 9, payload: Buffer.from("now"), mask: MASK }),
        frame({ opcode: 0, payload: Buffer.from("lo"), mask: [1, 2, 3, 4] }),
        text("", { mask: MASK }),
      ]),
      5,
    );
    reader.down(Buffer.concat([text(long), frame({ opcode: 2, payload: Buffer.from("bin".repeat(60)) })]), 7);
    reader.down(frame({ opcode: 8, payload: Buffer.from([0x03, 0xe8]) }), 9);
    const messages = await kept();
    expect(messages.map(plain)).toEqual([
      { way: "up", kind: "text", size: 5, data: "Hello" },
      { way: "up", kind: "ping", size: 3, data: "now" },
      { way: "up", kind: "text", size: 5, data: "Hello" },
      { way: "up", kind: "text", size: 0, data: "" },
      { way: "down", kind: "text", size: 70_000, data: long },
      { way: "down", kind: "binary", size: 180, data: "bin".repeat(60) },
      { way: "down", kind: "close", size: 2, data: Buffer.from([0x03, 0xe8]).toString() },
    ]);
    expect(messages.map(({ at }) => at)).toEqual([5, 5, 5, 5, 7, 7, 9]);
    expect(exchange.messages?.total).toBe(7);
  });

  test("mean the same however they are cut", () => {
    const up = Buffer.concat([
      text("Hel", { mask: MASK, fin: false }),
      frame({ opcode: 10, payload: Buffer.from("p"), mask: [9, 8, 7, 6] }),
      frame({ opcode: 0, payload: Buffer.from("lo".repeat(100)), mask: [1, 2, 3, 4] }),
      frame({ opcode: 2, payload: Buffer.alloc(66_000, "abc"), mask: MASK }),
    ]);
    const whole = reading();
    whole.reader.up(up, 0);
    const expected = whole.exchange.messages?.kept.map(plain);
    expect(expected).toHaveLength(3);
    fc.assert(
      fc.property(fc.array(fc.nat(up.length), { maxLength: 12 }), (cuts) => {
        const { reader, exchange } = reading();
        const ends = [...cuts, fc.sample(fc.nat(300), 1)[0] ?? 0, up.length].sort((a, b) => a - b);
        let from = 0;
        for (const to of ends) {
          reader.up(up.subarray(from, to), 0);
          from = to;
        }
        expect(exchange.messages?.kept.map(plain)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
    const single = reading();
    for (const byte of up) single.reader.up(Buffer.from([byte]), 0);
    expect(single.exchange.messages?.kept.map(plain)).toEqual(expected);
  });

  test("are kept up to the edge's limit, the last thousand of them", () => {
    const { exchange, reader } = reading(ACCEPTED, { bodies: 10 });
    for (let n = 0; n < 1_500; n++) reader.up(text(`message number ${n}`, { mask: MASK }), n);
    expect(exchange.messages?.total).toBe(1_500);
    expect(exchange.messages?.kept).toHaveLength(1_000);
    expect(exchange.messages?.kept[0]).toMatchObject({ at: 500, size: 18, data: Buffer.from("message nu") });
  });

  test("take no more memory than a few MiB for one exchange, nothing once it has left the ring", () => {
    const { exchange, reader, recorder } = reading();
    const big = frame({ opcode: 2, payload: Buffer.alloc(1 << 20) });
    for (let n = 0; n < 50; n++) reader.down(big, 0);
    expect(exchange.messages?.kept.length).toBeLessThan(9);
    expect(exchange.charged).toBeLessThan(10 << 20);
    recorder.clear();
    reader.down(big, 0);
    expect(exchange.messages).toMatchObject({ kept: [], total: 51 });
  });

  test("that break the rules end the reading, and the other direction goes on", async () => {
    const wrong = [
      text("not masked"),
      text("x", { mask: MASK, rsv: 2 }),
      text("compressed without leave", { mask: MASK, rsv: 4 }),
      frame({ opcode: 3, payload: Buffer.alloc(0), mask: MASK }),
      frame({ opcode: 0, payload: Buffer.alloc(0), mask: MASK }),
      frame({ opcode: 9, payload: Buffer.alloc(126), mask: MASK }),
      frame({ opcode: 9, payload: Buffer.alloc(0), mask: MASK, fin: false }),
      Buffer.concat([text("a", { mask: MASK, fin: false }), text("b", { mask: MASK })]),
      Buffer.from([0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
    ];
    for (const bytes of wrong) {
      const { exchange, reader } = reading();
      reader.up(bytes, 0);
      reader.up(text("after", { mask: MASK }), 0);
      reader.down(text("down"), 0);
      expect(exchange.messages?.kept.map(plain)).toEqual([{ way: "down", kind: "text", size: 4, data: "down" }]);
    }
  });

  test("of other protocols, and with extensions that aren't known, aren't read", () => {
    for (const head of [
      ACCEPTED.replace("websocket", "h2c"),
      deflated().replace("permessage-deflate", "x-webkit-deflate-frame"),
      deflated(", other"),
    ]) {
      const { exchange, reader } = reading(head);
      reader.down(text("down"), 0);
      expect(exchange.messages).toBeNull();
    }
  });

  test("of random bytes never throw", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), fc.boolean(), (chunks, zipped) => {
        const { reader } = reading(zipped ? deflated() : ACCEPTED);
        for (const chunk of chunks) {
          reader.up(Buffer.from(chunk), 0);
          reader.down(Buffer.from(chunk), 0);
        }
        reader.closed(0, null);
      }),
    );
  });
});

describe("permessage-deflate", () => {
  const said = Array.from({ length: 40 }, (_, n) => `{"tick":${n},"price":"${"12.5".repeat(n)}"}`);

  test("is undone with one context for all messages, in order with those that aren't compressed", async () => {
    const { reader, kept } = reading(deflated("; server_max_window_bits=12"));
    for (const payload of compressed(said)) {
      reader.down(frame({ opcode: 1, payload, rsv: 4 }), 0);
      reader.down(text("plain"), 0);
      const half = payload.length >> 1;
      reader.up(frame({ opcode: 2, payload: payload.subarray(0, half), rsv: 4, mask: MASK, fin: false }), 0);
      reader.up(frame({ opcode: 9, payload: Buffer.alloc(1), mask: MASK }), 0);
      reader.up(frame({ opcode: 0, payload: payload.subarray(half), mask: [4, 3, 2, 1] }), 0);
    }
    const messages = await kept();
    const expected = said.flatMap((one) => [
      { kind: "text", data: one },
      { kind: "text", data: "plain" },
      { kind: "ping", data: "\0" },
      { kind: "binary", data: one },
    ]);
    expect(messages.map(plain).map(({ kind, data }) => ({ kind, data }))).toEqual(expected);
  });

  test("is undone message by message without takeover, past one that can't be", async () => {
    const { reader, exchange } = reading(deflated("; server_no_context_takeover; client_no_context_takeover"));
    const one = (message: string) => frame({ opcode: 1, payload: compressed([message])[0] ?? Buffer.alloc(0), rsv: 4 });
    reader.down(one("first"), 0);
    reader.down(frame({ opcode: 1, payload: Buffer.from("no deflate at all"), rsv: 4 }), 0);
    // Whether the broken one has failed by then or not, the next one is read.
    await new Promise((resolve) => setTimeout(resolve, 50));
    reader.down(one("last"), 0);
    await expect
      .poll(() => exchange.messages?.kept.map(plain), { timeout: 10_000 })
      .toEqual([
        { way: "down", kind: "text", size: 5, data: "first" },
        { way: "down", kind: "text", size: 17, data: "" },
        { way: "down", kind: "text", size: 4, data: "last" },
      ]);
  });

  test("swells a message no further than the limit in memory, and counts all of it", async () => {
    const { reader, kept, exchange } = reading(deflated(), { bodies: 1_000 });
    const bomb = deflateRawSync(Buffer.alloc(200 << 20), { finishFlush: zlib.Z_SYNC_FLUSH }).subarray(0, -4);
    let turns = 0;
    const turning = setInterval(() => turns++, 1);
    reader.down(frame({ opcode: 2, payload: bomb, rsv: 4 }), 0);
    for (let n = 0; n < 2_000 && (await kept())[0]?.data.length !== 1_000; n++) await new Promise(setImmediate);
    clearInterval(turning);
    expect(exchange.messages?.kept[0]).toMatchObject({ size: 200 << 20, data: Buffer.alloc(1_000) });
    // The event loop went round meanwhile.
    expect(turns).toBeGreaterThan(5);
  });
});
