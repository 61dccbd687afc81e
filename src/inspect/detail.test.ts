import { expect, test } from "vitest";
import { scene } from "../capture/exchange.fixture.ts";
import type { Exchange } from "../capture/exchange.ts";
import { detailOf } from "./detail.ts";
import { summaryOf } from "./summary.ts";
import { titleOf } from "./title.ts";

const detail = (exchange: Exchange, reveal = false) =>
  detailOf(exchange, summaryOf(exchange, titleOf(exchange), []), { reveal });

test("an HTTP exchange: address, heads in order, bodies, times", async () => {
  const exchange = scene().http({
    ...{ method: "POST", target: "/orders?token=hunter2", status: 201, ms: 8 },
    headers: [
      "X-Two: 1",
      "Content-Type: application/json",
      "x-two: 2",
      `X-Name: ${Buffer.from("Müller").toString("latin1")}`,
    ],
    body: '{"a":1}',
    responseHeaders: ["Content-Type: text/plain"],
    responseBody: "made",
  });
  const { http, timing, redacted, summary, postgres, redis } = await detail(exchange);
  expect({ postgres, redis, redacted }).toEqual({ postgres: null, redis: null, redacted: 1 });
  expect(summary.title).toBe("POST /orders?token=••••");
  expect(timing).toMatchObject({ queued: null, connected: 0.5, firstByte: 4 });
  expect(http).toMatchObject({
    ...{ method: "POST", url: "http://api.shop.localhost/orders?token=••••", target: "/orders?token=••••" },
    ...{ host: "api.shop.localhost", version: "HTTP/1.1", status: 201, statusText: "Said", messages: null },
    requestHeaders: [
      ["Host", "api.shop.localhost"],
      ["X-Two", "1"],
      ["Content-Type", "application/json"],
      ["x-two", "2"],
      ["X-Name", "Müller"],
      ["Content-Length", "7"],
    ],
    request: { form: "json", raw: '{"a":1}', text: '{\n  "a": 1\n}', size: 7, cut: false, whole: true },
    response: { form: "text", text: "made" },
  });
  const shown = await detail(exchange, true);
  expect(shown.redacted).toBe(0);
  expect(shown.summary.title).toBe("POST /orders?token=hunter2");
  expect(shown.http?.url).toContain("hunter2");
});

test("one without a response, and ones of other protocols", async () => {
  const said = scene();
  const open = said.http({ ms: null });
  open.responseHead = null;
  open.status = null;
  expect((await detail(open)).http).toMatchObject({
    status: null,
    statusText: "",
    responseHead: null,
    responseHeaders: null,
    request: null,
  });
  const query = said.postgres("SELECT 1", { columns: ["one"], rows: [["1"], [null]], rowCount: 2, tag: "SELECT 2" });
  expect((await detail(query)).postgres).toMatchObject({
    sql: "SELECT 1",
    rows: [["1"], [null]],
    tag: "SELECT 2",
    database: "shop",
  });
  const command = said.redis("GET", ["page"], '"x"');
  expect((await detail(command)).redis).toEqual({ command: "GET", args: ["page"], reply: '"x"' });
  expect(await detail(said.tcp())).toMatchObject({
    http: null,
    postgres: null,
    redis: null,
    summary: { title: "TLS connection" },
  });
});

test("messages: text, bytes, and what is cut", async () => {
  const exchange = scene().http({ status: 101 });
  const message = (kind: "text" | "binary" | "close", data: Buffer, size = data.length) => ({
    way: "up" as const,
    at: 1,
    kind,
    size,
    data,
  });
  exchange.messages = {
    total: 9,
    kept: [
      message("text", Buffer.from("hi")),
      message("binary", Buffer.from([1, 2]), 10),
      message("text", Buffer.alloc(70_000, "x")),
    ],
  };
  const { http } = await detail(exchange);
  expect(http?.messages?.total).toBe(9);
  const [text, binary, long] = http?.messages?.kept ?? [];
  expect(text).toEqual({ way: "up", at: 1, kind: "text", size: 2, text: "hi", base64: null, cut: false });
  expect(binary).toMatchObject({ text: null, base64: "AQI=", cut: true });
  expect(long).toMatchObject({ size: 70_000, cut: true });
  expect(long?.text).toHaveLength(65_536);
});

test("titles are one line of bounded length", () => {
  const said = scene();
  expect(titleOf(said.postgres("select *\n  from a\n where b = 1"))).toBe("select * from a where b = 1");
  expect(titleOf(said.postgres(""))).toBe("empty query");
  expect(titleOf(said.postgres(`select '${"x".repeat(1_000)}'`))).toHaveLength(300);
  expect(titleOf(said.redis("HSET", ["user:1", "password", "x"]))).toBe("HSET user:1 password ••••");
  expect(titleOf(said.tcp("unknown"))).toBe("connection");
});
