import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type PerMessageDeflateOptions, WebSocket, WebSocketServer } from "ws";
import { anyCaller, edgeTo } from "../src/capture/capture.fixture.ts";
import { openTap } from "../src/capture/decoders/tap.ts";
import type { Exchange, HttpExchange } from "../src/capture/exchange.ts";
import { createRecorder, type Recorder } from "../src/capture/recorder.ts";
import { openDoor } from "../src/door/door.ts";
import { openRelay } from "../src/door/relay/relay.ts";
import { createRoutes } from "../src/door/upstream/routes.ts";
import { orThrow } from "../src/fault/fault.ts";
import { plainRoute } from "./support/plain-route.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A server that sends each message back, as it came. Returns its port. */
async function echo(perMessageDeflate: boolean | PerMessageDeflateOptions): Promise<number> {
  const server = createServer();
  const sockets = new WebSocketServer({ server, maxPayload: 1 << 26, perMessageDeflate });
  sockets.on("connection", (socket) => socket.on("message", (data, binary) => socket.send(data, { binary })));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(() => {
    sockets.close();
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Where a client connects to so that `port` is reached with someone reading along. */
const WAYS: Record<string, (port: number, recorder: Recorder) => Promise<number>> = {
  "the door": async (port, recorder) => {
    const routes = createRoutes();
    routes.set("web.localhost", {
      ...plainRoute("shop/web", { host: "127.0.0.1", port }),
      capture: edgeTo("web", {}, "browser"),
    });
    const door = orThrow(await openDoor({ port: 0, routes, recorder }));
    open.push(() => door.close());
    return door.port;
  },
  "a relay": async (port, recorder) => {
    const edge = edgeTo("web");
    const relay = orThrow(
      await openRelay({
        listen: { host: "127.0.0.1", port: 0 },
        to: () => ({ host: "127.0.0.1", port }),
        tap: (_client, _peer, clock) => openTap(recorder, edge, anyCaller(), "http", clock),
      }),
    );
    open.push(() => relay.close());
    return relay.address.port;
  },
};

const COMPRESSION: Record<string, boolean | PerMessageDeflateOptions> = {
  "not compressed": false,
  "compressed in one context": { threshold: 0 },
  "compressed without takeover, in small windows": {
    threshold: 0,
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    serverMaxWindowBits: 10,
    clientMaxWindowBits: 10,
  },
};

const hash = (data: Buffer) => createHash("sha1").update(data).digest("hex");

/** A thousand messages: empty ones, texts, noise, some large; pings among them. */
function conversation(): { data: Buffer; binary: boolean }[] {
  return Array.from({ length: 1_000 }, (_, n) => {
    if (n % 97 === 0) return { data: Buffer.alloc(0), binary: false };
    if (n % 250 === 3) return { data: randomBytes(100_000), binary: true };
    if (n % 3 === 0) return { data: randomBytes(n), binary: true };
    return { data: Buffer.from(JSON.stringify({ n, text: "größe ".repeat(n % 40) })), binary: false };
  });
}

describe.each(Object.keys(WAYS))("1,000 WebSocket messages through %s", (way) => {
  test.each(Object.keys(COMPRESSION))("%s, pass unchanged and are written down", { timeout: 60_000 }, async (how) => {
    const recorder = createRecorder();
    const port = await WAYS[way]?.(await echo(COMPRESSION[how] ?? false), recorder);
    const client = new WebSocket(`ws://127.0.0.1:${port}/live`, {
      headers: { host: "web.localhost" },
      perMessageDeflate: COMPRESSION[how] ?? false,
    });
    await new Promise((resolve, reject) => client.once("open", resolve).once("error", reject));
    const sent = conversation();
    const got: { data: Buffer; binary: boolean }[] = [];
    let came = () => {};
    client.on("message", (data, binary) => {
      got.push({ data: data as Buffer, binary });
      came();
    });
    const fragmented = sent.findIndex(({ data }) => data.length > 50);
    for (const [n, { data, binary }] of sent.entries()) {
      if (n === fragmented) {
        client.send(data.subarray(0, 20), { binary, fin: false });
        client.ping("still there?");
        client.send(data.subarray(20), { binary, fin: true });
      } else client.send(data, { binary });
      // In waves, so that the last thousand are of both directions.
      while (n % 50 === 49 && got.length <= n) {
        await new Promise<void>((resolve) => {
          came = resolve;
        });
      }
    }
    expect(got.map(({ data, binary }) => [hash(data), binary])).toEqual(
      sent.map(({ data, binary }) => [hash(data), binary]),
    );
    const closed = new Promise((resolve) => client.once("close", resolve));
    client.close(4000, "enough");
    await closed;

    const exchange = recorder.ring.get(1) as Exchange as HttpExchange;
    for (let n = 0; n < 200 && !settled(exchange); n++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(exchange).toMatchObject({ protocol: "http", status: 101, target: "/live", error: null });
    // 1,000 both ways, a ping and its pong, two closes.
    expect(exchange.messages?.total).toBe(2_004);
    const kept = exchange.messages?.kept ?? [];
    expect(kept).toHaveLength(1_000);
    expect(kept.filter(({ kind }) => kind === "close").map(({ data }) => data.readUInt16BE(0))).toEqual([4000, 4000]);
    for (const direction of ["up", "down"]) {
      const said = kept.filter(({ kind, way }) => way === direction && (kind === "text" || kind === "binary"));
      expect(said.length).toBeGreaterThan(100);
      const last = sent.slice(-said.length);
      expect(said.map(({ data, kind, size }) => [hash(data), kind === "binary", size])).toEqual(
        last.map(({ data, binary }) => [hash(data), binary, data.length]),
      );
    }
    expect(exchange.ended).not.toBeNull();
  });
});

function settled({ ended, messages }: HttpExchange): boolean {
  return ended !== null && (messages?.kept ?? []).every(({ data, size }) => data.length > 0 || size === 0);
}
