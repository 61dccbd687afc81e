import { Agent, createServer as createHttp, request as httpRequest, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { readConditions } from "../../conditions/text.ts";
import { orThrow } from "../../fault/fault.ts";
import { openRelay, type Relay } from "./relay.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const conditions = (text: string) => orThrow(readConditions(text));
const local = { host: "127.0.0.1", port: 0 };

async function relayTo(port: number, text: string, { seed = 1, noHttp = (_: string) => {} } = {}): Promise<Relay> {
  const to = () => ({ host: "127.0.0.1", port });
  const relay = orThrow(await openRelay({ listen: local, to, conditions: conditions(text), seed, noHttp }));
  open.push(() => relay.close());
  return relay;
}

const BODY = "0123456789".repeat(1_000);

/** A service that keeps what it is asked, and answers with a sized or chunked body. */
async function service(): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const server = createHttp(async (request, response) => {
    let got = "";
    try {
      for await (const chunk of request) got += chunk;
    } catch {
      return;
    }
    asked.push(`${request.method} ${request.url}${got === "" ? "" : ` ${got.length}`}`);
    if (request.url?.startsWith("/chunked")) {
      for (let n = 0; n < 10; n++) response.write(BODY.slice(0, 1_000));
      response.end();
    } else if (request.url?.startsWith("/empty")) response.writeHead(204).end();
    else if (request.url?.startsWith("/close")) {
      response.useChunkedEncodingByDefault = false;
      response.writeHead(200, { connection: "close" }).end(BODY);
    } else response.end(request.url?.startsWith("/short") ? "ok" : BODY);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

interface Got {
  status: number;
  body: Buffer;
  error: string | null;
  headers: IncomingMessage["headers"];
}

function ask(
  relay: Relay,
  path: string,
  more: { method?: string; body?: string; agent?: Agent; headers?: object } = {},
) {
  const { method = "GET", body, agent = new Agent(), headers = {} } = more;
  return new Promise<Got>((resolve) => {
    const got: Got = { status: 0, body: Buffer.alloc(0), error: null, headers: {} };
    const failed = (error: NodeJS.ErrnoException) =>
      resolve({ ...got, error: got.error ?? error.code ?? error.message });
    const request = httpRequest({ ...relay.address, path, method, agent, headers: { ...headers } }, (response) => {
      got.status = response.statusCode ?? 0;
      got.headers = response.headers;
      response.on("data", (chunk: Buffer) => (got.body = Buffer.concat([got.body, chunk])));
      response.on("error", failed);
      response.on("end", () => resolve(got));
    });
    request.on("error", failed);
    request.end(body);
  });
}

const kept = () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  open.push(() => agent.destroy());
  return agent;
};

describe("conditions about HTTP", () => {
  test("http-status answers instead of the service; the connection goes on", async () => {
    const { port, asked } = await service();
    const relay = await relayTo(port, "http-status=503,path=/api/*,method=POST|PUT");
    const agent = kept();
    expect((await ask(relay, "/api/x", { agent })).status).toBe(200);
    const refused = await ask(relay, "/api/x?y=1", { agent, method: "POST", body: BODY });
    expect(refused.status).toBe(503);
    expect(refused.headers["cove-condition"]).toBe("http-status=503");
    expect(String(refused.body)).toMatch(/^503 Service Unavailable\n/);
    expect((await ask(relay, "/api/x/y", { agent, method: "POST", body: "1" })).status).toBe(200);
    const waits = await ask(relay, "/api/x", { agent, method: "PUT", body: "12", headers: { expect: "100-continue" } });
    expect(waits.status).toBe(503);
    expect((await ask(relay, "/short", { agent })).body.toString()).toBe("ok");
    expect(asked).toEqual(["GET /api/x", "POST /api/x/y 1", "GET /short"]);
    expect(relay.stats().accepted).toBe(1);
  });

  test("pipelined requests get their answers in order", async () => {
    const { port } = await service();
    const relay = await relayTo(port, "http-status=418,path=/tea http-status=204,path=/none");
    const socket = connect(relay.address);
    open.push(() => socket.destroy());
    let text = "";
    socket.on("data", (chunk) => (text += chunk));
    const line = (method: string, path: string, more = "") => `${method} ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
    socket.write(
      `${line("GET", "/short")}${line("POST", "/tea", "Content-Length: 5\r\n")}12345${line("HEAD", "/tea")}` +
        `${line("GET", "/chunked")}${line("GET", "/none")}${line("POST", "/tea", "Transfer-Encoding: chunked\r\n")}3\r\nabc\r\n0\r\n\r\n` +
        line("GET", "/tea", "Connection: close\r\n"),
    );
    await new Promise((resolve) => socket.once("close", resolve));
    expect(
      text
        .match(/HTTP\/1\.1 \d+/g)
        ?.map((one) => one.slice(-3))
        .join(" "),
    ).toBe("200 418 418 200 204 418 418");
  });

  test("http-drop: nothing answers, the connection stays; taken off, others are answered", async () => {
    const { port, asked } = await service();
    const relay = await relayTo(port, "http-drop,path=/lost");
    const agent = kept();
    const given = AbortSignal.timeout(300);
    await expect(fetch(`http://127.0.0.1:${relay.address.port}/lost`, { signal: given })).rejects.toThrow(/timeout/);
    const socket = connect(relay.address);
    open.push(() => socket.destroy());
    let text = "";
    socket.on("data", (chunk) => (text += chunk));
    const line = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
    socket.write(line("/short?1") + line("/lost") + line("/short?2"));
    await expect.poll(() => text).toMatch(/ok$/);
    relay.setConditions([]);
    expect((await ask(relay, "/short?3", { agent })).status).toBe(200);
    expect(text.match(/HTTP/g)).toHaveLength(1);
    expect(asked).toEqual(["GET /short?1", "GET /short?3"]);
    socket.end();
    await new Promise((resolve) => socket.once("close", resolve));
    await expect.poll(() => relay.stats().connections).toBeLessThanOrEqual(1);
  });

  test.each([
    ["http-abort=1000", "/", 1_000, "ECONNRESET"],
    ["http-abort", "/", 5_000, "ECONNRESET"],
    ["http-abort=1MB", "/", 9_999, "ECONNRESET"],
    ["http-abort=2500", "/chunked", 2_500, "ECONNRESET"],
    ["http-abort=1MB", "/chunked", 10_000, "ECONNRESET"],
    ["http-abort=700", "/close", 700, "ECONNRESET"],
    ["http-abort=1MB", "/close", 9_999, "ECONNRESET"],
    ["http-abort", "/empty", 0, "ECONNRESET"],
    ["http-truncate=1000", "/", 1_000, "ECONNRESET"],
    ["http-truncate", "/chunked", 1_000, "ECONNRESET"],
    ["http-truncate=700", "/close", 700, null],
    ["http-abort=1000 latency=20,both bandwidth=1MB/s", "/", 1_000, "ECONNRESET"],
  ])("%s of %s lets %i bytes pass", async (text, path, length, error) => {
    const { port } = await service();
    const relay = await relayTo(port, text);
    const raw = connect(relay.address);
    open.push(() => raw.destroy());
    let bytes = Buffer.alloc(0);
    raw.on("data", (chunk: Buffer) => (bytes = Buffer.concat([bytes, chunk])));
    const end = new Promise<string>((resolve) => {
      raw.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code ?? ""));
      raw.once("end", () => resolve("fin"));
    });
    raw.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(await end).toBe(text.startsWith("http-abort") ? "ECONNRESET" : "fin");
    const got = await ask(relay, path);
    expect(got.error).toBe(error);
    expect(got.body.length).toBe(length);
    await expect.poll(() => relay.stats().connections).toBe(0);
  });

  test("a request breaks off on its way up; the service never gets it whole", async () => {
    const { port, asked } = await service();
    const relay = await relayTo(port, "http-abort=10,up,method=POST http-truncate=10,up,method=PUT");
    expect((await ask(relay, "/", { method: "POST", body: BODY })).error).toBe("ECONNRESET");
    expect((await ask(relay, "/", { method: "PUT", body: BODY })).error).toBe("ECONNRESET");
    expect((await ask(relay, "/short")).status).toBe(200);
    expect(asked).toEqual(["GET /short"]);
  });

  test("http-slow: bodies pass at the rate, what comes behind waits; taken off, the rest comes at once", async () => {
    const { port } = await service();
    const relay = await relayTo(port, "http-slow=20KB/s,path=/");
    const agent = kept();
    const start = performance.now();
    const [slow, quick] = await Promise.all([ask(relay, "/", { agent }), ask(relay, "/short", { agent })]);
    expect(performance.now() - start).toBeGreaterThanOrEqual(499);
    expect([slow.body.toString() === BODY, quick.body.toString()]).toEqual([true, "ok"]);
    relay.setConditions(conditions("http-slow=1B/s"));
    const stuck = ask(relay, "/chunked", { agent });
    await new Promise((resolve) => setTimeout(resolve, 50));
    relay.setConditions([]);
    expect((await stuck).body.length).toBe(10_000);
    expect(relay.stats().accepted).toBe(1);
  });

  test("http-corrupt flips bits of bodies, and nothing else", async () => {
    const { port } = await service();
    const relay = await relayTo(port, "http-corrupt=1%");
    const wrong = (body: Buffer, sent: string) => [...body].filter((byte, n) => byte !== sent.charCodeAt(n)).length;
    for (const path of ["/", "/chunked", "/close"]) {
      const { body, error } = await ask(relay, path);
      expect(error).toBe(null);
      expect(body.length).toBe(10_000);
      // 100 of them on average, a standard deviation of 10.
      expect(Math.abs(wrong(body, BODY) - 100)).toBeLessThan(50);
    }
    const short = await ask(relay, "/short");
    expect([short.body.length, wrong(short.body, "ok")]).toEqual([2, 1]);
  });

  test("each probability holds, and the same seed concerns the same requests", { timeout: 60_000 }, async () => {
    const { port } = await service();
    const text =
      "http-status=503,probability=20% http-corrupt=0.001%,probability=30%,path=/short http-status=500,method=POST,probability=50%";
    const run = async (seed: number) => {
      const relay = await relayTo(port, text, { seed });
      const agent = kept();
      const fates: string[] = [];
      for (let n = 0; n < 1_000; n++) {
        const { status, body } = await ask(relay, "/short", { agent, method: n % 2 === 0 ? "GET" : "POST" });
        fates.push(status === 200 ? (body.toString() === "ok" ? "ok" : "corrupt") : String(status));
      }
      return fates;
    };
    const first = await run(4);
    expect(await run(4)).toEqual(first);
    expect(await run(5)).not.toEqual(first);
    const share = (fate: string) => first.filter((one) => one === fate).length / 1_000;
    // Three and a half standard deviations of a thousand draws.
    const near = (expected: number) => 3.5 * Math.sqrt((expected * (1 - expected)) / 1_000);
    expect(Math.abs(share("503") - 0.2)).toBeLessThan(near(0.2));
    expect(Math.abs(share("500") - 0.2)).toBeLessThan(near(0.2));
    expect(Math.abs(share("corrupt") - 0.6 * 0.3)).toBeLessThan(near(0.18));
  });

  test("set and taken off on a live connection: from the next request on", async () => {
    const { port } = await service();
    const relay = await relayTo(port, "");
    const agent = kept();
    const status = async () => (await ask(relay, "/short", { agent })).status;
    const statuses = [await status()];
    for (const text of ["http-status=503", "http-status=429", "", "latency=1 http-status=500", "latency=1"]) {
      relay.setConditions(conditions(text));
      statuses.push(await status(), await status());
    }
    expect(statuses).toEqual([200, 503, 503, 429, 429, 200, 200, 500, 500, 200, 200]);
    expect(relay.stats().accepted).toBe(1);
  });

  test("ws-drop loses whole messages, never a ping; the others stay in order", { timeout: 30_000 }, async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: true });
    open.push(() => server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const heard: string[] = [];
    server.on("connection", (socket) => {
      socket.on("message", (data) => {
        heard.push(String(data));
        socket.send(data);
      });
    });
    const run = async () => {
      const relay = await relayTo((server.address() as AddressInfo).port, "ws-drop=20%", { seed: 9 });
      const socket = new WebSocket(`ws://127.0.0.1:${relay.address.port}`);
      open.push(() => socket.terminate());
      const back: string[] = [];
      socket.on("message", (data) => back.push(String(data).split(" ")[0] ?? ""));
      await new Promise((resolve) => socket.once("open", resolve));
      let pongs = 0;
      socket.on("pong", () => pongs++);
      for (let n = 0; n < 500; n++) {
        if (n % 3 === 0) {
          // In fragments, with a ping between them.
          socket.send(`${n} `, { fin: false });
          socket.ping();
          socket.send("x".repeat(n * 10), { fin: true });
          // More pings at once are a flood to the server.
          await new Promise((resolve) => setImmediate(resolve));
        } else socket.send(`${n} ${"y".repeat(n % 300)}`);
      }
      await expect.poll(() => pongs, { timeout: 20_000 }).toBe(167);
      relay.setConditions([]);
      socket.send("last x");
      await expect.poll(() => back.at(-1), { timeout: 20_000 }).toBe("last");
      return back.slice(0, -1).map(Number);
    };
    const back = await run();
    expect(back).toEqual(back.toSorted((a, b) => a - b));
    const up = heard.length - 1;
    expect(Math.abs(up / 500 - 0.8)).toBeLessThan(0.07);
    expect(Math.abs(back.length / up - 0.8)).toBeLessThan(0.07);
    heard.length = 0;
    expect(await run()).toEqual(back);
  });

  test("whatever they do: every client hears an end or gives up, and nothing is left behind", {
    timeout: 60_000,
  }, async () => {
    const { port } = await service();
    const all = [
      "http-status=503,probability=20%",
      "http-drop,probability=3%",
      "http-abort,probability=10%,both",
      "http-truncate=100,probability=10%",
      "http-slow=2MB/s,probability=30%,both",
      "http-corrupt,probability=20%",
      "latency=1±1,both",
    ];
    const relay = await relayTo(port, all.join(" "), { seed: 3 });
    const ends = new Set<string>();
    const client = async (nth: number) => {
      const agent = kept();
      for (let n = 0; n < 40; n++) {
        const path = ["/", "/chunked", "/short", "/empty", "/close"][(n + nth) % 5] ?? "/";
        const asked = ask(relay, path, { agent, ...(n % 3 === 0 && { method: "POST", body: BODY }) });
        const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), 400));
        const got = await Promise.race([asked, late]);
        ends.add(got === null ? "late" : (got.error ?? String(got.status)));
        // As a client that gives up: its connection is of no use any more.
        if (got === null) agent.destroy();
        if (n % 10 === nth) relay.setConditions(conditions(all.slice(0, 2 + (n % 6)).join(" ")));
      }
      agent.destroy();
    };
    await Promise.all(Array.from({ length: 8 }, (_, nth) => client(nth)));
    expect([...ends].sort()).toEqual(expect.arrayContaining(["200", "204", "503", "ECONNRESET", "late"]));
    await expect.poll(() => relay.stats().connections, { timeout: 10_000 }).toBe(0);
  });

  test("what is no HTTP passes as it is, and is told once", async () => {
    const server = createServer((socket) => void socket.pipe(socket).on("error", () => {}));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push(() => server.close());
    const told: string[] = [];
    const noHttp = (why: string) => void told.push(why);
    const relay = await relayTo((server.address() as AddressInfo).port, "http-status=503", { noHttp });
    const echo = async (sent: Buffer) => {
      const socket: Socket = connect(relay.address);
      const got: Buffer[] = [];
      let there = 0;
      await new Promise<void>((resolve) => {
        socket.on("data", (chunk: Buffer) => {
          got.push(chunk);
          there += chunk.length;
          if (there >= sent.length) resolve();
        });
        socket.write(sent);
      });
      socket.destroy();
      return Buffer.concat(got);
    };
    for (const text of ["\x00\x00\x00\x08\x04\xd2\x16\x2f", "*1\r\n$4\r\nPING\r\n", "x", "HELLO", "GET key\r\n"]) {
      const sent = Buffer.from(text, "latin1");
      expect(await echo(sent)).toEqual(sent);
    }
    expect(told).toEqual(["other"]);
    relay.setConditions([]);
    relay.setConditions(conditions("http-drop"));
    await echo(Buffer.from([0x16, 0x03, 0x01, 0, 5]));
    expect(told).toEqual(["other", "tls"]);
    expect(relay.stats().bytesUp).toBe(relay.stats().receivedUp);
  });
});
