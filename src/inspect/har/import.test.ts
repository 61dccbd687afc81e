import { expect, test } from "vitest";
import { watchTurns } from "../../../test/support/longest-turn.ts";
import type { HttpExchange } from "../../capture/exchange.ts";
import { idOf, seqOf } from "../../capture/ids.ts";
import { createRecorder } from "../../capture/recorder.ts";
import { orThrow } from "../../fault/fault.ts";
import { importHar, importHarText } from "./import.ts";

const entry = (url: string, more: object = {}) => ({
  startedDateTime: "2024-05-01T10:00:00.123Z",
  time: 12.3,
  request: { method: "GET", url, headers: [{ name: "Accept", value: "*/*" }] },
  response: { status: 200, statusText: "OK", headers: [], content: { size: 2, mimeType: "text/plain", text: "ok" } },
  ...more,
});
const archive = (entries: readonly unknown[]) => JSON.stringify({ log: { version: "1.2", entries } });
const deep = (depth: number) => `${"[".repeat(depth)}1${"]".repeat(depth)}`;

function* chunksOf(text: string, size = 64 * 1024): Generator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test("an entry that can't be taken is left out and told, never the whole file", async () => {
  const bad = { ...entry("http://a/"), request: { method: "GET", url: "/x" } };
  const text = archive([entry("http://a/1"), bad, 7, entry("http://a/2"), null, entry("http://a/3", { time: "long" })]);
  const expected = {
    imported: 2,
    skipped: 4,
    reasons: [
      "log.entries[1].request.url: must be a whole URL such as http://host/path",
      expect.stringMatching(/^log\.entries\[2\]: /),
      expect.stringMatching(/^log\.entries\[4\]: /),
      expect.stringMatching(/^log\.entries\[5\]\.time: /),
    ],
  };
  const inThread = createRecorder();
  expect(await importHar(chunksOf(`\ufeff${text}`, 7), "x.har", inThread)).toEqual(expected);
  const here = createRecorder();
  expect(importHarText(text, "x.har", here)).toEqual(expected);
  for (const { ring } of [inThread, here]) {
    const targets = [1, 2].map((seq) => (ring.get(seq) as HttpExchange).target);
    expect(targets).toEqual(["/1", "/2"]);
    expect(ring.newest()).toBe(2);
  }
});

test("bodies and messages cross from the thread byte by byte, and times are exact", async () => {
  const body = Buffer.from(Array.from({ length: 512 }, (_, n) => n & 0xff));
  const recorder = createRecorder();
  const text = archive([
    entry("ws://a/ws", {
      response: {
        status: 101,
        headers: [],
        content: { size: body.length, text: body.toString("base64"), encoding: "base64" },
      },
      _webSocketMessages: [{ type: "send", time: 1714557600.124, opcode: 2, data: body.toString("base64") }],
    }),
  ]);
  orThrow(await importHar(chunksOf(text), "x.har", recorder));
  const exchange = recorder.ring.get(1) as HttpExchange;
  expect(Buffer.concat(exchange.responseBody?.kept ?? [])).toEqual(body);
  expect(exchange.messages?.kept[0]).toMatchObject({ way: "up", data: body, at: 1 });
  expect(exchange).toMatchObject({ at: Date.parse("2024-05-01T10:00:00.123Z"), ended: 12.3 });
});

test.each([
  ["a field that nobody reads", (nest: string) => `"_more":${nest},`, 2],
  ["a header's value", (nest: string) => `"response":{"status":200,"headers":[{"name":"a","value":${nest}}]},`, 1],
  ["a message", (nest: string) => `"_webSocketMessages":[{"type":"send","time":1,"opcode":1,"data":${nest}}],`, 1],
  ["a comment", (nest: string) => `"comment":${nest},`, 1],
])("an archive nested 100,000 deep in %s takes no stack", async (_, field, imported) => {
  const text = archive([entry("http://a/"), { cut: 1 }]).replace(
    '{"cut":1}',
    `{${field(deep(100_000))}"startedDateTime":"2024-01-01T00:00:00Z","request":{"method":"GET","url":"http://b/"}}`,
  );
  expect(await importHar(chunksOf(text), "x.har", createRecorder())).toMatchObject({ imported, skipped: 2 - imported });
});

test("what is said to be before 1970 counts as its beginning, and can be found by its id", async () => {
  const recorder = createRecorder();
  const text = archive([entry("http://a/", { startedDateTime: "1969-07-20T20:17:40Z" })]);
  expect(await importHar(chunksOf(text), "x.har", recorder)).toMatchObject({ imported: 1 });
  const exchange = recorder.ring.get(1) as HttpExchange;
  expect(exchange.at).toBe(0);
  expect(idOf({ at: -14_182_940_000, seq: 1 })).toMatch(/^0{10}[0-9A-Z]{16}$/);
  expect(seqOf(idOf(exchange))).toBe(1);
});

test.each([
  ["not json", /x\.har is not JSON/],
  ["", /x\.har is not JSON/],
  ["[]", /no HTTP archive: the whole: /],
  ['{"log":{"entries":{}}}', /no HTTP archive: log\.entries: must be a list/],
  [archive([entry("nowhere"), entry("ftp://x/")]), /log\.entries\[0\]\.request\.url/],
])("%.40s is refused with the reason", async (text, message) => {
  const recorder = createRecorder();
  const read = await importHar(chunksOf(text), "x.har", recorder);
  expect(read).toMatchObject({ fault: "HAR_INVALID", message: expect.stringMatching(message) });
  expect(recorder.ring.newest()).toBe(0);
});

test("no more entries are taken than are asked for, and the rest is told", () => {
  const text = archive(Array.from({ length: 10 }, (_, n) => entry(`http://a/${n}`)));
  expect(importHarText(text, "x.har", createRecorder(), 4)).toEqual({
    imported: 4,
    skipped: 6,
    reasons: ["log.entries[4]: only 4 entries are taken"],
  });
});

test("an archive beyond 256 MiB is refused before it is read", async () => {
  const piece = Buffer.alloc(32 * 1024 * 1024, " ");
  const read = await importHar(Array<Uint8Array>(9).fill(piece), "x.har", createRecorder());
  expect(read).toMatchObject({ fault: "HAR_INVALID", message: "x.har has more than 256 MiB" });
});

test("while 50 MB are imported the event loop goes on", { timeout: 120_000 }, async () => {
  const text = "x".repeat(2_000);
  const one = entry("http://a/", { response: { status: 200, headers: [], content: { size: text.length, text } } });
  const large = Buffer.from(archive(Array.from({ length: 23_000 }, () => one)));
  expect(large.length).toBeGreaterThan(50_000_000);
  async function* arriving() {
    for (let at = 0; at < large.length; at += 64 * 1024) {
      yield large.subarray(at, at + 64 * 1024);
      if (at % (1024 * 1024) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const turns = watchTurns();
  const read = await importHar(arriving(), "x.har", createRecorder());
  const longest = turns.stop();
  expect(read).toMatchObject({ imported: 23_000, skipped: 0 });
  // In one go it is hundreds of ms. A turn should take some 5; collections of garbage fall into one now and then.
  expect(longest).toBeLessThan(100);
});
