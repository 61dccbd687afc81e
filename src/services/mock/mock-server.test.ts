import { once } from "node:events";
import { type IncomingHttpHeaders, request } from "node:http";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { createRecorder } from "../../capture/recorder.ts";
import { type Said, say } from "../../inspect/recording/exchanges.fixture.ts";
import { answersOf } from "./answer.ts";
import { type MockServerOptions, mockServer } from "./mock-server.ts";

interface Got {
  readonly status: number | undefined;
  readonly statusText: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string[];
  readonly body: Buffer;
}

type Ask = (method: string, path: string, headers?: Record<string, string>, body?: string) => Promise<Got>;

async function mocked(said: readonly Said[], options: Partial<MockServerOptions> = {}): Promise<Ask> {
  const recorder = createRecorder();
  const answers = answersOf(said.map((one) => say(recorder, one)));
  const server = mockServer({ answers, source: "recording checkout", more: "record more", ...options });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return async (method, path, headers = {}, body) => {
    const sent = request({ port, host: "127.0.0.1", method, path, headers, agent: false });
    sent.end(body);
    const [response] = await once(sent, "response");
    const chunks: Buffer[] = await response.toArray();
    const { statusCode: status, statusMessage: statusText, rawHeaders: raw } = response;
    return { status, statusText, raw, headers: response.headers, body: Buffer.concat(chunks) };
  };
}

test("status, fields and body are those of the recording; what belonged to its connection is not", async () => {
  const ask = await mocked([
    {
      target: "/orders",
      status: 201,
      response: Buffer.from([0, 255, 10]),
      responseHeaders:
        "Content-Type: application/x-thing\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Odd-CASE: yes\r\n" +
        "Access-Control-Allow-Origin: http://web.shop.localhost:62893\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n" +
        "Connection: close, X-Private\r\nX-Private: 1\r\nKeep-Alive: timeout=5\r\nTransfer-Encoding: chunked\r\n",
    },
  ]);
  const { status, statusText, headers, raw, body } = await ask("GET", "/orders");
  expect([status, statusText]).toEqual([201, "Fine"]);
  expect(body).toEqual(Buffer.from([0, 255, 10]));
  expect(headers).toMatchObject({
    "content-type": "application/x-thing",
    "set-cookie": ["a=1", "b=2"],
    "access-control-allow-origin": "http://web.shop.localhost:62893",
    "content-length": "3",
  });
  expect(headers).not.toHaveProperty("transfer-encoding");
  expect(headers).not.toHaveProperty("x-private");
  expect(headers.date).not.toContain("1970");
  expect(raw).toContain("X-Odd-CASE");
  expect(raw.filter((name) => name.toLowerCase() === "content-length")).toHaveLength(1);
});

test("a compressed body stays so for a client that takes it, and is undone for one that doesn't", async () => {
  const text = "hello ".repeat(100);
  const coded = (target: string, coding: string, response: Buffer): Said => ({
    ...{ target, response, responseHeaders: `Content-Encoding: ${coding}\r\n` },
  });
  const gzip = gzipSync(text);
  const ask = await mocked([coded("/gzip", "gzip", gzip), coded("/br", "br", brotliCompressSync(text))]);
  const taken = await ask("GET", "/gzip", { "accept-encoding": "br, gzip;q=0.5" });
  expect([taken.headers["content-encoding"], taken.body]).toEqual(["gzip", gzip]);
  for (const [path, accepted] of Object.entries({ "/gzip": "gzip;q=0, br", "/br": "" })) {
    const undone = await ask("GET", path, accepted === "" ? {} : { "accept-encoding": accepted });
    expect(undone.headers).not.toHaveProperty("content-encoding");
    expect(undone.headers["content-length"]).toBe(String(text.length));
    expect(undone.body.toString()).toBe(text);
  }
});

test("HEAD and 304 have no body; bodies of requests are compared as they come, in pieces or not", async () => {
  const headers = "Content-Type: application/json\r\n";
  const ask = await mocked([
    { target: "/a", response: "hello" },
    { target: "/same", headers: 'If-None-Match: "1"\r\n', status: 304, response: "" },
    { method: "POST", target: "/a", headers, body: '{"a":1}', response: "posted" },
  ]);
  const head = await ask("HEAD", "/a");
  expect([head.status, head.headers["content-length"], head.body.length]).toEqual([200, "5", 0]);
  expect((await ask("GET", "/same", { "if-none-match": '"1"' })).status).toBe(304);
  const json = { "content-type": "application/json", "transfer-encoding": "chunked" };
  expect((await ask("POST", "/a", json, '{"a": 1}')).body.toString()).toBe("posted");
});

test("a miss is 501 with what came nearest and what to do; each request is a line", async () => {
  const lines: string[] = [];
  const ask = await mocked([{ target: "/orders?page=1" }], { log: (line) => lines.push(line) });
  await ask("GET", "/orders?page=1");
  const { status, headers, body } = await ask("GET", "/orders?page=2");
  expect([status, headers["content-type"]]).toEqual([501, "application/json; charset=utf-8"]);
  expect(JSON.parse(body.toString())).toEqual({
    error: {
      fault: "NOT_RECORDED",
      message: "recording checkout has no answer to GET /orders?page=2: the query: page is 2 here, 1 there",
      hint: "record more",
    },
    nearest: [{ method: "GET", target: "/orders?page=1", status: 200, why: "the query: page is 2 here, 1 there" }],
  });
  expect(lines).toEqual([
    "GET /orders?page=1 200",
    "GET /orders?page=2 501 not recorded: the query: page is 2 here, 1 there",
  ]);
});

test("an answer waits as long as it did when it was recorded, if that was asked for", async () => {
  const exchange = say(createRecorder(), { target: "/slow" });
  const hour = { ...exchange, firstByte: 3_600_000, ended: 3_600_001 };
  const quick = say(createRecorder(), { target: "/quick" });
  const late = await mocked([], { answers: answersOf([hour, { ...quick, firstByte: 0, ended: 1 }]), timing: true });
  const waits = late("GET", "/slow").then(
    () => "answered",
    () => "ended with the server",
  );
  expect((await late("GET", "/quick")).body.toString()).toBe("hello");
  expect(await Promise.race([waits, Promise.resolve("waits")])).toBe("waits");
  const atOnce = await mocked([], { answers: answersOf([hour]) });
  expect((await atOnce("GET", "/slow")).body.toString()).toBe("hello");
});
