import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer } from "node:net";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { keptBytes } from "../src/capture/body.ts";
import { createBreakpoints } from "../src/capture/breakpoints.ts";
import { CAPTURE_ALL } from "../src/capture/edge.ts";
import { type HttpExchange, newPlace } from "../src/capture/exchange.ts";
import { createRecorder } from "../src/capture/recorder.ts";
import { openDoor } from "../src/door/door.ts";
import { createRoutes, type Route } from "../src/door/upstream/routes.ts";
import { orThrow } from "../src/fault/fault.ts";
import { answerOf, http2Client } from "./support/http2-client.ts";
import { plainRoute } from "./support/plain-route.ts";
import { program } from "./support/programs.ts";

const NAME = "web.shop.localhost";
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function setUp(listener: RequestListener | Server, more: Partial<Route> = {}, settings = {}) {
  const server = typeof listener === "function" ? createServer(listener) : listener;
  await once(server.listen(0, "127.0.0.1"), "listening");
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const port = (server.address() as AddressInfo).port;
  const recorder = createRecorder();
  const breakpoints = createBreakpoints();
  const routes = createRoutes();
  const capture = {
    ...{ id: "browser→web", stack: "shop", from: "browser", to: "web", origin: null },
    ...{ place: newPlace("shop", "web"), policy: CAPTURE_ALL },
  };
  routes.set(NAME, { ...plainRoute("shop/web", { host: "127.0.0.1", port }), capture, ...more });
  const door = orThrow(await openDoor({ port: 0, hosts: ["127.0.0.1"], routes, recorder, breakpoints }));
  open.push(() => door.close());
  const client = http2Client(door.port, settings);
  open.push(client.close);
  const exchanges = () => {
    const found: HttpExchange[] = [];
    for (let seq = recorder.ring.oldest(); seq <= recorder.ring.newest(); seq++) {
      found.push(recorder.ring.get(seq) as HttpExchange);
    }
    return found;
  };
  return { door, client, exchanges, breakpoints, server };
}

const echo: RequestListener = async (req, res) => {
  const parts: Buffer[] = [];
  for await (const part of req) parts.push(part as Buffer);
  const body = Buffer.concat(parts);
  res.setHeader("x-framing", req.headers["transfer-encoding"] ?? req.headers["content-length"] ?? "none");
  res.setHeader("x-trailers", JSON.stringify(req.trailers));
  res.end(`${req.method} ${req.url} ${body.length} ${createHash("sha256").update(body).digest("hex").slice(0, 8)}`);
};
const digest = (body: string | Buffer) => createHash("sha256").update(body).digest("hex").slice(0, 8);

describe("requests", () => {
  test("reach their service as HTTP/1.1, with the forwarding fields", async () => {
    const { client, door } = await setUp((req, res) => res.end(JSON.stringify(req.headers)));
    const { status, headers, body } = await client.ask(NAME, { "x-a": "b", cookie: "a=1; b=2", te: "trailers" });
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "content-length": String(body.length) });
    expect(JSON.parse(body)).toMatchObject({
      ...{ host: `${NAME}:${door.port}`, "x-a": "b", cookie: "a=1; b=2", te: "trailers", "x-forwarded-proto": "http" },
      via: expect.stringMatching(/^2 cove-/),
    });
  });

  test.each([
    ["none", undefined],
    ["small", "hello"],
    ["beyond every window", randomBytes(3_000_000)],
  ])("a body of known size: %s", async (_, body) => {
    const { client } = await setUp(echo);
    const length = body?.length ?? 0;
    const answer = await client.ask(NAME, { ":method": "POST", ...(body && { "content-length": length }) }, body);
    expect(answer.body).toBe(`POST / ${length} ${digest(body ?? "")}`);
    expect(answer.headers["x-framing"]).toBe(body === undefined ? "none" : String(length));
  });

  test("a body of unknown size, in pieces, with trailers", async () => {
    const { client } = await setUp(echo);
    const stream = client.session.request(
      { ":authority": NAME, ":method": "PUT", ":path": "/up" },
      { endStream: false, waitForTrailers: true },
    );
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "42" }));
    const answered = answerOf(stream);
    const pieces = Array.from({ length: 40 }, () => randomBytes(7_001));
    for (const piece of pieces) {
      stream.write(piece);
      await new Promise(setImmediate);
    }
    stream.end();
    const { body, headers } = await answered;
    expect(body).toBe(`PUT /up ${40 * 7_001} ${digest(Buffer.concat(pieces))}`);
    expect(headers).toMatchObject({ "x-framing": "chunked", "x-trailers": '{"x-sum":"42"}' });
  });

  test("100 at once on one connection, each with a body, are answered each with its own", async () => {
    const { client } = await setUp(echo);
    const bodies = Array.from({ length: 100 }, (_, n) => randomBytes(20_000 + n));
    const answers = await Promise.all(
      bodies.map((body, n) => client.ask(NAME, { ":method": "POST", ":path": `/${n}` }, body)),
    );
    expect(answers.map(({ body }) => body)).toEqual(
      bodies.map((body, n) => `POST /${n} ${body.length} ${digest(body)}`),
    );
  });

  test("an upload that its service doesn't read stops its stream, and no other", async () => {
    let first = true;
    const { client } = await setUp((req, res) => {
      if (!first) return void echo(req, res);
      first = false;
      setTimeout(() => echo(req, res), 700);
    });
    const large = randomBytes(4_000_000);
    const slow = client.ask(NAME, { ":method": "POST", ":path": "/slow" }, large);
    const quick = await client.ask(NAME, { ":method": "POST", ":path": "/quick" }, "x".repeat(300_000));
    expect(quick.body).toMatch(/^POST \/quick 300000 /);
    expect((await slow).body).toBe(`POST /slow 4000000 ${digest(large)}`);
  });

  test("one that its service answers before its end gets its answer, and RST_STREAM with NO_ERROR", async () => {
    const { client } = await setUp((_, res) => res.writeHead(413).end("enough"));
    const stream = client.request(NAME, { ":method": "POST" }, { endStream: false });
    const answered = answerOf(stream);
    stream.write("x".repeat(1_000));
    expect(await answered).toMatchObject({ status: 413, body: "enough" });
    await expect.poll(() => stream.rstCode).toBe(0);
    expect((await client.ask(NAME)).status).toBe(413);
  });
});

describe("responses", () => {
  test.each([1_000, 65_535, 1_000_000])("of 2 MB through a window of %i bytes", async (initialWindowSize) => {
    const body = randomBytes(1_000_000).toString("hex");
    const send: RequestListener = (req, res) => {
      if (req.url !== "/sized") res.flushHeaders();
      res.end(body);
    };
    const { client } = await setUp(send, {}, { initialWindowSize });
    const [sized, chunked] = await Promise.all([client.ask(NAME, { ":path": "/sized" }), client.ask(NAME)]);
    expect([digest(sized.body), digest(chunked.body)]).toEqual([digest(body), digest(body)]);
    expect([sized.headers["content-length"], chunked.headers["content-length"]]).toEqual(["2000000", undefined]);
    expect(chunked.headers["transfer-encoding"]).toBeUndefined();
  });

  test("without a body: HEAD, 204, 304, Content-Length 0", async () => {
    const { client } = await setUp((req, res) => {
      res.writeHead(
        Number(req.url?.slice(1)),
        req.method === "HEAD" || req.url === "/304" ? { "content-length": 5 } : {},
      );
      res.end();
    });
    expect(await client.ask(NAME, { ":path": "/204" })).toMatchObject({ status: 204, body: "" });
    expect(await client.ask(NAME, { ":path": "/304" })).toMatchObject({ status: 304, body: "" });
    expect(await client.ask(NAME, { ":path": "/200" })).toMatchObject({ status: 200, body: "" });
    const head = await client.ask(NAME, { ":method": "HEAD", ":path": "/200" });
    expect(head).toMatchObject({ status: 200, body: "", headers: { "content-length": "5" } });
  });

  test("interim ones (100, 103) and trailers arrive", async () => {
    const { client } = await setUp((req, res) => {
      res.writeEarlyHints({ link: "</style.css>; rel=preload" });
      req.resume().on("end", () => {
        res.writeHead(200, { trailer: "grpc-status" });
        res.write("body");
        res.addTrailers({ "grpc-status": "0", "x-more": "yes" });
        res.end();
      });
    });
    const answer = await client.ask(NAME, { ":method": "POST", expect: "100-continue" }, "x");
    expect(answer.interim.map((head) => head[":status"]).sort()).toEqual([100, 103]);
    expect(answer).toMatchObject({ body: "body", trailers: { "grpc-status": "0", "x-more": "yes" } });
  });

  test("server-sent events arrive one by one", async () => {
    let say: (text: string) => void = () => {};
    const { client } = await setUp((_, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.flushHeaders();
      say = (text) => res.write(`data: ${text}\n\n`);
    });
    const stream = client.request(NAME);
    await once(stream, "response");
    for (const text of ["one", "two", "three"]) {
      say(text);
      expect(String(await once(stream, "data"))).toBe(`data: ${text}\n\n`);
    }
  });

  test("that breaks off is an error of its stream, and the connection goes on", async () => {
    const { client } = await setUp((req, res) => {
      if (req.url === "/whole") return void res.end("whole");
      res.writeHead(200, { "content-length": 100 });
      res.write("part", () => req.socket.destroy());
    });
    await expect(client.ask(NAME)).rejects.toThrow(/INTERNAL_ERROR/);
    expect((await client.ask(NAME, { ":path": "/whole" })).body).toBe("whole");
  });

  test("a coding of the transfer that HTTP/2 can't say is a 502", async () => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () =>
        socket.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
      );
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    open.push(() => server.close());
    const upstream = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
    const { client } = await setUp(echo, { upstream });
    expect(await client.ask(NAME)).toMatchObject({ status: 502, body: "" });
  });

  test("one that a client gives up ends at its service, and others go on", async () => {
    let gone = false;
    const { client } = await setUp((req, res) => {
      if (req.url === "/other") return void res.end("other");
      res.on("close", () => {
        gone = true;
      });
      res.write("begin");
    });
    const stream = client.request(NAME, { ":path": "/given-up" });
    await once(stream, "data");
    stream.close(8);
    await expect.poll(() => gone).toBe(true);
    expect((await client.ask(NAME, { ":path": "/other" })).body).toBe("other");
  });
});

describe("the door itself", () => {
  test("answers what it refuses, as it does in HTTP/1.1", async () => {
    const { client, door } = await setUp(echo);
    expect(await client.ask("nobody.localhost")).toMatchObject({ status: 421 });
    expect(await client.ask(NAME, { ":path": "/#x" })).toMatchObject({ status: 400 });
    expect(await client.ask(NAME, { "x-a": "b".repeat(20_000) })).toMatchObject({ status: 431 });
    expect(await client.ask(NAME, { "x-a": "b".repeat(60_000) }).catch(() => null)).not.toMatchObject({ status: 200 });
    const page = await client.ask("nobody.localhost", { accept: "text/html" });
    expect(page.headers["content-type"]).toContain("text/html");
    expect(door.connections()).toBe(1);
  });

  test("shows the page of a service that is down, and holds requests while one starts", async () => {
    let ready: (is: boolean) => void = () => {};
    const { client } = await setUp(echo, {
      state: "starting",
      whenReady: () =>
        new Promise((resolve) => {
          ready = resolve;
        }),
    });
    const asked = client.ask(NAME, { ":method": "POST" }, "waited");
    await expect.poll(() => ready.length).toBe(1);
    ready(true);
    expect((await asked).body).toMatch(/^POST \/ 6 /);
    const down = await setUp(echo, { state: "down" });
    expect(await down.client.ask(NAME, { accept: "text/html" })).toMatchObject({
      status: 502,
      body: expect.stringContaining("is down"),
    });
  });

  test("writes exchanges down, with bodies, and passes its trace on", async () => {
    const { client, exchanges } = await setUp((req, res) => res.end(`traced ${req.headers.traceparent}`));
    const { body } = await client.ask(NAME, { ":method": "POST", ":path": "/a?b", "x-y": "z" }, "asked");
    await client.ask(NAME, { ":path": "/second" });
    const [first, second] = exchanges();
    expect(first).toMatchObject({ method: "POST", target: "/a?b", status: 200, error: null });
    expect(first?.requestHead).toMatch(/^POST \/a\?b HTTP\/2\r\nHost: web\.shop\.localhost:\d+\r\nx-y: z\r\n\r\n$/);
    expect(first?.requestBody && keptBytes(first.requestBody).toString()).toBe("asked");
    expect(first?.responseBody && keptBytes(first.responseBody).toString()).toBe(body);
    expect(body).toMatch(/^traced 00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(second?.caller).toBe(first?.caller);
  });

  test("holds a request at a breakpoint, lets it go edited, and others pass meanwhile", async () => {
    const { client, breakpoints } = await setUp(echo);
    breakpoints.add("held", ({ target }) => target === "/held");
    const asked = client.ask(NAME, { ":method": "POST", ":path": "/held" }, "x".repeat(400_000));
    await expect.poll(() => breakpoints.held()[0]?.request().body?.length).toBe(400_000);
    expect((await client.ask(NAME, { ":path": "/other" })).body).toMatch(/^GET \/other/);
    const held = () => breakpoints.held()[0]?.exchange.seq ?? -1;
    expect(breakpoints.go(held(), { target: "/edited", body: Buffer.from("other") })).toBeNull();
    expect((await asked).body).toBe(`POST /edited 5 ${digest("other")}`);
    const dropped = client.ask(NAME, { ":path": "/held" });
    await expect.poll(() => breakpoints.held().length).toBe(1);
    breakpoints.drop(held());
    await expect(dropped).rejects.toThrow();
    await expect.poll(() => breakpoints.held().length).toBe(0);
  });

  test("says GOAWAY when it closes", async () => {
    const { client, door } = await setUp(echo);
    await client.ask(NAME);
    const goAway = once(client.session, "goaway");
    await door.close();
    expect((await goAway)[0]).toBe(0);
  });

  test("reads HTTP/1.1 and HTTP/2 on the same port, however the first bytes are cut", async () => {
    const { door } = await setUp((_, res) => res.end("hello"));
    const say = async (pieces: string[], until: RegExp) => {
      const socket = connectTcp(door.port, "127.0.0.1");
      open.push(() => socket.destroy());
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk.toString("latin1");
      });
      for (const piece of pieces) {
        socket.write(piece, "latin1");
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
      await expect.poll(() => text).toMatch(until);
    };
    const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    await say([...preface], /^\0\0\x18\x04/);
    await say(["P", "OST / HTTP/1.1\r\nHost: web.shop.localhost\r\nContent-Length: 0\r\n\r\n"], /^HTTP\/1\.1 200 OK/);
    await say(["PR", "OPFIND / HTTP/1.1\r\nHost: web.shop.localhost\r\n\r\n"], /^HTTP\/1\.1 200 OK/);
    // Not in the middle of a connection.
    const get = "GET / HTTP/1.1\r\nHost: web.shop.localhost\r\n\r\n";
    await say([get, preface], /^HTTP\/1\.1 200 OK[\s\S]*HTTP\/1\.1 505 /);
  });
});

describe("WebSocket over HTTP/2 (RFC 8441)", () => {
  const CONNECT = { ":method": "CONNECT", ":protocol": "websocket", ":scheme": "http", "sec-websocket-version": "13" };
  const frame = (text: string) =>
    Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);

  async function socketServer() {
    const server = createServer((_, res) => res.writeHead(200).end("no socket here"));
    const sockets = new WebSocketServer({ server, path: "/socket" });
    sockets.on("connection", (socket) => socket.on("message", (data) => socket.send(`echo ${data}`)));
    return server;
  }

  test("opens, echoes, closes, and is written down", async () => {
    const { client, exchanges } = await setUp(await socketServer());
    await once(client.session, "remoteSettings");
    expect(client.session.remoteSettings.enableConnectProtocol).toBe(true);
    const stream = client.request(NAME, { ...CONNECT, ":path": "/socket" }, { endStream: false });
    const [head] = await once(stream, "response");
    expect(head).toMatchObject({ ":status": 200 });
    expect(head["sec-websocket-accept"]).toBeUndefined();
    stream.write(frame("hello"));
    const [bytes] = await once(stream, "data");
    expect(bytes.subarray(2).toString()).toBe("echo hello");
    stream.end();
    await once(stream, "close");
    const [exchange] = exchanges();
    expect(exchange).toMatchObject({ status: 101, method: "GET", target: "/socket" });
    expect(exchange?.messages).not.toBeNull();
  });

  test("a service that has none there is no success", async () => {
    const { client } = await setUp((_, res) => res.writeHead(200).end("a page"));
    await once(client.session, "remoteSettings");
    const asked = answerOf(client.request(NAME, { ...CONNECT, ":path": "/page" }, { endStream: false }));
    expect((await asked).status).toBe(502);
  });
});

describe.skipIf(program("curl") === null)("curl", () => {
  test("gets what it asks for", async () => {
    const { door } = await setUp(echo);
    const url = `http://127.0.0.1:${door.port}/`;
    const { stdout } = await promisify(execFile)("curl", [
      ...["-s", "--http2-prior-knowledge", "-H", `Host: ${NAME}`, "-d", "some=form", "-w", " %{http_version}", url],
    ]);
    expect(stdout).toBe(`POST / 9 ${digest("some=form")} 2`);
  });
});
