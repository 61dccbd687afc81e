import { once } from "node:events";
import { connect, createServer } from "node:http2";
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { keptBytes } from "../body.ts";
import { newCaller } from "../caller.ts";
import { CAPTURE_ALL } from "../edge.ts";
import { type Exchange, type HttpExchange, newPlace } from "../exchange.ts";
import { createRecorder } from "../recorder.ts";
import { openTap } from "./tap.ts";

const open: (() => unknown)[] = [];
afterEach(() => {
  for (const close of open.splice(0).reverse()) close();
});

/** A service of node:http2, a client of it, and a tap on the connection between them, whose bytes come in pieces of that size. */
async function tapped(protocol: "http" | "tcp", piece = Number.POSITIVE_INFINITY) {
  const server = createServer();
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    const parts: Buffer[] = [];
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("end", () => {
      if (stream.destroyed) return;
      if (headers[":path"] === "/reset") return stream.close(7);
      stream.additionalHeaders({ ":status": 103, link: "</a>" });
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", "grpc-message": "fine" }));
      stream.end(Buffer.concat([Buffer.from("said "), ...parts]));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const recorder = createRecorder();
  const edge = {
    ...{ id: "web→api", stack: "shop", from: "web", to: "api", origin: null },
    ...{ place: newPlace("shop", "api"), policy: CAPTURE_ALL },
  };
  const relay = createTcpServer((socket) => {
    const service = connectTcp((server.address() as AddressInfo).port, "127.0.0.1");
    const now = performance.now();
    const tap = openTap(recorder, edge, newCaller("127.0.0.1:1", null, null), protocol, now);
    tap.connected(now);
    const read = (bytes: Buffer, take: (bytes: Buffer, clock: number) => void) => {
      for (let at = 0; at < bytes.length; at += piece) {
        // Where these bytes lie, others will.
        const own = Buffer.from(bytes.subarray(at, at + piece));
        take(own, performance.now());
        own.fill(0xff);
      }
    };
    socket.on("data", (bytes) => {
      read(bytes, tap.up);
      service.write(bytes);
    });
    service.on("data", (bytes) => {
      read(bytes, tap.down);
      socket.write(bytes);
    });
    for (const one of [socket, service]) one.on("error", () => {});
    socket.on("close", () => {
      tap.closed(performance.now(), null);
      service.destroy();
    });
    open.push(() => socket.destroy());
  });
  await once(relay.listen(0, "127.0.0.1"), "listening");
  const client = connect(`http://127.0.0.1:${(relay.address() as AddressInfo).port}`);
  client.on("error", () => {});
  open.push(
    () => server.close(),
    () => relay.close(),
    () => client.destroy(),
  );
  const exchanges = () => {
    const found: Exchange[] = [];
    for (let seq = recorder.ring.oldest(); seq <= recorder.ring.newest(); seq++) {
      const one = recorder.ring.get(seq);
      if (one !== undefined) found.push(one);
    }
    return found as HttpExchange[];
  };
  const call = async (path: string, body: string) => {
    const stream = client.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.on("error", () => {});
    stream.resume().end(body);
    await new Promise((resolve) => stream.once("close", resolve));
  };
  return { client, call, exchanges };
}

test.each([
  ["http", Number.POSITIVE_INFINITY],
  ["http", 7],
  ["tcp", 1_000],
] as const)("each stream is an exchange, with bodies and trailers: %s, pieces of %d bytes", async (protocol, piece) => {
  const { call, exchanges, client } = await tapped(protocol, piece);
  const long = "x".repeat(40_000);
  await Promise.all([call("/shop.Orders/List", "first"), call("/shop.Orders/Get", long)]);
  await call("/shop.Orders/List", "third");
  const texts = exchanges().map(({ requestBody }) => keptBytes(requestBody).toString());
  expect(texts).toEqual(["first", long, "third"]);
  expect(exchanges().map(({ responseBody }) => keptBytes(responseBody).toString())).toEqual(
    texts.map((text) => `said ${text}`),
  );
  expect(exchanges()[2]).toMatchObject({ method: "POST", target: "/shop.Orders/List", status: 200, error: null });
  expect(exchanges()[2]?.requestHead).toMatch(/^POST \/shop\.Orders\/List HTTP\/2\r\nHost: 127\.0\.0\.1:\d+\r\n/);
  expect(exchanges()[2]?.responseHead).toMatch(
    /^HTTP\/2 200\r\ncontent-type: application\/grpc\r\n[\s\S]*grpc-status: 0\r\ngrpc-message: fine\r\n\r\n$/,
  );
  expect(exchanges()[2]?.ended).not.toBeNull();
  client.destroy();
});

test("a stream that is reset, and one whose connection breaks, say so", async () => {
  const { call, exchanges, client } = await tapped("http");
  await call("/reset", "x");
  expect(exchanges()[0]).toMatchObject({ status: null, error: { code: "RST_STREAM 7" } });
  const stream = client.request({ ":method": "POST", ":path": "/open" });
  stream.on("error", () => {});
  stream.write("begun");
  await expect.poll(() => exchanges().length).toBe(2);
  client.destroy();
  await expect.poll(() => exchanges()[1]?.error).not.toBeNull();
});
