import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { Ajv, type AnySchema } from "ajv";
import draft6 from "ajv/dist/refs/json-schema-draft-06.json" with { type: "json" };
import fc from "fast-check";
import type { Har } from "har-format";
import { expect, test } from "vitest";
import { keptBytes } from "../../capture/body.ts";
import { edgeFixture, scene } from "../../capture/exchange.fixture.ts";
import type { HttpExchange } from "../../capture/exchange.ts";
import { createRecorder } from "../../capture/recorder.ts";
import { isFault } from "../../fault/fault.ts";
import { harText } from "./export.ts";
import { importHarText } from "./import.ts";
import { timesOf, timingsOf } from "./timings.ts";

const require = createRequire(import.meta.url);
/** The published schema of HAR 1.2; its package has no types. */
const schemas = require("har-schema") as Record<string, AnySchema>;
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
ajv.addMetaSchema(draft6);
for (const schema of Object.values(schemas)) ajv.addSchema(schema);

async function exported(exchanges: Iterable<HttpExchange>, reveal = false): Promise<{ text: string; har: Har }> {
  let text = "";
  for await (const piece of harText(exchanges, { version: "1.0.0", reveal })) text += piece;
  const har = JSON.parse(text) as Har;
  const validate = ajv.getSchema("har.json#");
  if (validate === undefined) throw new Error("no schema");
  expect(validate(har) ? [] : validate.errors).toEqual([]);
  return { text, har };
}

function conversation() {
  const said = scene(edgeFixture("web", "api", ["x-internal-*"]));
  const order = said.http({
    ...{ method: "POST", target: "/orders?token=hunter2&page=2", ms: 40 },
    headers: [
      "Cookie: a=hunter2; b=x",
      "Content-Type: application/json",
      "X-Internal-Id: hunter2",
      "Sec-Fetch-Dest: empty",
    ],
    body: '{"name":"Müller","password":"hunter2"}',
    responseHeaders: ["Content-Type: application/json", "Set-Cookie: sid=hunter2; Path=/", "Content-Encoding: gzip"],
    responseBody: gzipSync('{"id":1,"token":"hunter2"}'),
  });
  const form = said.http({
    ...{ method: "POST", body: "q=a+b&password=hunter2", status: 302 },
    headers: ["Content-Type: application/x-www-form-urlencoded"],
    responseHeaders: ["Location: http://x/?code=hunter2"],
  });
  const image = said.http({
    responseHeaders: ["Content-Type: image/png"],
    responseBody: Buffer.from("89504e470d0a1a0a00ff", "hex"),
  });
  const upload = said.http({
    ...{ method: "PUT", body: Buffer.from("00ff10", "hex"), status: 204 },
    headers: ["Content-Type: application/octet-stream"],
  });
  const open = said.http({ target: "/slow", ms: null });
  open.responseHead = null;
  open.status = null;
  const socket = said.http({ target: "/ws", status: 101, headers: ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="] });
  const message = (way: "up" | "down", kind: "text" | "binary" | "ping", data: Buffer) => ({
    ...{ way, kind, data, at: 3, size: data.length },
  });
  socket.messages = {
    total: 3,
    kept: [
      message("up", "text", Buffer.from('{"token":"hunter2"}')),
      message("down", "binary", Buffer.from([0, 1, 2])),
      message("up", "ping", Buffer.alloc(0)),
    ],
  };
  const down = said.http({ target: "/down" });
  down.responseHead = null;
  down.status = null;
  down.responseBody = null;
  down.error = { code: "ECONNREFUSED", message: "nothing listens at the service's address" };
  return { order, form, image, upload, open, socket, down };
}

test("an archive is valid by the published schema, and holds no credential", async () => {
  const all = conversation();
  const { text, har } = await exported(Object.values(all));
  expect(text).not.toContain("hunter2");
  const [order, form, image, upload, open, socket, down] = har.log.entries;
  expect(har.log.creator).toEqual({ name: "Cove", version: "1.0.0" });
  expect(order?.request).toMatchObject({
    ...{ method: "POST", url: "http://api.shop.localhost/orders?token=••••&page=2", httpVersion: "HTTP/1.1" },
    cookies: [
      { name: "a", value: "••••" },
      { name: "b", value: "••••" },
    ],
    queryString: [
      { name: "token", value: "••••" },
      { name: "page", value: "2" },
    ],
    postData: { mimeType: "application/json", text: '{"name":"Müller","password":"••••"}' },
  });
  expect(order?.response.content).toMatchObject({ mimeType: "application/json", text: '{"id":1,"token":"••••"}' });
  expect(order?._resourceType).toBe("fetch");
  expect(order).toMatchObject({ _traceId: expect.stringMatching(/^[0-9a-f]{32}$/), _edge: "web→api", time: 40 });
  expect(order).toMatchObject({ _link: "none" });
  expect(form?.request.postData?.params).toEqual([
    { name: "q", value: "a b" },
    { name: "password", value: "••••" },
  ]);
  expect(form?.response.redirectURL).toBe("http://x/?code=••••");
  expect(image?.response.content).toMatchObject({ encoding: "base64", text: "iVBORw0KGgoA/w==", size: 10 });
  expect(image?._resourceType).toBe("image");
  expect(upload?.request.postData).toMatchObject({ text: "AP8Q", _encoding: "base64" });
  expect(open?.response).toMatchObject({ status: 0, _error: null });
  expect(socket?._resourceType).toBe("websocket");
  expect(socket).toMatchObject({
    _webSocketMessages: [
      { type: "send", opcode: 1, data: '{"token":"••••"}' },
      { type: "receive", opcode: 2, data: "AAEC" },
    ],
  });
  expect(down).toMatchObject({
    comment: expect.stringContaining("nothing listens"),
    response: { status: 0, _error: "ECONNREFUSED" },
  });
});

test("phases add up to the whole time, and come back", () => {
  const ms = fc.option(fc.double({ min: 0, max: 1e5, noNaN: true }));
  fc.assert(
    fc.property(ms, ms, ms, ms, (queued, connected, firstByte, ended) => {
      const { time, timings } = timingsOf({ queued, connected, firstByte, ended });
      const parts = Object.values(timings).map((part) => Number(part));
      for (const part of parts) expect(part === -1 || part >= 0).toBe(true);
      const sum = parts.reduce((all, part) => all + Math.max(0, part), 0);
      expect(Math.abs(sum - time)).toBeLessThan(1e-6);
      expect(Math.abs((timesOf(time, timings).ended ?? 0) - time)).toBeLessThan(1e-6);
    }),
  );
});

test("what was exported with credentials comes in as it was", async () => {
  const all = conversation();
  const { text } = await exported(Object.values(all), true);
  const recorder = createRecorder();
  expect(importHarText(text, "shop.har", recorder)).toEqual({ imported: 7, skipped: 0, reasons: [] });
  const imported = Array.from({ length: 7 }, (_, n) => recorder.ring.get(n + 1) as HttpExchange);
  for (const [n, before] of Object.values(all).entries()) {
    const after = imported[n] as HttpExchange;
    expect(after.edge).toMatchObject({ id: "har→api.shop.localhost", stack: "har" });
    expect(after).toMatchObject({ method: before.method, target: before.target, status: before.status });
    expect(Math.abs(after.at - before.at)).toBeLessThan(1);
    expect(keptBytes(after.requestBody)).toEqual(keptBytes(before.requestBody));
    expect(after.requestHead).toBe(before.requestHead);
  }
  const [order, , image, , , socket, down] = imported;
  expect(keptBytes(order?.responseBody ?? null).toString()).toBe('{"id":1,"token":"hunter2"}');
  // The archive holds it with its coding undone.
  expect(order?.responseHead).not.toContain("Content-Encoding");
  expect(order?.ended).toBeCloseTo(40, 3);
  expect(keptBytes(image?.responseBody ?? null).toString("hex")).toBe("89504e470d0a1a0a00ff");
  expect(socket?.messages?.kept.map(({ way, kind, data }) => [way, kind, data.toString("hex")])).toEqual([
    ["up", "text", Buffer.from('{"token":"hunter2"}').toString("hex")],
    ["down", "binary", "000102"],
  ]);
  expect(down?.error?.code).toBe("ECONNREFUSED");
  // And out again it is valid still.
  await exported(imported, true);
});

test("archives of other programs are taken", async () => {
  const base = { startedDateTime: "2024-05-01T10:00:00.123+02:00", time: 12.5, cache: {} };
  const timings = { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 0.1, wait: 10, receive: 2.4 };
  const chrome = {
    ...{ ...base, timings, _priority: "High", _initiator: { type: "script" }, connection: "443" },
    request: {
      ...{ method: "GET", url: "https://shop.example/a?b=1#c", httpVersion: "http/2.0" },
      headers: [
        { name: ":authority", value: "shop.example" },
        { name: "accept", value: "*/*" },
      ],
      ...{ queryString: [], cookies: [], headersSize: -1, bodySize: 0 },
    },
    response: {
      ...{ status: 200, statusText: "", httpVersion: "http/2.0", cookies: [], redirectURL: "", headersSize: -1 },
      headers: [
        { name: "set-cookie", value: "a=1\nb=2" },
        { name: "content-encoding", value: "br" },
      ],
      content: { size: 5, mimeType: "text/plain", text: "hello" },
      ...{ bodySize: -1, _transferSize: 120, _error: null },
    },
  };
  const firefox = {
    ...{ ...base, timings: { ...timings, ssl: 0 }, pageref: "page_1", _securityState: "insecure" },
    request: {
      ...{ method: "POST", url: "http://shop.example:8080/login", httpVersion: "HTTP/1.1", headers: [] },
      postData: { mimeType: "application/x-www-form-urlencoded", params: [{ name: "user", value: "änn" }], text: "" },
    },
    response: { status: 0, statusText: "", httpVersion: "", headers: [], content: { mimeType: "text/html", size: 0 } },
  };
  const mitmproxy = {
    ...{
      ...base,
      startedDateTime: "2024-05-01T08:00:00.123456+00:00",
      timings: { connect: -1, ssl: -1, send: 1, receive: 2, wait: 3 },
    },
    request: {
      method: "GET",
      url: "http://10.0.0.1/x",
      httpVersion: "HTTP/1.1",
      headers: [{ name: "Host", value: "real.example" }],
    },
    response: {
      ...{ status: 200, statusText: "OK", headers: [] },
      content: { size: 3, compression: 0, mimeType: "image/x", text: "AAEC", encoding: "base64" },
    },
    _webSocketMessages: null,
    serverIPAddress: "10.0.0.1",
  };
  const recorder = createRecorder();
  const text = JSON.stringify({
    log: { version: "1.2", creator: {}, pages: [], entries: [chrome, firefox, mitmproxy] },
  });
  expect(importHarText(`\ufeff${text}`, "other.har", recorder)).toMatchObject({ imported: 3, skipped: 0 });
  const [first, second, third] = [1, 2, 3].map((seq) => recorder.ring.get(seq) as HttpExchange);
  expect(first).toMatchObject({
    target: "/a?b=1",
    host: "shop.example",
    at: Date.parse(base.startedDateTime),
    ended: 12.5,
  });
  expect(first?.requestHead).toBe("GET /a?b=1 HTTP/1.1\r\nHost: shop.example\r\naccept: */*\r\n\r\n");
  expect(first?.responseHead).toBe("HTTP/1.1 200 \r\nset-cookie: a=1\r\nset-cookie: b=2\r\nContent-Length: 5\r\n\r\n");
  expect(keptBytes(second?.requestBody ?? null).toString()).toBe("user=%C3%A4nn");
  expect(second).toMatchObject({ status: null, host: "shop.example:8080", error: { code: "failed" } });
  expect(keptBytes(third?.responseBody ?? null)).toEqual(Buffer.from([0, 1, 2]));
  expect(third?.requestHead).toContain("Host: real.example");
});

test.each([
  ["not json", /x\.har is not JSON/],
  ["[]", /x\.har is no HTTP archive: the whole: /],
  ['{"log":{}}', /no HTTP archive: log\.entries: /],
  [
    '{"log":{"entries":[{"startedDateTime":"2024-01-01T00:00:00Z","request":{"method":"GET","url":"/x"}}]}}',
    /log\.entries\[0\]\.request\.url: must be a whole URL/,
  ],
  [
    '{"log":{"entries":[{"startedDateTime":"soon","request":{"method":"GET","url":"http://a/"}}]}}',
    /startedDateTime: must be a time/,
  ],
])("%s is no archive, and it is said why", (text, message) => {
  const recorder = createRecorder();
  const read = importHarText(text, "x.har", recorder);
  if (!isFault(read)) throw new Error("was taken");
  expect(read).toMatchObject({
    fault: "HAR_INVALID",
    message: expect.stringMatching(message),
    hint: expect.any(String),
  });
  expect(recorder.ring.newest()).toBe(0);
});
