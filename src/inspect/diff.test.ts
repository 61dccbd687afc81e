import { expect, test } from "vitest";
import { type SaidHttp, scene } from "../capture/exchange.fixture.ts";
import type { Exchange } from "../capture/exchange.ts";
import { detailOf } from "./detail.ts";
import { diffOf } from "./diff.ts";
import { summaryOf } from "./summary.ts";
import { titleOf } from "./title.ts";

const detail = (exchange: Exchange) => detailOf(exchange, summaryOf(exchange, titleOf(exchange), []));

async function diff(before: SaidHttp, after: SaidHttp) {
  const said = scene();
  return diffOf(await detail(said.http(before)), await detail(said.http(after)));
}

const JSON_TYPE = ["Content-Type: application/json"];

test("an exchange is the same as itself", async () => {
  const said = { responseHeaders: JSON_TYPE, responseBody: '{"a":1}' };
  expect(await diff(said, said)).toEqual({
    ...{ request: null, status: null, requestHeaders: [], responseHeaders: [] },
    requestBody: { same: true, lines: [], problem: null },
    responseBody: { same: true, lines: [], problem: null },
    timing: { firstByte: { before: 2.5, after: 2.5 }, ended: expect.anything() },
  });
});

test("status, headers and lines that differ are named", async () => {
  const found = await diff(
    { headers: ["X-A: 1", "X-B: 1"], responseHeaders: JSON_TYPE, responseBody: '{"b":[1,2],"a":1}', ms: 4 },
    {
      ...{ target: "/other", headers: ["x-a: 2", "X-C: 1", "X-C: 2"], status: 404, ms: 8 },
      ...{ responseHeaders: JSON_TYPE, responseBody: '{ "a": 1, "b": [1, 3] }' },
    },
  );
  expect(found.request).toEqual({
    before: "GET http://api.shop.localhost/",
    after: "GET http://api.shop.localhost/other",
  });
  expect(found.status).toEqual({ before: "200 Said", after: "404 Said" });
  expect(found.requestHeaders).toEqual([
    { name: "x-a", before: "1", after: "2" },
    { name: "X-B", before: "1", after: null },
    { name: "X-C", before: null, after: "1\n2" },
  ]);
  expect(found.responseBody).toEqual({
    ...{ same: false, problem: null },
    lines: [
      ...["{", '  "a": 1,', '  "b": [', "    1,"].map((text) => ({ sign: "same", text })),
      { sign: "removed", text: "    2" },
      { sign: "added", text: "    3" },
      ...["  ]", "}"].map((text) => ({ sign: "same", text })),
    ],
  });
});

test("bytes are the same or not; what differs too much is not compared by line", async () => {
  const bytes = (...some: number[]) => ({ responseBody: Buffer.from(some) });
  expect((await diff(bytes(0, 1), bytes(0, 1))).responseBody).toMatchObject({ same: true, problem: null });
  expect((await diff(bytes(0, 1), bytes(0, 2))).responseBody).toMatchObject({
    same: false,
    problem: expect.any(String),
  });
  const lines = (from: number) => ({ responseBody: Array.from({ length: 4_000 }, (_, n) => `${from + n}`).join("\n") });
  const found = (await diff(lines(0), lines(10_000))).responseBody;
  expect(found).toMatchObject({ same: false, lines: [], problem: expect.stringMatching(/too much/) });
});

test("queries are compared by text, parameters and rows", async () => {
  const said = scene();
  const query = (id: string, name: string) =>
    said.postgres("SELECT name FROM users WHERE id = $1", { params: [id], columns: ["name"], rows: [[name]] });
  const found = diffOf(await detail(query("1", "Ann")), await detail(query("2", "Bo")));
  expect(found.request?.after).toContain("$1 = 2");
  expect(found.responseBody.lines).toEqual([
    { sign: "same", text: "name" },
    { sign: "removed", text: "Ann" },
    { sign: "added", text: "Bo" },
  ]);
});
