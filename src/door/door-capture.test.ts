import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, request } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { crc32 } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { keptBytes } from "../capture/body.ts";
import { createBreakpoints } from "../capture/breakpoints.ts";
import { CAPTURE_ALL, CAPTURE_NONE, type CapturePolicy } from "../capture/edge.ts";
import { type CapturedEdge, type Exchange, type HttpExchange, newPlace } from "../capture/exchange.ts";
import { spanIdOf, traceIdOf } from "../capture/ids.ts";
import { createRecorder } from "../capture/recorder.ts";
import { orThrow } from "../fault/fault.ts";
import { openDoor } from "./door.ts";
import { createRoutes } from "./upstream/routes.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const NAME = "web.shop.localhost";

async function listening(
  server: ReturnType<typeof createServer> | ReturnType<typeof createTcpServer>,
): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  open.push(() => {
    if ("closeAllConnections" in server) server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

interface Given {
  readonly policy?: CapturePolicy;
  readonly bounds?: { exchanges: number; bytes: number };
  readonly state?: "ready" | "down";
}

async function captured(port: number, { policy = CAPTURE_ALL, bounds, state = "ready" }: Given = {}) {
  const recorder = createRecorder({ ...(bounds !== undefined && { bounds }) });
  const place = newPlace("shop", "web");
  const edge: CapturedEdge = {
    ...{ id: "browser→web", stack: "shop", from: "browser", to: "web" },
    origin: null,
    place,
    policy,
  };
  const breakpoints = createBreakpoints();
  const routes = createRoutes();
  routes.set(NAME, {
    ...{ id: "shop/web", upstream: { host: "127.0.0.1", port }, state, capture: edge },
    whenReady: async () => true,
    logTail: () => [],
    cause: () => null,
  });
  const door = orThrow(await openDoor({ port: 0, hosts: ["127.0.0.1"], routes, recorder, breakpoints }));
  open.push(() => door.close());
  const all = () => {
    const found: Exchange[] = [];
    for (let seq = recorder.ring.oldest(); seq <= recorder.ring.newest(); seq++) {
      const one = recorder.ring.get(seq);
      if (one !== undefined) found.push(one);
    }
    return found as HttpExchange[];
  };
  return { door, recorder, breakpoints, edge, all };
}

interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
}

function ask(
  port: number,
  { body, ...rest }: Ask = {},
): Promise<{ status: number; head: IncomingMessage; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const headers = { host: `${NAME}:${port}`, ...rest.headers };
    const sent = request({ host: "127.0.0.1", port, agent: false, ...rest, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, head: response, body: Buffer.concat(chunks) }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Waits for a condition, at most 10 s. */
const until = (check: () => boolean) => expect.poll(check, { timeout: 10_000 }).toBe(true);

const echo: RequestListener = (incoming, response) => {
  const chunks: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  incoming.on("end", () => response.end(Buffer.concat(chunks)));
};

describe("what is written down of an exchange", () => {
  test("heads as they came, bodies both ways, status, times, who asked", async () => {
    const service = createServer((incoming, response) => {
      response.setHeader("X-Order", "kept");
      echo(incoming, response);
    });
    const { door, all, edge } = await captured(await listening(service));
    await ask(door.port, { method: "POST", path: "/orders?page=2", headers: { "X-Tag": "a" }, body: "hello" });
    const [one] = all();
    expect(one).toMatchObject({
      method: "POST",
      target: "/orders?page=2",
      host: `${NAME}:${door.port}`,
      status: 200,
      edge,
    });
    expect(one?.requestHead).toMatch(/^POST \/orders\?page=2 HTTP\/1\.1\r\n[\s\S]*X-Tag: a\r\n[\s\S]*\r\n\r\n$/);
    expect(one?.responseHead).toMatch(/^HTTP\/1\.1 200 OK\r\nX-Order: kept\r\n/);
    expect(keptBytes(one?.requestBody ?? null).toString()).toBe("hello");
    expect(keptBytes(one?.responseBody ?? null).toString()).toBe("hello");
    expect(one?.caller.address).toMatch(/^127\.0\.0\.1:\d+$/);
    const { connected, firstByte, ended } = one as HttpExchange;
    expect(connected).toBeGreaterThan(0);
    expect(firstByte).toBeGreaterThanOrEqual(connected ?? 0);
    expect(ended).toBeGreaterThanOrEqual(firstByte ?? 0);
    expect(edge.place.underWay.size).toBe(0);
  });

  test("chunked bodies without their framing, each its own of a pipeline", async () => {
    const service = createServer((incoming, response) => {
      response.write(`${incoming.url} `);
      incoming.on("data", (chunk) => response.write(chunk));
      incoming.on("end", () => response.end("!"));
    });
    const { door, all } = await captured(await listening(service));
    const head = `Host: ${NAME}:${door.port}\r\n`;
    const socket = connect(door.port, "127.0.0.1");
    open.push(() => socket.destroy());
    socket.write(
      `POST /a HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n` +
        `POST /b HTTP/1.1\r\n${head}Content-Length: 2\r\n\r\nfg` +
        `GET /c HTTP/1.1\r\n${head}\r\n`,
    );
    await until(() => all().length === 3 && all().every(({ ended }) => ended !== null));
    expect(all().map(({ requestBody }) => keptBytes(requestBody).toString())).toEqual(["abcde", "fg", ""]);
    expect(all().map(({ responseBody }) => keptBytes(responseBody).toString())).toEqual([
      "/a abcde!",
      "/b fg!",
      "/c !",
    ]);
  });

  test("bodies up to the limit, their whole size, and nothing of what is to be skipped", async () => {
    const policy = { ...CAPTURE_ALL, bodies: 1_000, skip: ["/health"] };
    const { door, all } = await captured(await listening(createServer(echo)), { policy });
    await ask(door.port, { method: "POST", body: Buffer.alloc(200_000, "x") });
    await ask(door.port, { path: "/health/db" });
    expect(all()).toHaveLength(1);
    expect(all()[0]?.requestBody).toMatchObject({ size: 200_000, keptSize: 1_000 });
    expect(keptBytes(all()[0]?.responseBody ?? null)).toEqual(Buffer.alloc(1_000, "x"));
  });

  test("what failed says why: down, gone half-way, given up by its client", async () => {
    const { door, all } = await captured(1, { state: "down" });
    expect((await ask(door.port)).status).toBe(502);
    expect(all()[0]).toMatchObject({ status: 502, error: { code: "DOWN" } });

    const half = createTcpServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"));
    });
    const broken = await captured(await listening(half));
    await expect(ask(broken.door.port)).rejects.toThrow();
    await until(() => broken.all()[0]?.ended !== null);
    expect(broken.all()[0]).toMatchObject({ status: 200, error: { code: "closed" }, responseBody: { size: 3 } });

    const slow = await captured(await listening(createServer(() => {})));
    const socket = connect(slow.door.port, "127.0.0.1");
    socket.write(`GET / HTTP/1.1\r\nHost: ${NAME}:${slow.door.port}\r\n\r\n`);
    await until(() => slow.all().length === 1);
    expect(slow.edge.place.underWay.size).toBe(1);
    socket.destroy();
    await until(() => slow.all()[0]?.ended !== null);
    expect(slow.all()[0]).toMatchObject({ status: null, error: { code: "aborted" } });
    expect(slow.edge.place.underWay.size).toBe(0);
  });
});

describe("traces", () => {
  async function traced(headers: Record<string, string>, policy?: CapturePolicy) {
    let got: string | undefined;
    let count = 0;
    const service = createServer((incoming, response) => {
      got = incoming.headers.traceparent as string | undefined;
      count = incoming.rawHeaders.filter((name) => name.toLowerCase() === "traceparent").length;
      response.end();
    });
    const { door, all } = await captured(await listening(service), { ...(policy !== undefined && { policy }) });
    await ask(door.port, { headers });
    return { got, count, exchange: all()[0] };
  }

  test("one begins at the door, and the service is told of it", async () => {
    const { got, exchange } = await traced({});
    if (exchange === undefined) throw new Error("nothing was written down");
    expect(got).toBe(`00-${traceIdOf(exchange)}-${spanIdOf(exchange.seq)}-01`);
    expect(exchange.trace).toMatchObject({ parentId: null, how: "none" });
  });

  test("a client's goes on, under the door's span", async () => {
    const id = "0af7651916cd43dd8448eb211c80319c";
    const { got, count, exchange } = await traced({ traceparent: `00-${id}-b7ad6b7169203331-01` });
    expect(exchange?.trace).toEqual({ traceId: id, parentId: "b7ad6b7169203331", how: "header", guess: null });
    expect(got).toBe(`00-${id}-${spanIdOf(exchange?.seq ?? 0)}-01`);
    expect(count).toBe(1);
  });

  test("what is no trace is replaced; without capture the client's own passes as it is", async () => {
    const { got } = await traced({ traceparent: "00-00000000000000000000000000000000-b7ad6b7169203331-01" });
    expect(got).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    const off = await traced({ traceparent: "anything" }, CAPTURE_NONE);
    expect(off).toMatchObject({ got: "anything", exchange: undefined });
  });
});

describe("bytes pass unchanged, with capture on, off and full", () => {
  const modes: [string, Given][] = [
    ["on", {}],
    ["off", { policy: CAPTURE_NONE }],
    ["full", { bounds: { exchanges: 2, bytes: 4_096 } }],
  ];

  test.each(modes)("256 MiB each way, capture %s", { timeout: 120_000 }, async (_, given) => {
    const { door, recorder } = await captured(await listening(createServer((from, to) => from.pipe(to))), given);
    const block = randomBytes(1 << 20);
    const sent = createHash("sha256");
    const got = createHash("sha256");
    const headers = { host: `${NAME}:${door.port}` };
    const asked = request({ host: "127.0.0.1", port: door.port, method: "PUT", agent: false, headers });
    const answered = once(asked, "response").then(async ([response]) => {
      for await (const chunk of response as IncomingMessage) got.update(chunk as Buffer);
    });
    for (let n = 0; n < 256; n++) {
      block.writeUInt32LE(n);
      sent.update(block);
      if (!asked.write(Buffer.from(block))) await once(asked, "drain");
    }
    asked.end();
    await answered;
    expect(got.digest("hex")).toBe(sent.digest("hex"));
    expect(recorder.ring.bytes()).toBeLessThan(8 << 20);
  });

  test.each(modes)("a body of 2 GiB comes down whole, capture %s", { timeout: 240_000 }, async (_, given) => {
    const block = randomBytes(1 << 20);
    const total = 2048;
    const service = createServer(async (_, response) => {
      for (let n = 0; n < total && !response.destroyed; n++) {
        block.writeUInt32LE(n);
        if (!response.write(Buffer.from(block))) await once(response, "drain");
      }
      response.end();
    });
    const { door, recorder, all } = await captured(await listening(service), given);
    const headers = { host: `${NAME}:${door.port}` };
    const asked = request({ host: "127.0.0.1", port: door.port, agent: false, headers }).end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    let sum = 0;
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum);
      size += chunk.length;
    }
    let expected = 0;
    for (let n = 0; n < total; n++) {
      block.writeUInt32LE(n);
      expected = crc32(block, expected);
    }
    expect([size, sum]).toEqual([total * 2 ** 20, expected]);
    expect(recorder.ring.bytes()).toBeLessThan(8 << 20);
    if (given.policy === undefined)
      expect(all()[0]?.responseBody).toMatchObject({ size: total * 2 ** 20, keptSize: 1 << 20 });
  });

  test.each(modes)("an upload that is aborted is aborted at the service too, capture %s", async (_, given) => {
    let ended: string | null = null;
    let arrived = 0;
    const service = createServer((incoming) => {
      incoming.on("data", ({ length }) => (arrived += length));
      incoming.on("error", () => {});
      incoming.on("close", () => (ended = incoming.complete ? "whole" : "aborted"));
    });
    const { door } = await captured(await listening(service), given);
    const socket = connect(door.port, "127.0.0.1");
    socket.write(
      `POST / HTTP/1.1\r\nHost: ${NAME}:${door.port}\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(10_000)}`,
    );
    await until(() => arrived > 0);
    socket.destroy();
    await until(() => ended !== null);
    expect(ended).toBe("aborted");
  });
});

describe("a request that is held", () => {
  test("waits until it is let go, as it is", async () => {
    const { door, breakpoints, all } = await captured(await listening(createServer(echo)));
    breakpoints.add("method:post", ({ method }) => method === "POST");
    expect((await ask(door.port)).status).toBe(200);
    const answer = ask(door.port, { method: "POST", path: "/orders", body: "tea" });
    await until(() => breakpoints.held().length === 1);
    const [held] = breakpoints.held();
    await until(() => held?.request().body !== null);
    expect(held?.request()).toMatchObject({ method: "POST", target: "/orders", body: Buffer.from("tea") });
    expect(breakpoints.go(held?.exchange.seq ?? 0)).toBeNull();
    expect((await answer).body.toString()).toBe("tea");
    expect(breakpoints.held()).toEqual([]);
    expect(all()[1]?.queued).toBeGreaterThan(0);
    expect(all()[1]?.edited).toBe(false);
  });

  test("goes on edited: method, target, headers, body, sized or chunked", async () => {
    const service = createServer((incoming, response) => {
      response.setHeader("x-was", `${incoming.method} ${incoming.url} ${incoming.headers["x-new"]}`);
      echo(incoming, response);
    });
    const { door, breakpoints, all } = await captured(await listening(service));
    breakpoints.add("all", () => true);
    for (const chunked of [false, true]) {
      const headers = chunked ? { "transfer-encoding": "chunked" } : {};
      const answer = ask(door.port, {
        method: "POST",
        path: "/a",
        headers: headers as Record<string, string>,
        body: "old",
      });
      await until(() => breakpoints.held()[0]?.request().body?.toString() === "old");
      const [held] = breakpoints.held();
      const fields = held?.request().headers ?? [];
      const edit = {
        method: "PUT",
        target: "/b",
        headers: [...fields, ["X-New", "yes"] as const],
        body: Buffer.from("a new one"),
      };
      expect(breakpoints.go(held?.exchange.seq ?? 0, edit)).toBeNull();
      const { head, body } = await answer;
      expect(head.headers["x-was"]).toBe("PUT /b yes");
      expect(body.toString()).toBe("a new one");
      const last = all().at(-1);
      expect(last).toMatchObject({ method: "PUT", target: "/b", edited: true });
      expect(keptBytes(last?.requestBody ?? null).toString()).toBe("a new one");
    }
  });

  test("an edit that breaks HTTP is refused and the request stays held; dropped, its client gets nothing", async () => {
    const { door, breakpoints, all } = await captured(await listening(createServer(echo)));
    breakpoints.add("all", () => true);
    const answer = ask(door.port);
    answer.catch(() => {});
    await until(() => breakpoints.held().length === 1);
    const seq = breakpoints.held()[0]?.exchange.seq ?? 0;
    expect(breakpoints.go(seq, { target: "/a b" })).toMatchObject({ fault: "REQUEST_INVALID" });
    expect(breakpoints.go(seq, { headers: [["Host", "elsewhere.localhost"]] })).toMatchObject({
      fault: "REQUEST_INVALID",
    });
    expect(breakpoints.held()).toHaveLength(1);
    expect(breakpoints.drop(seq)).toBeNull();
    await expect(answer).rejects.toThrow();
    expect(all()[0]).toMatchObject({ error: { code: "DROPPED" } });
    expect(breakpoints.go(seq)).toMatchObject({ fault: "NAME_UNKNOWN" });
  });

  test("is gone when its client leaves", async () => {
    const { door, breakpoints } = await captured(await listening(createServer(echo)));
    breakpoints.add("all", () => true);
    const socket = connect(door.port, "127.0.0.1");
    socket.write(`GET / HTTP/1.1\r\nHost: ${NAME}:${door.port}\r\n\r\n`);
    await until(() => breakpoints.held().length === 1);
    socket.destroy();
    await until(() => breakpoints.held().length === 0);
  });
});

test("a million exchanges leave the last hundred thousand, within the bound", { timeout: 180_000 }, async () => {
  const recorder = createRecorder();
  const place = newPlace("shop", "web");
  const edge: CapturedEdge = {
    ...{ id: "browser→web", stack: "shop", from: "browser", to: "web" },
    ...{ origin: null, place, policy: CAPTURE_ALL },
  };
  const caller = { address: "127.0.0.1:1", uid: 0, inode: null, process: null, looked: true };
  const { parseRequestHead } = await import("../http1/request-head.ts");
  for (let n = 1; n <= 1_000_000; n++) {
    const head = parseRequestHead(`GET /${n} HTTP/1.1\r\nHost: a\r\n\r\n`);
    if ("refused" in head) throw new Error(head.reason);
    const exchange = recorder.http(edge, caller, head, n);
    if (exchange !== null) recorder.end(exchange, n + 1);
  }
  expect(recorder.ring.newest()).toBe(1_000_000);
  expect(recorder.ring.oldest()).toBe(900_001);
  expect(recorder.ring.get(900_000)).toBeUndefined();
  expect(recorder.ring.get(950_000)).toMatchObject({ target: "/950000" });
  expect(recorder.ring.bytes()).toBeLessThanOrEqual(128 << 20);
  expect(place.underWay.size).toBe(0);
});
