import { describe, expect, test } from "vitest";
import { isHeadFault } from "./fields.ts";
import { parseResponseHead } from "./response-head.ts";

const GET = { method: "GET", upgrade: false, sameSite: false };

function read(head: string, context = GET) {
  return parseResponseHead(head.endsWith("\n\n") || head.endsWith("\n\r\n") ? head : `${head}\r\n\r\n`, context);
}

const OK = "HTTP/1.1 200 OK\r\n";

describe("responses as services really send them", () => {
  test.each<[name: string, head: string, meaning: object]>([
    ["lines that end in LF", "HTTP/1.1 200 OK\nContent-Length: 2\nA: b\n\n", { framing: "sized", length: 2 }],
    ["LF and CRLF mixed", "HTTP/1.1 200 OK\nContent-Length: 2\r\nA: b\n\r\n", { framing: "sized", length: 2 }],
    ["a colon after the status", "HTTP/1.1 404: Not Found", { status: 404, statusText: "404 Not Found" }],
    ["no reason phrase", "HTTP/1.1 204", { status: 204, framing: "none" }],
    ["a blank and no reason phrase", "HTTP/1.1 200 ", { status: 200 }],
    ["two spaces in the status line", "HTTP/1.1  200  OK", { status: 200, statusText: "200 OK" }],
    ["a tab in the status line", "HTTP/1.1\t200\tOK", { status: 200, statusText: "200 OK" }],
    ["a version in lower case", "http/1.1 200 OK", { status: 200, minor: 1 }],
    ["a minor version to come", "HTTP/1.2 200 OK", { status: 200, minor: 1 }],
    ["a stream of music", "ICY 200 OK", { status: 200, minor: 0, framing: "close" }],
    ["8-bit bytes in the reason phrase", "HTTP/1.1 200 \xc3\xa9t\xe9", { statusText: "200 \xc3\xa9t\xe9" }],
    ["a status that nobody registered", "HTTP/1.1 999 Denied", { status: 999 }],
    ["the same length twice in one line", `${OK}Content-Length: 2, 2`, { length: 2 }],
    ["the same length in two lines", `${OK}Content-Length: 2\r\nContent-Length: 2`, { length: 2 }],
    ["a length with leading zeros", `${OK}Content-Length: 002`, { length: 2, fields: "Content-Length: 2\r\n" }],
    [
      "a blank before the colon",
      `${OK}Content-Length : 2\r\nX-A\t: b`,
      { length: 2, fields: "X-A: b\r\nContent-Length: 2\r\n" },
    ],
    ["control characters in a value", `${OK}X: a\x01b\x7f\x0bc`, { fields: "X: a\x01b\x7f\x0bc\r\n" }],
    ["a line without a colon", `${OK}nonsense\r\nContent-Length: 2`, { length: 2, fields: "Content-Length: 2\r\n" }],
    ["a line without a name", `${OK}: value\r\nA: b`, { fields: "A: b\r\n" }],
    ["a name with a blank in it", `${OK}My Field: x\r\nA: b`, { fields: "A: b\r\n" }],
    ["a folded field", `${OK}X: a\r\n  b\r\n\tc\r\nA: b`, { fields: "X: a b c\r\nA: b\r\n" }],
    ["a blank line's worth of blanks first", `${OK} lost\r\nA: b`, { fields: "A: b\r\n" }],
    ["Chunked in capitals", `${OK}Transfer-Encoding: CHUNKED`, { framing: "chunked" }],
    [
      "identity, an obsolete coding",
      `${OK}Transfer-Encoding: identity\r\nContent-Length: 2`,
      { length: 2, coding: "" },
    ],
    [
      "gzip before chunked",
      `${OK}Transfer-Encoding: gzip, chunked`,
      { framing: "chunked", coding: "Transfer-Encoding: gzip, chunked\r\n" },
    ],
    ["a coding that the close ends", `${OK}Transfer-Encoding: gzip`, { framing: "close" }],
    ["a no-break space around a value", `${OK}X:\xa0a\xa0`, { fields: "X:\xa0a\xa0\r\n" }],
    ["many fields", `${OK}${"X: y\r\n".repeat(500)}A: b`, { status: 200 }],
  ])("%s", (_, head, meaning) => {
    expect(read(head)).toMatchObject(meaning);
  });

  test("no Content-Length goes on with a 1xx or a 204, but with a 304 and an answer to HEAD", () => {
    expect(read("HTTP/1.1 204 No Content\r\nContent-Length: 5")).toMatchObject({ framing: "none", fields: "" });
    expect(read("HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\nLink: </a>")).toMatchObject({
      fields: "Link: </a>\r\n",
    });
    expect(read("HTTP/1.1 304 Not Modified\r\nContent-Length: 5")).toMatchObject({ fields: "Content-Length: 5\r\n" });
    const head = read(`${OK}Content-Length: 5`, { method: "HEAD", upgrade: false, sameSite: false });
    expect(head).toMatchObject({ framing: "none", length: 0, fields: "Content-Length: 5\r\n" });
  });
});

describe("responses that stay refused", () => {
  test.each<[name: string, head: string, why: RegExp]>([
    ["two lengths", `${OK}Content-Length: 2\r\nContent-Length: 3`, /two different/],
    ["two lengths in one line", `${OK}Content-Length: 2, 3`, /two different/],
    ["a length and chunks", `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked`, /both/],
    ["chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked", /HTTP\/1\.0/],
    ["chunked twice", `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked`, /doesn't know/],
    ["chunked before something else", `${OK}Transfer-Encoding: chunked, gzip`, /doesn't know/],
    ["a coding with something around it", `${OK}Transfer-Encoding: xchunked`, /doesn't know/],
    ["a vertical tab before chunked", `${OK}Transfer-Encoding: \x0bchunked`, /doesn't know/],
    ["an empty coding", `${OK}Transfer-Encoding:`, /doesn't know/],
    ["a length with a sign", `${OK}Content-Length: +2`, /no number/],
    ["a negative length", `${OK}Content-Length: -2`, /no number/],
    ["a length with more behind it", `${OK}Content-Length: 2abc`, /no number/],
    ["an empty length", `${OK}Content-Length:`, /no number/],
    ["a length beyond all numbers", `${OK}Content-Length: 99999999999999999999`, /no number/],
    ["a folded length", `${OK}Content-Length:\r\n 2`, /folded/],
    ["a folded coding", `${OK}Transfer-Encoding: \r\n chunked`, /folded/],
    ["a length under a name with a blank", `${OK}Content Length: 2`, /contentlength/],
    ["a coding under a name with a control", `${OK}Transfer-Encoding\x0b: chunked`, /transferencoding/],
    ["a NUL", `${OK}X: a\0b`, /NUL/],
    ["a carriage return in a value", `${OK}X: a\rY: b`, /carriage return/],
    ["a carriage return before the line's end", `${OK}X: a\r\r\nA: b`, /carriage return/],
    ["HTTP/2", "HTTP/2 200", /status line/],
    ["a 101 that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x", /nobody asked/],
    ["HTTP/2.0", "HTTP/2.0 200 OK", /HTTP\/2/],
    ["no HTTP at all", "hello", /status line/],
    ["a status of four digits", "HTTP/1.1 2000 OK", /status line/],
    ["a status of two digits", "HTTP/1.1 99 OK", /status line/],
  ])("%s", (_, head, why) => {
    const fault = read(head);
    expect(isHeadFault(fault) && fault).toMatchObject({ refused: 502, reason: expect.stringMatching(why) });
  });
});

test("a response that forbids nothing is kept from other sites' pages where that is asked for", () => {
  const context = { method: "GET", upgrade: false, sameSite: true };
  expect(read(`${OK}A: b`, context)).toMatchObject({ fields: "A: b\r\nCross-Origin-Resource-Policy: same-site\r\n" });
  const own = "Cross-Origin-Resource-Policy: cross-origin\r\n";
  expect(read(OK + own.trimEnd(), context)).toMatchObject({ fields: own });
});
