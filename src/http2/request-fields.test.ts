import { describe, expect, test } from "vitest";
import { isHeadFault } from "../http1/fields.ts";
import { newField } from "./field.ts";
import { isTrailer, newRequestFields, requestHead, takeField, trailerLines } from "./request-fields.ts";

function gather(pairs: readonly string[]) {
  const fields = newRequestFields();
  for (const pair of pairs) {
    const at = pair.indexOf(": ");
    takeField(fields, newField(pair.slice(0, at), pair.slice(at + 2)));
  }
  return fields;
}
const read = (pairs: readonly string[], hasBody = false) =>
  requestHead(gather(pairs), hasBody, "a2V5a2V5a2V5a2V5a2V5aw==");

const GET = [":method: GET", ":scheme: http", ":path: /a?b=c", ":authority: web.shop.localhost:62893"];
const CONNECT = [...GET.map((line) => line.replace("GET", "CONNECT")), ":protocol: websocket"];

describe("a request", () => {
  test("is the one that HTTP/1.1 would say", () => {
    const head = read([...GET, "accept: */*", "cookie: a=1", "x-y: z", "cookie: b=2", "te: trailers"]);
    expect(head).toMatchObject({
      ...{ method: "GET", target: "/a?b=c", host: "web.shop.localhost", port: 62893, framing: "none", accept: "*/*" },
      ...{ fields: "accept: */*\r\nx-y: z\r\ncookie: a=1; b=2\r\nTE: trailers\r\n" },
      text: "GET /a?b=c HTTP/2\r\nHost: web.shop.localhost:62893\r\naccept: */*\r\nx-y: z\r\nte: trailers\r\ncookie: a=1; b=2\r\n\r\n",
    });
  });

  test("with a body of known size, and of unknown size", () => {
    expect(read([...GET, "content-length: 5"], true)).toMatchObject({ framing: "sized", length: 5 });
    expect(read(GET, true)).toMatchObject({ framing: "chunked", fields: "" });
  });

  test("names its host by Host where it has no :authority", () => {
    expect(read([...GET.slice(0, 3), "host: web.shop.localhost"])).toMatchObject({ host: "web.shop.localhost" });
  });

  test("for a WebSocket is HTTP/1.1's upgrade, with a key of the door's", () => {
    const head = read([...CONNECT, "sec-websocket-version: 13", "sec-websocket-key: theirs"]);
    expect(head).toMatchObject({ method: "GET", upgrade: "websocket" });
    const said = typeof head === "object" && !isHeadFault(head) ? head.text : "";
    expect(said.match(/sec-websocket-key: .*/gi)).toEqual(["Sec-WebSocket-Key: a2V5a2V5a2V5a2V5a2V5aw=="]);
  });
});

describe("malformed", () => {
  const without = (name: string) => GET.filter((line) => !line.startsWith(name));
  test.each<[string, string[]]>([
    ["no :method", without(":method")],
    ["no :scheme", without(":scheme")],
    ["no :path", without(":path")],
    ["an empty :path", [...without(":path"), ":path: "]],
    ["a :path that is none", [...without(":path"), ":path: a"]],
    ["* without OPTIONS", [...without(":path"), ":path: *"]],
    ["two :method", [...GET, ":method: GET"]],
    ["two :path", [...GET, ":path: /"]],
    ["two :scheme", [...GET, ":scheme: http"]],
    ["two :authority", [...GET, ":authority: x"]],
    ["a scheme other than HTTP's", [...without(":scheme"), ":scheme: ftp"]],
    ["a pseudo-field of responses", [...GET, ":status: 200"]],
    ["a pseudo-field that nobody knows", [...GET, ":test: ok"]],
    ["a pseudo-field behind others", [...without(":path"), "accept: */*", ":path: /"]],
    ["a name in capitals", [...GET, "X-A: b"]],
    ["an empty name", [...GET, ": b"]],
    ["a name that is no token", [...GET, "a b: c"]],
    ["Connection", [...GET, "connection: keep-alive"]],
    ["Keep-Alive", [...GET, "keep-alive: timeout=5"]],
    ["Proxy-Connection", [...GET, "proxy-connection: keep-alive"]],
    ["Transfer-Encoding", [...GET, "transfer-encoding: chunked"]],
    ["Upgrade", [...GET, "upgrade: websocket"]],
    ["TE of more than trailers", [...GET, "te: trailers, deflate"]],
    ["a line end in a value", [...GET, "x: a\r\nHost: evil"]],
    ["a line feed in a path", [...without(":path"), ":path: /a\nb"]],
    ["a NUL in a value", [...GET, "x: a\0"]],
    ["a blank before a value", [...GET, "x:  a"]],
    ["a blank behind a value", [...GET, "x: a\t"]],
    ["two Hosts", [...GET, "host: web.shop.localhost:62893", "host: web.shop.localhost:62893"]],
    ["a Host other than :authority", [...GET, "host: evil.localhost"]],
    ["CONNECT with a path", [":method: CONNECT", ":authority: x:1", ":path: /", ":scheme: http"]],
    ["CONNECT without :authority", [":method: CONNECT"]],
    [":protocol without CONNECT", [...GET, ":protocol: websocket"]],
    [":protocol without :path", CONNECT.filter((line) => !line.startsWith(":path"))],
  ])("%s", (_, pairs) => {
    expect(read(pairs)).toBe("malformed");
  });
});

describe("refused with an answer, as in HTTP/1.1", () => {
  test.each<[string, string[], number]>([
    ["a blank in the method", GET.map((line) => line.replace("GET", "GET /")), 400],
    ["a blank in the path", GET.map((line) => line.replace("/a", "/a HTTP/1.1 /b")), 400],
    ["a fragment in the path", GET.map((line) => line.replace("b=c", "#b")), 400],
    ["a user in :authority", GET.map((line) => line.replace("web.", "me@web.")), 400],
    ["no host at all", GET.slice(0, 3), 400],
    ["two lengths", [...GET, "content-length: 1", "content-length: 1"], 400],
    ["a length that is none", [...GET, "content-length: +1"], 400],
    ["CONNECT", [":method: CONNECT", ":authority: x:1"], 405],
    [
      "an extended CONNECT for what isn't WebSocket",
      CONNECT.map((line) => line.replace("websocket", "connect-udp")),
      501,
    ],
    ["a head over 16 KiB", [...GET, `x: ${"y".repeat(17_000)}`], 431],
    ["an Expect that nobody knows", [...GET, "expect: 200-ok"], 417],
  ])("%s", (_, pairs, refused) => {
    expect(read(pairs, true)).toMatchObject({ refused });
  });
});

test("trailers are fields, and no pseudo-field", () => {
  const trailers = gather(["grpc-status: 0", "cookie: a=b"]);
  expect([isTrailer(trailers), trailerLines(trailers)]).toEqual([true, "grpc-status: 0\r\ncookie: a=b\r\n"]);
  expect(isTrailer(gather([":path: /"]))).toBe(false);
  expect(isTrailer(gather(["X: y"]))).toBe(false);
});
