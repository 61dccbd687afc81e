import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BROKEN } from "./chunks.ts";
import { type RequestReader, requestReader } from "./messages.ts";
import { parseRequestHead } from "./request-head.ts";

const method = fc.constantFrom("GET", "HEAD", "POST", "OPTIONS", "CONNECT", "get", "G T");
const target = fc.constantFrom(
  "/",
  "/a?b=1",
  "*",
  "/a#b",
  "http://other.test/x",
  "https://other.test",
  "//x",
  "a",
  "/\u0080",
);
const version = fc.constantFrom("1.1", "1.1", "1.1", "1.0", "2.0");
const field = fc.constantFrom(
  "Host: web.shop.localhost:62893",
  "Host: api.localhost",
  "Content-Length: 3",
  "Transfer-Encoding: chunked",
  "Connection: close",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Expect: 100-continue",
  "X-Forwarded-For: 1.2.3.4",
  "Cookie: a=b",
  "Bad : space",
  "Via: 1.1 elsewhere",
);
const fields = fc.array(field, { maxLength: 4 });
const text = (m: string, t: string, v: string, lines: string[]) =>
  `${m} ${t} HTTP/${v}\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;

function read(reader: RequestReader, head: string) {
  const bytes = Buffer.from(head, "latin1");
  const end = reader.readHead(bytes, 0, bytes.length);
  reader.inBody = false;
  return end === BROKEN ? reader.fault : reader.head;
}

describe("a request's head after another one", () => {
  test("means what it means on its own, whatever came before", () => {
    fc.assert(
      fc.property(method, target, version, fields, method, target, version, fields, fc.boolean(), (...parts) => {
        const [m1, t1, v1, f1, m2, t2, v2, f2, same] = parts;
        const reader = requestReader();
        read(reader, text(m1, t1, v1, f1));
        const second = text(m2, t2, v2, same ? f1 : f2);
        expect(read(reader, second)).toEqual(parseRequestHead(second));
      }),
      { numRuns: 20_000, seed: 62_893 },
    );
  });

  test("keeps the fields and takes the new line", () => {
    const reader = requestReader();
    read(reader, text("GET", "/1", "1.1", ["Host: a.localhost", "Cookie: x=1"]));
    expect(read(reader, text("PUT", "/2", "1.1", ["Host: a.localhost", "Cookie: x=1"]))).toMatchObject({
      method: "PUT",
      target: "/2",
      host: "a.localhost",
      fields: "Cookie: x=1\r\n",
    });
  });
});
