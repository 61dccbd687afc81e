import { expect, test } from "vitest";
import { edgeFixture, scene } from "../../capture/exchange.fixture.ts";
import type { HttpExchange } from "../../capture/exchange.ts";
import { orThrow } from "../../fault/fault.ts";
import { detailOf } from "../detail.ts";
import { matchesFilter, parseFilter } from "../filter/filter.ts";
import { rowOf, rowReader } from "../recording/row.ts";
import { withoutCredentials } from "../recording/without-credentials.ts";
import { summaryOf } from "../summary.ts";
import { redactorOf } from "./redactor.ts";
import { hideInRefusedHead } from "./refused-head.ts";

const hide = (text: string) => hideInRefusedHead({ text, reason: "a reason" }, redactorOf({})).text;

test.each([
  ["a bare LF ends its lines", "HTTP/1.1 200 OK\nSet-Cookie: sid=hush\nX: y\n\n", /Set-Cookie: sid=••••\nX: y/],
  ["a CR ends its lines", "HTTP/1.1 200 OK\rSet-Cookie: sid=hush\r\r", /sid=••••/],
  ["blanks before the colon", "HTTP/1.1 200 OK\r\nAuthorization : Bearer hush\r\n\r\n", /Authorization : Bearer ••••/],
  ["controls in a name", "HTTP/1.1 200 OK\r\nX-\x01Api-Key: hush\r\n\r\n", /Key: ••••/],
  ["its first line is a field", "Set-Cookie: sid=hush\r\n\r\n", /^Set-Cookie: sid=••••/],
  [
    "a value goes on in the next line",
    "HTTP/1.1 200 OK\r\nSet-Cookie: a=hush;\r\n b=hush; c=hush\r\n\r\n",
    /b=••••; c=••••/,
  ],
  ["a NUL between fields", "HTTP/1.1 200 OK\r\nX: y\0Set-Cookie: sid=hush\r\n\r\n", /sid=••••/],
  ["a line without a name", "HTTP/1.1 200 OK\r\npassword=hush\r\n\r\n", /password=••••/],
])("credentials are hidden where %s", (_, text, shown) => {
  expect(hide(text)).toMatch(shown);
  expect(hide(text)).not.toContain("hush");
});

test("text without credentials stays as it was, byte by byte", () => {
  const text = "HTTP/1.1  200 OK\r\n\tX : y\rContent-Length: 1, 2\n\0\r\n";
  expect(hide(text)).toBe(text);
});

test("the recorder keeps the first refused head, 16 KiB of it at the most, and charges it", () => {
  const { recorder, http } = scene();
  const exchange = http({ ms: null });
  const before = recorder.ring.bytes();
  recorder.recordRefusedHead(exchange, "x".repeat(100_000), "a line without a colon");
  recorder.recordRefusedHead(exchange, "again", "another");
  expect(exchange.refusedHead?.text).toBe("x".repeat(16 * 1024));
  expect(exchange.refusedHead?.reason).toBe("a line without a colon");
  expect(recorder.ring.bytes() - before).toBeGreaterThanOrEqual(16 * 1024);
});

test("old exchanges that are over keep it; views, searches and recordings have it without credentials", async () => {
  const { recorder, http } = scene(edgeFixture("web", "api"));
  const { seq } = http({ ms: null });
  const exchange = recorder.ring.get(seq) as HttpExchange;
  recorder.recordRefusedHead(exchange, "HTTP/1.1 200 OK\nSet-Cookie: sid=hush\n\n", "a line ends with LF");
  recorder.end(exchange, exchange.clock + 1);
  for (let n = 0; n < 400; n++) http({});
  const kept = recorder.ring.get(seq) as HttpExchange;
  expect(kept.refusedHead?.reason).toBe("a line ends with LF");
  const { http: detail } = await detailOf(kept, summaryOf(kept, "", []));
  expect(detail?.refusedHead).toEqual({
    text: "HTTP/1.1 200 OK\nSet-Cookie: sid=••••\n\n",
    reason: "a line ends with LF",
  });
  expect(matchesFilter(orThrow(parseFilter("SID=hush")), kept)).toBe(true);
  const row = rowOf(withoutCredentials(kept), 0);
  expect(row.text).not.toContain("hush");
  const read = rowReader()(row.text, Buffer.concat(row.parts)) as HttpExchange;
  expect(read.refusedHead?.reason).toBe("a line ends with LF");
});
