import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Door, openDoor } from "../src/door/door.ts";
import { createRoutes } from "../src/door/upstream/routes.ts";
import { orThrow } from "../src/fault/fault.ts";
import { plainRoute } from "./support/plain-route.ts";

/** What node's own strict parser (llhttp) made of a request that the door let through. */
interface Meaning {
  method: string;
  url: string;
  host: string;
  names: string[];
  body: string;
}

let upstream: Server;
let door: Door;
let seen: Meaning[] = [];

beforeAll(async () => {
  upstream = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("error", () => {});
    request.on("end", () => {
      seen.push({
        method: request.method ?? "",
        url: request.url ?? "",
        host: request.headers.host ?? "",
        names: request.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()),
        body: Buffer.concat(chunks).toString("latin1"),
      });
      response.end("ok");
    });
  });
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  const at = upstream.address();
  const port = typeof at === "object" && at !== null ? at.port : 0;
  const routes = createRoutes();
  routes.set("a.localhost", plainRoute("t/a", { host: "127.0.0.1", port }));
  door = orThrow(await openDoor({ port: 0, routes }));
});

afterAll(async () => {
  await door.close();
  upstream.closeAllConnections();
  upstream.close();
});

/** Sends bytes, then waits for the door to close, or for a second of silence after an answer. Returns the statuses. */
function send(
  raw: string,
  options: { end?: boolean } = {},
): Promise<{ statuses: number[]; closed: boolean; text: string }> {
  return new Promise((resolve) => {
    const socket = connect(door.port, "127.0.0.1");
    let text = "";
    let timer: NodeJS.Timeout | undefined;
    const done = (closed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1])), closed, text });
    };
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => done(false), text === "" ? 3_000 : 150);
    };
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      wait();
    });
    socket.on("error", () => {});
    socket.on("close", () => done(true));
    socket.write(raw, "latin1");
    if (options.end) socket.end();
    wait();
  });
}

const H = "Host: a.localhost\r\n";
const get = (lines: string) => `GET / HTTP/1.1\r\n${lines}\r\n`;
const post = (lines: string, body: string) => `POST / HTTP/1.1\r\n${H}${lines}\r\n${body}`;
const chunked = (body: string) => post("Transfer-Encoding: chunked\r\n", body);

/** Each is refused with this status, the connection is closed, and nothing reaches the service. */
const REFUSED: [name: string, raw: string, status: number][] = [
  // What is no request at all
  ["a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
  ["bytes", "\x00\x01\x02\x03\r\n\r\n", 400],
  ["an HTTP/2 preface behind an empty line", "\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
  ["HTTP/0.9", "GET /\r\n\r\n", 400],
  ["HTTP/1.2", `GET / HTTP/1.2\r\n${H}\r\n`, 505],
  ["HTTP/2.0", `GET / HTTP/2.0\r\n${H}\r\n`, 505],
  ["HTTP/1.10", `GET / HTTP/1.10\r\n${H}\r\n`, 505],
  ["HTTP/01.1", `GET / HTTP/01.1\r\n${H}\r\n`, 505],
  ["http/1.1", `GET / http/1.1\r\n${H}\r\n`, 400],
  ["HTTP/1", `GET / HTTP/1\r\n${H}\r\n`, 505],
  ["HTTP/1.1 with a blank behind", `GET / HTTP/1.1 \r\n${H}\r\n`, 400],
  ["HTTPS/1.1", `GET / HTTPS/1.1\r\n${H}\r\n`, 400],
  ["no method", ` / HTTP/1.1\r\n${H}\r\n`, 400],
  ["two blanks", `GET  / HTTP/1.1\r\n${H}\r\n`, 400],
  ["a tab in the request line", `GET\t/ HTTP/1.1\r\n${H}\r\n`, 400],
  ["a blank before the method", ` GET / HTTP/1.1\r\n${H}\r\n`, 400],
  ["no target", `GET HTTP/1.1\r\n${H}\r\n`, 400],
  ["a blank in the target", `GET /a b HTTP/1.1\r\n${H}\r\n`, 400],
  ["a method that is no token", `GE(T / HTTP/1.1\r\n${H}\r\n`, 400],
  ["a method with a colon", `GET: / HTTP/1.1\r\n${H}\r\n`, 400],
  ["a target with a NUL", `GET /\0 HTTP/1.1\r\n${H}\r\n`, 400],
  ["a target with DEL", `GET /\x7f HTTP/1.1\r\n${H}\r\n`, 400],
  ["a target with raw UTF-8", `GET /\xc3\xa9 HTTP/1.1\r\n${H}\r\n`, 400],
  ["a target with a vertical tab", `GET /\x0b HTTP/1.1\r\n${H}\r\n`, 400],
  ["a fragment in the target", `GET /#x HTTP/1.1\r\n${H}\r\n`, 400],
  ["a relative target", `GET a HTTP/1.1\r\n${H}\r\n`, 400],
  ["a query alone", `GET ?a HTTP/1.1\r\n${H}\r\n`, 400],
  ["another scheme", `GET ftp://a.localhost/ HTTP/1.1\r\n${H}\r\n`, 400],
  ["a URL without host", `GET http:/// HTTP/1.1\r\n${H}\r\n`, 400],
  ["a URL with a user", `GET http://u@a.localhost/ HTTP/1.1\r\n${H}\r\n`, 400],
  ["* with GET", `GET * HTTP/1.1\r\n${H}\r\n`, 400],
  ["CONNECT", `CONNECT a.localhost:80 HTTP/1.1\r\n${H}\r\n`, 405],
  ["authority form with GET", `GET a.localhost:80 HTTP/1.1\r\n${H}\r\n`, 400],
  // Line ends
  ["bare LF", "GET / HTTP/1.1\nHost: a.localhost\n\n", 400],
  ["bare LF after the request line", `GET / HTTP/1.1\n${H}\r\n`, 400],
  ["a second Expect that isn't known", get(`${H}Expect: 100-continue\r\nExpect: x\r\n`), 417],
  ["an empty Expect", get(`${H}Expect:\r\n`), 417],
  ["a no-break space before a length", post("Content-Length:\xa05\r\n", "hello"), 400],
  ["a no-break space after Transfer-Encoding", post("Transfer-Encoding: chunked\xa0\r\n", "0\r\n\r\n"), 501],
  ["a Host with two final dots", get("Host: a.localhost..\r\n"), 400],
  ["a Host with an empty label", get("Host: a..localhost\r\n"), 400],
  ["a Max-Forwards that is no number", `OPTIONS / HTTP/1.1\r\n${H}Max-Forwards: x\r\n\r\n`, 400],
  ["bare LF in the fields", `GET / HTTP/1.1\r\nHost: a.localhost\nX: y\r\n\r\n`, 400],
  ["bare LF at the end", `GET / HTTP/1.1\r\n${H}\n\r\n\r\n`, 400],
  ["bare CR in a field", get(`${H}X: a\rb\r\n`), 400],
  ["bare CR in the request line", `GET /\r HTTP/1.1\r\n${H}\r\n`, 400],
  ["CR CR LF", `GET / HTTP/1.1\r\r\n${H}\r\n`, 400],
  ["a bare CR as a line end", `GET / HTTP/1.1\r\n${H}X: y\rContent-Length: 5\r\n\r\n`, 400],
  // Fields
  ["a folded field", get(`${H}X: a\r\n b\r\n`), 400],
  ["a field folded with a tab", get(`${H}X: a\r\n\tb\r\n`), 400],
  ["a first line that is folded", `GET / HTTP/1.1\r\n X: y\r\n${H}\r\n`, 400],
  ["a space before the colon", get(`${H}X : y\r\n`), 400],
  ["a tab before the colon", get(`${H}X\t: y\r\n`), 400],
  ["Content-Length with a space before the colon", post("Content-Length : 5\r\n", "hello"), 400],
  ["Transfer-Encoding with a space before the colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400],
  ["no colon", get(`${H}X\r\n`), 400],
  ["no name", get(`${H}: y\r\n`), 400],
  ["a NUL in a value", get(`${H}X: a\0b\r\n`), 400],
  ["a NUL in a name", get(`${H}X\0: b\r\n`), 400],
  ["a bell in a value", get(`${H}X: \x07\r\n`), 400],
  ["an escape in a value", get(`${H}X: \x1b[2J\r\n`), 400],
  ["DEL in a value", get(`${H}X: \x7f\r\n`), 400],
  ["a vertical tab in a value", get(`${H}X: a\x0bb\r\n`), 400],
  ["a form feed in a value", get(`${H}X: a\x0cb\r\n`), 400],
  ...["(", ")", ",", "/", ";", "<", "=", ">", "?", "@", "[", "\\", "]", "{", "}", '"', "\x80", "\xff"].map(
    (char): [string, string, number] => [`${JSON.stringify(char)} in a field's name`, get(`${H}X${char}Y: z\r\n`), 400],
  ),
  ["a head of 20 KiB", get(`${H}X: ${"y".repeat(20_000)}\r\n`), 431],
  ["many fields of 20 KiB", get(`${H}${`X: ${"y".repeat(400)}\r\n`.repeat(50)}`), 431],
  ["a target of 20 KiB", `GET /${"a".repeat(20_000)} HTTP/1.1\r\n${H}\r\n`, 414],
  ["an endless request line", `GET /${"a".repeat(40_000)}`, 414],
  ["an endless field", `GET / HTTP/1.1\r\n${H}X: ${"a".repeat(40_000)}`, 431],
  ["a field's name of 20 KiB", get(`${H}${"x".repeat(20_000)}: y\r\n`), 431],
  // Host
  ["no Host", get(""), 400],
  ["an empty Host", get("Host:\r\n"), 400],
  ["a blank Host", get("Host:  \r\n"), 400],
  ["two Hosts", get(`${H}${H}`), 400],
  ["two different Hosts", get(`${H}Host: b.localhost\r\n`), 400],
  ["two Hosts in one", get("Host: a.localhost, b.localhost\r\n"), 400],
  ["a Host with a user", get("Host: u@a.localhost\r\n"), 400],
  ["a Host with a path", get("Host: a.localhost/x\r\n"), 400],
  ["a Host with a query", get("Host: a.localhost?x\r\n"), 400],
  ["a Host with a fragment", get("Host: a.localhost#x\r\n"), 400],
  ["a Host with a backslash", get("Host: a.localhost\\x\r\n"), 400],
  ["a Host with a blank", get("Host: a.localhost b\r\n"), 400],
  ["a Host with raw UTF-8", get("Host: \xc3\xa9.localhost\r\n"), 400],
  ["a Host with two ports", get("Host: a.localhost:1:2\r\n"), 400],
  ["a Host with a port that is no number", get("Host: a.localhost:x\r\n"), 400],
  ["a Host with a negative port", get("Host: a.localhost:-1\r\n"), 400],
  ["a Host with an empty port", get("Host: a.localhost:\r\n"), 400],
  ["a Host with port 99999", get("Host: a.localhost:99999\r\n"), 400],
  ["a Host with markup", get("Host: <script>alert(1)</script>\r\n"), 400],
  ["a Host in brackets that is no address", get("Host: [x]\r\n"), 400],
  ["a Host with a percent sign", get("Host: a%2elocalhost\r\n"), 400],
  // Lengths
  ...[
    "+5",
    "-5",
    "0x5",
    "5 ",
    "5.0",
    "5e0",
    "5,5",
    "5, 5",
    "5,6",
    "٥",
    "",
    "five",
    "5;",
    "5 5",
    "99999999999999999999",
    "0b101",
    "\t5x",
    "'5'",
  ]
    .filter((value) => value !== "5 ")
    .map((value): [string, string, number] => [
      `Content-Length ${JSON.stringify(value)}`,
      post(`Content-Length: ${Buffer.from(value, "utf8").toString("latin1")}\r\n`, "hello"),
      400,
    ]),
  ["two equal Content-Lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400],
  ["two Content-Lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!"), 400],
  ["CL.TE", post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nG"), 400],
  [
    "TE.CL",
    post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "5c\r\nGPOST / HTTP/1.1\r\n\r\n0\r\n\r\n"),
    400,
  ],
  ["CL 0 with TE", post("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400],
  ["two Transfer-Encodings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400],
  ["TE.TE with identity", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"), 400],
  ...[
    "identity",
    "gzip",
    "gzip, chunked",
    "chunked, gzip",
    "chunked, chunked",
    "xchunked",
    "chunkedx",
    "chunked;q=1",
    '"chunked"',
    "chunked,",
    ",chunked",
    "c hunked",
  ].map((value): [string, string, number] => [
    `Transfer-Encoding ${value}`,
    post(`Transfer-Encoding: ${value}\r\n`, "0\r\n\r\n"),
    501,
  ]),
  ["an empty Transfer-Encoding", post("Transfer-Encoding:\r\n", "0\r\n\r\n"), 400],
  ["chunked in HTTP/1.0", `POST / HTTP/1.0\r\n${H}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
  ["a folded Transfer-Encoding", post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"), 400],
  ["Transfer-Encoding with a NUL", post("Transfer-Encoding: chunked\0\r\n", "0\r\n\r\n"), 400],
  // Expect
  ["an Expect of something else", post("Expect: 200-ok\r\nContent-Length: 0\r\n", ""), 417],
  ["an empty Expect", post("Expect:\r\nContent-Length: 0\r\n", ""), 417],
];

/** Bodies that break the chunked coding: whatever went ahead, the request never becomes whole for the service. */
const BROKEN_CHUNKS: [name: string, body: string][] = [
  ["no size", "\r\nhello\r\n0\r\n\r\n"],
  ["a size that is no hex", "g\r\nhello\r\n0\r\n\r\n"],
  ["0x before the size", "0x5\r\nhello\r\n0\r\n\r\n"],
  ["a plus before the size", "+5\r\nhello\r\n0\r\n\r\n"],
  ["a minus before the size", "-5\r\nhello\r\n0\r\n\r\n"],
  ["a blank before the size", " 5\r\nhello\r\n0\r\n\r\n"],
  ["a blank after the size", "5 \r\nhello\r\n0\r\n\r\n"],
  ["a tab after the size", "5\t\r\nhello\r\n0\r\n\r\n"],
  ["an underscore in the size", "1_0\r\nhello\r\n0\r\n\r\n"],
  ["a size of 17 digits", "00000000000000005\r\nhello\r\n0\r\n\r\n"],
  ["a size over 2^64", "fffffffffffffffff\r\nhello\r\n0\r\n\r\n"],
  ["bare LF after the size", "5\nhello\r\n0\r\n\r\n"],
  ["bare CR after the size", "5\rhello\r\n0\r\n\r\n"],
  ["bare LF after the data", "5\r\nhello\n0\r\n\r\n"],
  ["no line end after the data", "5\r\nhello0\r\n\r\n"],
  ["data longer than its size", "5\r\nhello!\r\n0\r\n\r\n"],
  ["data shorter than its size", "6\r\nhello\r\n0\r\n\r\n"],
  ["a bare LF in an extension", "5;a\nb\r\nhello\r\n0\r\n\r\n"],
  ["a NUL in an extension", "5;a\0\r\nhello\r\n0\r\n\r\n"],
  ["an extension of 1,000 bytes", `5;${"a".repeat(1000)}\r\nhello\r\n0\r\n\r\n`],
  ["a bare LF at the end", "5\r\nhello\r\n0\r\n\n"],
  ["a bare LF after the last size", "5\r\nhello\r\n0\n\r\n"],
  ["a folded trailer", "0\r\nX: a\r\n b\r\n\r\n"],
  ["a trailer with a blank before the colon", "0\r\nX : a\r\n\r\n"],
  ["a trailer that is no field", "0\r\nGET / HTTP/1.1\r\n\r\n"],
  ["Content-Length as a trailer", "0\r\nContent-Length: 5\r\n\r\n"],
  ["Transfer-Encoding as a trailer", "0\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["Host as a trailer", "0\r\nHost: b.localhost\r\n\r\n"],
  ["trailers of 20 KiB", `0\r\nX: ${"a".repeat(20_000)}\r\n\r\n`],
];

/** Each reaches the service, once, with this one meaning. */
const FORWARDED: [name: string, raw: string, meaning: Partial<Meaning>][] = [
  ["a plain request", get(H), { method: "GET", url: "/", body: "" }],
  ["a Host in capitals", get("hOST: A.LocalHost\r\n"), { host: "A.LocalHost" }],
  ["a Host with a final dot", get("Host: a.localhost.\r\n"), { url: "/" }],
  ["blanks around a value", get("Host: \t a.localhost \t\r\n"), { host: "a.localhost" }],
  ["no blank after the colon", get("Host:a.localhost\r\n"), { host: "a.localhost" }],
  ["an empty line ahead", `\r\n${get(H)}`, { method: "GET" }],
  ["two empty lines ahead", `\r\n\r\n${get(H)}`, { method: "GET" }],
  ["an absolute target", `GET http://a.localhost/x?y HTTP/1.1\r\n${H}\r\n`, { url: "/x?y", host: "a.localhost" }],
  [
    "an absolute target that Host contradicts",
    "GET http://a.localhost/x HTTP/1.1\r\nHost: b.localhost\r\n\r\n",
    { url: "/x", host: "a.localhost" },
  ],
  ["an absolute target without a path", `GET HTTP://a.localhost HTTP/1.1\r\n${H}\r\n`, { url: "/" }],
  ["an absolute target with a query alone", `GET http://a.localhost?q HTTP/1.1\r\n${H}\r\n`, { url: "/?q" }],
  ["OPTIONS *", `OPTIONS * HTTP/1.1\r\n${H}\r\n`, { method: "OPTIONS", url: "*" }],
  ["a target with dots", `GET /../a/./b HTTP/1.1\r\n${H}\r\n`, { url: "/../a/./b" }],
  [
    "a target with two slashes",
    `GET //evil.example/x HTTP/1.1\r\n${H}\r\n`,
    { url: "//evil.example/x", host: "a.localhost" },
  ],
  ["percent signs", `GET /%00%zz HTTP/1.1\r\n${H}\r\n`, { url: "/%00%zz" }],
  ["8-bit bytes in a value", get(`${H}X: \xff\xfe\r\n`), { method: "GET" }],
  ["an empty value", get(`${H}X:\r\n`), { method: "GET" }],
  ["500 more fields", get(`${H}${"X: y\r\n".repeat(500)}`), { method: "GET" }],
  [
    "Expect twice",
    post("Expect: 100-continue\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n", "hello"),
    { body: "hello" },
  ],
  ["a quoted pair in a chunk extension", chunked('5;a="b\\"c\\\\"\r\nhello\r\n0\r\n\r\n'), { body: "hello" }],
  ["another method", `PURGE /x HTTP/1.1\r\n${H}\r\n`, { method: "PURGE" }],
  ["leading zeros in a length", post("Content-Length: 005\r\n", "hello"), { body: "hello" }],
  ["a blank after a length", post("Content-Length: 5 \r\n", "hello"), { body: "hello" }],
  ["Chunked in capitals", post("Transfer-Encoding: CHUNKED\r\n", "5\r\nhello\r\n0\r\n\r\n"), { body: "hello" }],
  ["a hex size in capitals", chunked("A\r\n0123456789\r\n0\r\n\r\n"), { body: "0123456789" }],
  ["leading zeros in a size", chunked("0005\r\nhello\r\n000\r\n\r\n"), { body: "hello" }],
  ["a chunk extension", chunked('5;a=b;c="d"\r\nhello\r\n0;last\r\n\r\n'), { body: "hello" }],
  ["a trailer", chunked("5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"), { body: "hello" }],
  [
    "a body that looks like a request",
    post("Content-Length: 44\r\n", "GET /admin HTTP/1.1\r\nHost: a.localhost\r\nX: y\r\n"),
    { body: "GET /admin HTTP/1.1\r\nHost: a.localhost\r\nX: y" },
  ],
  [
    "a body with GET",
    "GET / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 5\r\n\r\nhello",
    { method: "GET", body: "hello" },
  ],
  ["Connection that names Host", get(`${H}Connection: host\r\n`), { host: "a.localhost" }],
  [
    "Connection that names Content-Length",
    post("Connection: content-length\r\nContent-Length: 5\r\n", "hello"),
    { body: "hello" },
  ],
  [
    "Connection that names Transfer-Encoding",
    post("Connection: transfer-encoding\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"),
    { body: "hello" },
  ],
  [
    "an Upgrade to h2c",
    get(`${H}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n`),
    { method: "GET" },
  ],
  ["an Upgrade that Connection doesn't name", get(`${H}Upgrade: websocket\r\n`), { method: "GET" }],
  ["HTTP/1.0 with Host", `GET / HTTP/1.0\r\n${H}\r\n`, { method: "GET" }],
];

describe("hostile heads", () => {
  test("there are two hundred of them and more", () => {
    expect(REFUSED.length + BROKEN_CHUNKS.length + FORWARDED.length + FORGED.length).toBeGreaterThanOrEqual(200);
  });

  test.each(REFUSED)("%s is refused", async (_, raw, status) => {
    seen = [];
    const { statuses, closed, text } = await send(raw);
    expect(statuses, text).toEqual([status]);
    expect(closed).toBe(true);
    expect(seen).toEqual([]);
  });

  test.each(BROKEN_CHUNKS)("a chunked body with %s never becomes a request", async (_, body) => {
    seen = [];
    const { statuses } = await send(chunked(body), { end: true });
    expect(statuses.filter((status) => status < 400)).toEqual([]);
    expect(seen).toEqual([]);
  });

  test.each(FORWARDED)("%s is passed on with one meaning", async (_, raw, meaning) => {
    seen = [];
    const { statuses, text } = await send(raw);
    expect(
      statuses.filter((status) => status >= 200),
      text,
    ).toEqual([200]);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject(meaning);
    for (const gone of ["http2-settings", "proxy-connection", "keep-alive"]) expect(seen[0]?.names).not.toContain(gone);
  });
});

/** What a client says of itself is not believed. */
const FORGED: [name: string, line: string][] = [
  ["X-Forwarded-For", "X-Forwarded-For: 8.8.8.8"],
  ["X-Forwarded-Host", "X-Forwarded-Host: evil.example"],
  ["X-Forwarded-Proto", "X-Forwarded-Proto: https"],
  ["X-Forwarded-Port", "X-Forwarded-Port: 443"],
  ["X-Real-IP", "X-Real-IP: 8.8.8.8"],
  ["Forwarded", "Forwarded: for=8.8.8.8;host=evil.example"],
  ["X_Forwarded_For", "X_Forwarded_For: 8.8.8.8"],
  ["x-forwarded_host", "x-forwarded_host: evil.example"],
];

describe("forged forwarding fields", () => {
  test.each(FORGED)("%s is dropped", async (_, line) => {
    seen = [];
    let forwarded = "";
    upstream.once("request", (request) => {
      forwarded = JSON.stringify(request.headers);
    });
    expect((await send(get(`${H}${line}\r\n`))).statuses).toEqual([200]);
    expect(forwarded).not.toMatch(/8\.8\.8\.8|evil|"443"|"https"/);
    expect(JSON.parse(forwarded)).toMatchObject({ "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http" });
  });

  test("a request that has been here before is a loop", async () => {
    let via = "";
    upstream.once("request", (request) => {
      via = String(request.headers.via);
    });
    await send(get(H));
    expect((await send(get(`${H}Via: ${via}\r\n`))).statuses).toEqual([508]);
  });
});

describe("a connection with several requests", () => {
  test("keeps what follows a body apart from it", async () => {
    seen = [];
    const { statuses } = await send(
      `${post("Content-Length: 5\r\n", "hello")}${get(H)}${chunked("3\r\nabc\r\n0\r\n\r\n")}`,
    );
    expect(statuses).toEqual([200, 200, 200]);
    expect(seen.map(({ method, body }) => [method, body])).toEqual([
      ["POST", "hello"],
      ["GET", ""],
      ["POST", "abc"],
    ]);
  });

  test("answers a thousand pipelined requests in order", async () => {
    seen = [];
    const raw = Array.from({ length: 1000 }, (_, n) => `GET /${n} HTTP/1.1\r\n${H}\r\n`).join("");
    const { statuses } = await send(raw);
    expect(statuses).toHaveLength(1000);
    expect(seen.map(({ url }) => url)).toEqual(Array.from({ length: 1000 }, (_, n) => `/${n}`));
  });

  test("answers a thousand pipelined requests for unknown names", async () => {
    const { statuses } = await send("GET / HTTP/1.1\r\nHost: nobody.localhost\r\n\r\n".repeat(1000));
    expect(statuses.filter((status) => status === 421)).toHaveLength(1000);
  });

  test("stops at the first one that is refused", async () => {
    seen = [];
    const { statuses, closed } = await send(`${get(H)}GET / HTTP/1.1\nHost: a.localhost\n\n${get(H)}`);
    expect(statuses).toEqual([200, 400]);
    expect(closed).toBe(true);
    expect(seen).toHaveLength(1);
  });
});

test("two thousand connections of random bytes leave the door standing", { timeout: 120_000 }, async () => {
  let state = 20_261_123;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  const seeds = [
    get(H),
    chunked("5\r\nhello\r\n0\r\n\r\n"),
    post("Content-Length: 5\r\n", "hello"),
    REFUSED[4]?.[1] ?? "",
  ];
  for (let batch = 0; batch < 100; batch++) {
    await Promise.all(
      Array.from({ length: 20 }, () => {
        const bytes = Buffer.from(seeds[Math.floor(random() * seeds.length)] ?? "", "latin1");
        for (let n = 0; n < 1 + random() * 6; n++)
          bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
        return new Promise<void>((resolve) => {
          const socket = connect(door.port, "127.0.0.1");
          socket.on("error", () => {});
          socket.on("close", () => resolve());
          socket.on("data", () => socket.destroy());
          socket.end(bytes);
          setTimeout(() => socket.destroy(), 250).unref();
        });
      }),
    );
  }
  seen = [];
  expect((await send(get(H))).statuses).toEqual([200]);
  expect(seen).toHaveLength(1);
});
