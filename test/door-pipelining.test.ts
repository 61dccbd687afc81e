import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Door, openDoor } from "../src/door/door.ts";
import { createRoutes } from "../src/door/upstream/routes.ts";
import { orThrow } from "../src/fault/fault.ts";
import { ask, eventually } from "./support/door-request.ts";
import { plainRoute } from "./support/plain-route.ts";

/** What a client sends without reading: far more than the door and the kernel's buffers together should take. */
const FLOOD = 64 << 20;
/** What of it may be taken in: the kernel's own buffers of both sockets, and the door's bound. */
const TAKEN_MOST = 24 << 20;

let door: Door;
let served = 0;
const upstream = createServer((request, response) => {
  request.resume();
  if (/^\/\d+$/.test(request.url ?? "")) served++;
  request.on("end", () => response.end(`answer to ${request.url}`));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  const routes = createRoutes();
  routes.set("a.localhost", plainRoute("t/a", { host: "127.0.0.1", port: (upstream.address() as AddressInfo).port }));
  door = orThrow(await openDoor({ port: 0, routes }));
});
afterAll(async () => {
  await door.close();
  upstream.closeAllConnections();
  upstream.close();
});

/** A client that sends `request` over and over, `FLOOD` bytes in all, and never reads. */
function flood(request: string): Socket {
  const socket = connect(door.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.pause();
  const block = Buffer.from(request.repeat(Math.ceil((1 << 20) / request.length)));
  let left = FLOOD;
  const more = () => {
    while (left > 0) {
      left -= block.length;
      if (!socket.write(block)) return;
    }
  };
  socket.on("drain", more);
  more();
  return socket;
}

/** Bytes of a socket's that the kernel took, once they stop to grow. */
async function settled(socket: Socket): Promise<number> {
  const taken = () => socket.bytesWritten - socket.writableLength;
  let last = -1;
  let same = 0;
  await eventually(() => {
    same = taken() === last ? same + 1 : 0;
    last = taken();
    return same >= 40 ? true : undefined;
  }, 60_000);
  return last;
}

describe("a client that pipelines and never reads", () => {
  test.each([
    ["requests of a service", "GET /x HTTP/1.1\r\nHost: a.localhost\r\n\r\n"],
    ["requests for an unknown name", "GET /x HTTP/1.1\r\nHost: nobody.localhost\r\nAccept: text/html\r\n\r\n"],
    ["requests with an empty body", "GET /x HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 0\r\n\r\n"],
  ])("%s: reading stops, others are served, and nothing grows", { timeout: 120_000 }, async (_, request) => {
    const before = process.memoryUsage();
    const socket = flood(request);
    expect(await settled(socket)).toBeLessThan(TAKEN_MOST);
    const after = process.memoryUsage();
    // What waits lies in the kernel. The flood itself is made in this process too, a megabyte at a time.
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(64 << 20);
    expect((await ask(door.port, "a.localhost")).status).toBe(200);
    socket.destroy();
  });
});

test("ten thousand pipelined requests are answered in order, in reads of any size", { timeout: 120_000 }, async () => {
  const count = 10_000;
  const socket = connect(door.port, "127.0.0.1");
  const chunks: Buffer[] = [];
  const done = new Promise<void>((resolve, reject) => {
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      if (
        Buffer.concat(chunks.slice(-2))
          .toString("latin1")
          .endsWith(`answer to /${count - 1}`)
      )
        resolve();
    });
    socket.on("error", reject);
  });
  const all = Array.from({ length: count }, (_, n) => `GET /${n} HTTP/1.1\r\nHost: a.localhost\r\n\r\n`).join("");
  for (let at = 0, step = 1; at < all.length; at += step, step = (step * 7 + 1) % 50_000) {
    socket.write(all.slice(at, at + step));
  }
  await done;
  socket.destroy();
  const order = [
    ...Buffer.concat(chunks)
      .toString("latin1")
      .matchAll(/answer to \/(\d+)/g),
  ].map(([, n]) => Number(n));
  expect(order).toEqual(Array.from({ length: count }, (_, n) => n));
  expect(served).toBe(count);
});

test("a body that follows pipelined requests arrives whole", async () => {
  const body = "x".repeat(300_000);
  const socket = connect(door.port, "127.0.0.1");
  let got = "";
  socket.on("data", (chunk) => {
    got += chunk.toString("latin1");
  });
  const get = "GET /1 HTTP/1.1\r\nHost: a.localhost\r\n\r\n";
  socket.write(
    `${get.repeat(3)}POST /2 HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}${get}`,
  );
  await eventually(() => (got.split("answer to").length === 6 ? true : undefined));
  socket.destroy();
});
