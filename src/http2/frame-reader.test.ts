import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BROKEN, GOES_ON } from "../http1/chunks.ts";
import { type Frame, frameReader, MAX_FRAGMENTS, PARTIAL } from "./frame-reader.ts";
import { ERROR, FLAG, FRAME, frameHead, goAwayFrame, headersFrames, resetFrame, settingsFrame } from "./frames.ts";
import { framesIn } from "./nodes-http2.fixture.ts";
import { readSettings } from "./settings.ts";

const frame = (type: number, flags: number, stream: number, payload = "") =>
  frameHead(payload.length, type, flags, stream) + payload;

/** All frames in these bytes, read in pieces of `piece` bytes as a connection keeps them, and the fault at the end. */
function readAll(
  text: string,
  piece = text.length,
): { frames: (Omit<Frame, "bytes"> & { text: string })[]; fault: number } {
  const reader = frameReader();
  const frames: (Omit<Frame, "bytes"> & { text: string })[] = [];
  let kept = Buffer.alloc(0);
  for (let at = 0; at < text.length; at += piece) {
    kept = Buffer.concat([kept, Buffer.from(text.slice(at, at + piece), "latin1")]);
    let from = 0;
    for (;;) {
      const end = reader.read(kept, from, kept.length);
      if (end === BROKEN) return { frames, fault: reader.fault?.error ?? -1 };
      if (end === GOES_ON) break;
      from = end;
      const { bytes, ...rest } = reader.frame;
      if (rest.type !== PARTIAL) frames.push({ ...rest, text: bytes.toString("latin1", rest.from, rest.to) });
    }
    kept = kept.subarray(from);
  }
  return { frames, fault: ERROR.none };
}

describe("what a frame may not be", () => {
  const { protocol, frameSize, enhanceYourCalm } = ERROR;
  test.each<[string, string, number]>([
    ["over the largest size", frameHead(16_385, FRAME.data, 0, 1), frameSize],
    ["an unknown one over the largest size", frameHead(16_385, 0x77, 0, 1), frameSize],
    ["DATA on stream 0", frame(FRAME.data, 0, 0, "x"), protocol],
    ["HEADERS on stream 0", frame(FRAME.headers, FLAG.endHeaders, 0, "\x82"), protocol],
    ["PRIORITY on stream 0", frame(FRAME.priority, 0, 0, "\0\0\0\x01\0"), protocol],
    ["RST_STREAM on stream 0", resetFrame(0, 0), protocol],
    ["RST_STREAM of three bytes", frame(FRAME.reset, 0, 1, "abc"), frameSize],
    ["SETTINGS on a stream", frame(FRAME.settings, 0, 1), protocol],
    ["SETTINGS of five bytes", frame(FRAME.settings, 0, 0, "12345"), frameSize],
    ["an acknowledgement of SETTINGS that says something", frame(FRAME.settings, FLAG.ack, 0, "123456"), frameSize],
    ["PUSH_PROMISE", frame(FRAME.push, FLAG.endHeaders, 1, "\0\0\0\x02\x82"), protocol],
    ["PING of seven bytes", frame(FRAME.ping, 0, 0, "1234567"), frameSize],
    ["PING on a stream", frame(FRAME.ping, 0, 1, "12345678"), protocol],
    ["GOAWAY on a stream", frame(FRAME.goAway, 0, 1, "12345678"), protocol],
    ["GOAWAY of seven bytes", frame(FRAME.goAway, 0, 0, "1234567"), frameSize],
    ["WINDOW_UPDATE of three bytes", frame(FRAME.window, 0, 1, "abc"), frameSize],
    ["WINDOW_UPDATE by nothing on stream 0", frame(FRAME.window, 0, 0, "\0\0\0\0"), protocol],
    ["CONTINUATION by itself", frame(FRAME.continuation, FLAG.endHeaders, 1, "\x82"), protocol],
    ["padding longer than its payload", frame(FRAME.data, FLAG.padded, 1, "\x05abcd"), protocol],
    ["padded without a length", frame(FRAME.data, FLAG.padded, 1), frameSize],
    ["HEADERS with padding longer than its payload", frame(FRAME.headers, FLAG.padded, 1, "\x09\x82"), protocol],
    ["HEADERS with part of a priority", frame(FRAME.headers, FLAG.priority, 1, "\0\0\0"), frameSize],
    [
      "another frame within a header block",
      frame(FRAME.headers, 0, 1, "\x82") + frame(FRAME.ping, 0, 0, "12345678"),
      protocol,
    ],
    [
      "CONTINUATION of another stream",
      frame(FRAME.headers, 0, 1, "\x82") + frame(FRAME.continuation, FLAG.endHeaders, 3, "\x84"),
      protocol,
    ],
    [
      "a header block of empty frames",
      frame(FRAME.headers, 0, 1) + frame(FRAME.continuation, 0, 1).repeat(MAX_FRAGMENTS + 1),
      enhanceYourCalm,
    ],
    [
      "a header block over 64 KiB",
      frame(FRAME.headers, 0, 1, "x".repeat(16_000)) + frame(FRAME.continuation, 0, 1, "x".repeat(16_000)).repeat(5),
      enhanceYourCalm,
    ],
  ])("%s", (_, text, fault) => {
    expect(readAll(text).fault).toBe(fault);
  });
});

describe("what is wrong with a stream alone", () => {
  test.each<[string, string, number]>([
    ["WINDOW_UPDATE by nothing", frame(FRAME.window, 0, 1, "\0\0\0\0"), ERROR.protocol],
    ["PRIORITY of four bytes", frame(FRAME.priority, 0, 1, "\0\0\0\x03"), ERROR.frameSize],
    ["PRIORITY on itself", frame(FRAME.priority, 0, 3, "\0\0\0\x03\0"), ERROR.protocol],
    ["HEADERS on itself", frame(FRAME.headers, FLAG.priority | FLAG.endHeaders, 3, "\0\0\0\x03\0\x82"), ERROR.protocol],
  ])("%s", (_, text, error) => {
    expect(readAll(text)).toMatchObject({ fault: ERROR.none, frames: [{ error }] });
  });
});

test("padding and priority are taken off, and flow control counts them", () => {
  const padded = "\x03body\0\0\0";
  const { frames } = readAll(
    frame(FRAME.data, FLAG.padded, 1, padded) +
      frame(FRAME.headers, FLAG.padded | FLAG.priority | FLAG.endHeaders, 3, "\x01\0\0\0\0\x10\x82\0"),
  );
  expect(frames).toMatchObject([
    { type: FRAME.data, text: "body", length: 8 },
    { type: FRAME.headers, text: "\x82", stream: 3 },
  ]);
});

test("a header block is one, whatever frames it came in and however they were cut into reads", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3_000 }),
      fc.integer({ min: 1, max: 200 }),
      fc.nat(700),
      (size, piece, max) => {
        const block = "0123456789".repeat(300).slice(0, size);
        const text =
          headersFrames(block, 7, true, 100 + max) + frame(FRAME.data, FLAG.endStream, 7, "x") + resetFrame(9, 8);
        const { frames, fault } = readAll(text, piece);
        expect(fault).toBe(ERROR.none);
        expect(frames.map(({ type, stream, text: content }) => [type, stream, content])).toEqual([
          [FRAME.headers, 7, block],
          [FRAME.data, 7, "x"],
          [FRAME.reset, 9, "\0\0\0\x08"],
        ]);
        expect((frames[0]?.flags ?? 0) & FLAG.endStream).toBe(FLAG.endStream);
      },
    ),
  );
});

test("what is written is what another reader reads", () => {
  expect(
    framesIn(Buffer.from(goAwayFrame(7, ERROR.enhanceYourCalm, "calm") + resetFrame(9, ERROR.cancel), "latin1")),
  ).toEqual([
    { type: FRAME.goAway, stream: 0, error: ERROR.enhanceYourCalm },
    { type: FRAME.reset, stream: 9, error: ERROR.cancel },
  ]);
});

describe("settings", () => {
  const read = (settings: [number, number][]) => {
    const reader = frameReader();
    const bytes = Buffer.from(settingsFrame(settings), "latin1");
    reader.read(bytes, 0, bytes.length);
    const taken: [number, number][] = [];
    const fault = readSettings(reader.frame, (id, value) => {
      taken.push([id, value]);
      return null;
    });
    return { taken, error: fault?.error ?? ERROR.none };
  };

  test("are read in order, unknown ones too", () => {
    const settings: [number, number][] = [
      [3, 100],
      [4, 0x7fff_ffff],
      [0x4a4a, 7],
      [5, 16_777_215],
      [8, 1],
    ];
    expect(read(settings)).toEqual({ taken: settings, error: ERROR.none });
  });

  test.each<[string, [number, number], number]>([
    ["ENABLE_PUSH of 2", [2, 2], ERROR.protocol],
    ["INITIAL_WINDOW_SIZE over 2^31-1", [4, 0x8000_0000], ERROR.flowControl],
    ["MAX_FRAME_SIZE under 2^14", [5, 16_383], ERROR.protocol],
    ["MAX_FRAME_SIZE over 2^24-1", [5, 16_777_216], ERROR.protocol],
    ["ENABLE_CONNECT_PROTOCOL of 2", [8, 2], ERROR.protocol],
  ])("refused: %s", (_, setting, error) => {
    expect(read([setting]).error).toBe(error);
  });
});
