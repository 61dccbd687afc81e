import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CAPTURE_ALL } from "../src/capture/edge.ts";
import { newPlace } from "../src/capture/exchange.ts";
import { createRecorder } from "../src/capture/recorder.ts";
import { type Door, openDoor } from "../src/door/door.ts";
import { createRoutes } from "../src/door/upstream/routes.ts";
import { orThrow } from "../src/fault/fault.ts";

/** What the service answers next, whatever it is asked; it then closes its side if `closes`. */
let response = "";
let closes = true;
let asked: string[] = [];
let connections = 0;
const told: string[] = [];
const sockets = new Set<Socket>();
const recorder = createRecorder();

const service = createServer((socket) => {
  connections++;
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  socket.on("error", () => {});
  let got = "";
  socket.on("data", (chunk) => {
    got += chunk.toString("latin1");
    if (!got.includes("\r\n\r\n")) return;
    asked.push(got);
    got = "";
    socket.write(response, "latin1");
    if (closes) socket.end();
  });
});

let door: Door;
beforeAll(async () => {
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  const routes = createRoutes();
  routes.set("a.localhost", {
    id: "shop/a",
    upstream: { host: "127.0.0.1", port: (service.address() as AddressInfo).port },
    state: "ready",
    whenReady: async () => true,
    logTail: () => [],
    cause: () => null,
    report: (text) => told.push(text),
    capture: {
      ...{ id: "browser→a", stack: "shop", from: "browser", to: "a", origin: null },
      ...{ place: newPlace("shop", "a"), policy: CAPTURE_ALL },
    },
  });
  door = orThrow(await openDoor({ port: 0, routes, recorder }));
});
afterAll(async () => {
  await door.close();
  for (const socket of sockets) socket.destroy();
  service.close();
});
beforeEach(() => {
  asked = [];
  told.length = 0;
  connections = 0;
  closes = true;
});

/** Sends a request and gives what comes back until the connection is closed or quiet. */
function send(request: string): Promise<string> {
  return new Promise((resolve) => {
    let got = "";
    const socket = connect(door.port, "127.0.0.1", () => socket.write(request, "latin1"));
    const quiet = () => setTimeout(() => socket.destroy(), 300);
    let timer = setTimeout(() => socket.destroy(), 10_000);
    socket.on("data", (chunk) => {
      got += chunk.toString("latin1");
      clearTimeout(timer);
      timer = quiet();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(got);
    });
  });
}

const H = "Host: a.localhost\r\n";
const get = (fields = "") => `GET /x HTTP/1.1\r\n${H}Accept: application/json\r\n${fields}\r\n`;
const OK = "HTTP/1.1 200 OK\r\n";

describe("a response that is odd, but means one thing, arrives", () => {
  test.each<[name: string, raw: string, expected: RegExp]>([
    [
      "a head whose lines end in LF",
      "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
      /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nhello$/,
    ],
    [
      "a colon after the status",
      "HTTP/1.0 404: Not Found\r\nContent-Length: 4\r\n\r\ngone",
      /^HTTP\/1\.1 404 Not Found\r\n[\s\S]*gone$/,
    ],
    [
      "lower case and two spaces",
      "http/1.1  200  OK\r\nContent-Length: 5\r\n\r\nhello",
      /^HTTP\/1\.1 200 OK\r\n[\s\S]*hello$/,
    ],
    ["control characters", `${OK}X: a\x01b\r\nContent-Length: 5\r\n\r\nhello`, /X: a\x01b\r\n[\s\S]*hello$/],
    ["a length given twice", `${OK}Content-Length: 5, 5\r\n\r\nhello`, /Content-Length: 5\r\n[\s\S]*hello$/],
    ["a blank before the colon", `${OK}Content-Length : 5\r\nX-A : b\r\n\r\nhello`, /X-A: b\r\n[\s\S]*hello$/],
    [
      "blanks behind a chunk's size",
      `${OK}Transfer-Encoding: chunked\r\n\r\n5  \r\nhello\r\n0\r\n\r\n`,
      /hello\r\n0\r\n\r\n$/,
    ],
    ["chunks whose lines end in LF", `${OK}Transfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n`, /hello\n0\n\n$/],
    [
      "an interim response with a length",
      `HTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\nLink: </s>\r\n\r\n${OK}Content-Length: 5\r\n\r\nhello`,
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/s>\r\n\r\nHTTP\/1\.1 200 OK[\s\S]*hello$/,
    ],
    [
      "a 204 with a length",
      "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
      /^HTTP\/1\.1 204 No Content\r\n(?!Content-Length)/,
    ],
    ["an empty line too many ahead", `\r\n${OK}Content-Length: 5\r\n\r\nhello`, /^HTTP\/1\.1 200 OK[\s\S]*hello$/],
  ])("%s", async (_, raw, expected) => {
    response = raw;
    expect(await send(get())).toMatch(expected);
    expect(told).toEqual([]);
  });
});

describe("a response that is refused says why: on the page, in the log, in what is written down", () => {
  test.each<[name: string, raw: string, why: RegExp]>([
    ["no HTTP at all", "220 mail.example ESMTP\r\n", /no HTTP response/],
    [
      "two different lengths",
      `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
      /two different Content-Lengths/,
    ],
    ["a length and chunks", `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, /both/],
    ["a carriage return in a value", `${OK}X: a\rSet-Cookie: b=c\r\nContent-Length: 0\r\n\r\n`, /carriage return/],
    [
      "a first chunk that is broken",
      `${OK}Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n`,
      /chunked body/,
    ],
    [
      "a change of protocols that nobody asked for",
      "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
      /nobody asked for/,
    ],
    ["a head that is too large", `${OK}X: ${"y".repeat(300_000)}\r\n\r\n`, /over 262144 bytes/],
  ])("%s", async (_, raw, why) => {
    response = raw;
    const got = await send(get());
    expect(got).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    expect(JSON.parse(got.slice(got.indexOf("\r\n\r\n") + 4)).error.message).toMatch(why);
    expect(told).toEqual([expect.stringMatching(why)]);
    const last = recorder.ring.get(recorder.ring.newest());
    if (last?.protocol !== "http") throw new Error("nothing was written down");
    expect(last.refusedHead?.reason).toMatch(why);
    expect(raw.startsWith(last.refusedHead?.text.slice(0, 20) ?? "?")).toBe(true);
    expect(last.error?.message).toMatch(why);
  });
});

test("what breaks after the head is out cuts the connection: it must not pass for whole", async () => {
  closes = false;
  response = `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`;
  const got = send(get());
  await new Promise((resolve) => setTimeout(resolve, 100));
  for (const socket of sockets) socket.write("zzz\r\n");
  expect(await got).toMatch(/hello\r\n$/);
});

test("a connection on which an upgrade was answered otherwise serves no other request", async () => {
  closes = false;
  response = `${OK}Content-Length: 2\r\n\r\nno`;
  await send(get("Connection: Upgrade\r\nUpgrade: websocket\r\n"));
  await send(get());
  await send(get());
  // The second and third share one.
  expect([asked.length, connections]).toEqual([3, 2]);
});

describe("hops that are counted (RFC 9110 §7.6.2)", () => {
  test.each(["TRACE", "OPTIONS"])("%s goes on with one hop less, and no further than it may", async (method) => {
    response = `${OK}Content-Length: 2\r\n\r\nok`;
    const ask = (hops: number) =>
      `${method} /x HTTP/1.1\r\n${H}Max-Forwards: ${hops}\r\nCookie: secret=1\r\nX-A: b\r\n\r\n`;
    expect(await send(ask(3))).toMatch(/^HTTP\/1\.1 200/);
    expect(asked).toEqual([expect.stringMatching(/\r\nMax-Forwards: 2\r\n/)]);
    const own = await send(ask(0));
    expect(asked).toHaveLength(1);
    if (method === "OPTIONS") expect(own).toMatch(/^HTTP\/1\.1 204[\s\S]*\r\nAllow: GET, HEAD/);
    else {
      expect(own).toMatch(
        /^HTTP\/1\.1 200[\s\S]*Content-Type: message\/http[\s\S]*TRACE \/x HTTP\/1\.1\r\n[\s\S]*X-A: b/,
      );
      expect(own).not.toContain("secret");
    }
  });

  test("other methods pass it on as it is", async () => {
    response = `${OK}Content-Length: 2\r\n\r\nok`;
    await send(get("Max-Forwards: 0\r\n"));
    expect(asked).toEqual([expect.stringMatching(/\r\nMax-Forwards: 0\r\n/)]);
  });
});

test("CONNECT is told what is allowed", async () => {
  expect(await send(`CONNECT a.localhost:443 HTTP/1.1\r\n${H}\r\n`)).toMatch(
    /^HTTP\/1\.1 405[\s\S]*\r\nAllow: GET, HEAD/,
  );
});
