import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { orThrow } from "../fault/fault.ts";
import { openDoor } from "./door.ts";
import { createRoutes } from "./upstream/routes.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
  vi.useRealTimers();
});

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(() => server.close());
  return (server.address() as { port: number }).port;
}

/** Resolves once `wanted` is in what came; gives all of it. */
function until(socket: ReturnType<typeof connect>, wanted: string): Promise<string> {
  return new Promise((resolve) => {
    let got = "";
    socket.on("data", (chunk: Buffer) => {
      got += chunk.toString("latin1");
      if (got.includes(wanted)) resolve(got);
    });
  });
}

test("a response's head that is not whole a minute after its first byte is refused, and the page says so", async () => {
  // The door's clock and its look at deadlines are the test's; sockets are real.
  vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
  const service = createServer((socket) => {
    open.push(() => socket.destroy());
    socket.on("error", () => {});
    socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nX-Slow: "));
  });
  const port = await listening(service);
  const routes = createRoutes();
  let reported = "";
  routes.set("web.shop.localhost", {
    id: "shop/web",
    upstream: { host: "127.0.0.1", port },
    state: "ready",
    whenReady: async () => true,
    logTail: () => [],
    cause: () => null,
    report: (text) => {
      reported = text;
    },
  });
  const door = orThrow(await openDoor({ port: 0, hosts: ["127.0.0.1"], routes }));
  open.push(() => door.close());
  const client = connect(door.port, "127.0.0.1");
  open.push(() => client.destroy());
  const page = until(client, "</html>");
  client.write(`GET /slow HTTP/1.1\r\nHost: web.shop.localhost:${door.port}\r\nAccept: text/html\r\n\r\n`);
  // A second of the door's for each 5 ms, from before the first byte came.
  let seconds = 0;
  while (client.bytesRead === 0) {
    vi.advanceTimersByTime(1_000);
    seconds++;
    await sleep(5);
  }
  expect(seconds).toBeGreaterThanOrEqual(60);
  expect(await page).toMatch(/^HTTP\/1\.1 502 /);
  expect(reported).toContain(
    "its response to GET /slow was refused: a head that was not whole 60 s after its first byte",
  );
});
