import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BROKEN, GOES_ON } from "./chunks.ts";
import { clear, inputLength, keepRest, lend, newInput } from "./input.ts";
import { requestReader, responseReader } from "./messages.ts";

/** What a stream of messages says, given in these pieces: heads, bodies, and the fault that ended it. */
function readAll(pieces: readonly Buffer[], side: "request" | "response"): string[] {
  const said: string[] = [];
  const input = newInput();
  const requests = requestReader();
  const responses = responseReader();
  const reader = side === "request" ? requests : responses;
  const context = { method: "GET", upgrade: false, sameSite: false };
  let body = "";
  const buffer = Buffer.alloc(64 * 1024, "\r\n\r\n");
  for (const piece of pieces) {
    // As the door reads: into one buffer, with what was read before beyond the piece's end.
    piece.copy(buffer);
    lend(input, buffer, piece.length);
    while (input.from < input.to) {
      if (!reader.inBody) {
        const { bytes, from, to } = input;
        const end =
          side === "request" ? requests.readHead(bytes, from, to) : responses.readHead(bytes, from, to, context);
        if (end === GOES_ON) break;
        if (end === BROKEN) return [...said, `fault: ${reader.fault?.refused}`];
        said.push(`head: ${reader.head?.text}`);
        input.from = end;
      } else {
        const bytes = input.bytes;
        const end = reader.readBody(bytes, input.from, input.to, (from, to) => {
          body += bytes.toString("latin1", from, to);
        });
        if (end === BROKEN) return [...said, `fault: ${reader.fault?.refused}`];
        input.from = end === GOES_ON ? input.to : end;
      }
      if (!reader.inBody) {
        said.push(`body: ${body}`);
        body = "";
      }
    }
    keepRest(input);
  }
  return [...said, `rest: ${inputLength(input)} ${reader.inBody} ${body}`];
}

function cutAt(text: string, places: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text, "latin1");
  // No read is larger than the door's buffer.
  const at = [...new Set([...places, 60_000, 120_000, 180_000].map((place) => place % (bytes.length + 1)))].sort(
    (a, b) => a - b,
  );
  return [0, ...at].map((from, n) => bytes.subarray(from, at[n] ?? bytes.length)).filter((piece) => piece.length > 0);
}

const REQUESTS = [
  "GET /a HTTP/1.1\r\nHost: a.localhost\r\n\r\n",
  "\r\nGET /b HTTP/1.1\r\nHost: a.localhost\r\nCookie: a=b\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 5\r\n\r\nhello",
  'POST / HTTP/1.1\r\nHost: a.localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;x="a\\"b"\r\nhello\r\n0\r\nX: y\r\n\r\n',
  "GET /c HTTP/1.1\nHost: a.localhost\n\n",
  "GET / HTTP/1.1\r\nHost : a.localhost\r\n\r\n",
  `GET / HTTP/1.1\r\nHost: a.localhost\r\nX: ${"y".repeat(17_000)}\r\n\r\n`,
  `GET /${"y".repeat(17_000)} HTTP/1.1\r\nHost: a.localhost\r\n\r\n`,
  "\x16\x03\x01\x00\xa5",
];
const RESPONSES = [
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  "HTTP/1.1 200 OK\nContent-Length: 5\nA: b\n\nhello",
  "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
  "HTTP/1.1 204 No Content\r\n\r\n",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0005;any thing\nworld\n00\nX: y\n\n",
  "http/1.1  404: Not Found\r\nContent-Length : 0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
  `HTTP/1.1 200 OK\r\nX: ${"y".repeat(50_000)}\r\nContent-Length: 0\r\n\r\n`,
  "SSH-2.0-OpenSSH_9.2\r\n",
  "HTTP/1.1 200 OK\r\n\r\nuntil the end\n\nof it",
];

describe("a stream of messages means the same however it is cut into reads", () => {
  test.each([
    ["request", REQUESTS],
    ["response", RESPONSES],
  ] as const)("%ss", (side, seeds) => {
    const stream = fc.array(fc.constantFrom(...seeds), { minLength: 1, maxLength: 4 });
    const cuts = fc.array(fc.nat(60_000), { maxLength: 12 });
    fc.assert(
      fc.property(stream, cuts, (parts, places) => {
        const text = parts.join("");
        expect(readAll(cutAt(text, places), side)).toEqual(readAll(cutAt(text, [8_000, 16_000, 40_000]), side));
      }),
      { numRuns: 3_000, seed: 62_893 },
    );
  });

  test("byte by byte", () => {
    for (const [side, seeds] of [
      ["request", REQUESTS.slice(0, 6)],
      ["response", RESPONSES.filter((text) => text.length < 1_000)],
    ] as const) {
      for (const text of seeds) {
        const bytes = Array.from(Buffer.from(text, "latin1"), (byte) => Buffer.from([byte]));
        expect(readAll(bytes, side)).toEqual(readAll(cutAt(text, []), side));
      }
    }
  });
});

test("bytes that wait are copied once, and the buffer for them is given back", () => {
  const input = newInput();
  for (let n = 0; n < 1_000; n++) {
    lend(input, Buffer.from("0123456789"), 10);
    keepRest(input);
  }
  expect(input.bytes.toString("latin1", input.from, input.to)).toBe("0123456789".repeat(1_000));
  input.from = input.to;
  keepRest(input);
  expect([inputLength(input), input.own.length]).toEqual([0, 0]);
  lend(input, Buffer.from("abc"), 3);
  input.from = 1;
  keepRest(input);
  expect(input.bytes.toString("latin1", input.from, input.to)).toBe("bc");
  clear(input);
});
