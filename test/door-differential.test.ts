import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openDoor } from "../src/door/door.ts";
import { createRoutes } from "../src/door/upstream/routes.ts";
import { orThrow } from "../src/fault/fault.ts";
import { plainRoute } from "./support/plain-route.ts";

const CONNECTIONS = 4_000;
const AT_ONCE = 40;
const HOST = "Host: a.localhost\r\n";

const SEEDS = [
  `GET /x?y=1 HTTP/1.1\r\n${HOST}Accept: */*\r\nCookie: a=b\r\n\r\n`,
  `POST /x HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello`,
  `POST /x HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;a=b\r\nabc\r\n0\r\n\r\n`,
  `PUT /x HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n1\r\nz\r\n0\r\nX-Sum: 1\r\n\r\n`,
  `GET http://a.localhost/abs HTTP/1.1\r\nHost: b.localhost\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\n\r\n`,
  `HEAD / HTTP/1.0\r\n${HOST}Connection: keep-alive\r\n\r\nGET /second HTTP/1.1\r\n${HOST}\r\n`,
];
/** What request smuggling is made of. */
const PIECES = [
  "\r",
  "\n",
  "\r\n",
  "\r\n\r\n",
  " ",
  "\t",
  "\0",
  "\x0b",
  ":",
  ",",
  ";",
  "_",
  "\x7f",
  "\x80",
  "0",
  "5",
  "+",
  "0x",
  "chunked",
  "identity",
  "Content-Length: 3\r\n",
  "Content-Length: 0\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Transfer-Encoding : chunked\r\n",
  "transfer-encoding: x\r\n",
  "Connection: close\r\n",
  "Connection: transfer-encoding\r\n",
  "Expect: 100-continue\r\n",
  "Upgrade: websocket\r\n",
  "0\r\n\r\n",
  "GET /smuggled HTTP/1.1\r\nHost: a.localhost\r\n\r\n",
  " HTTP/1.1",
];

/** A method that llhttp has no number for is a method all the same; a body that the door cuts short is no misreading. */
const HARMLESS = new Set(["HPE_INVALID_METHOD", "HPE_INVALID_EOF_STATE"]);

/** A small seeded generator (mulberry32), so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

test("what the door lets through, llhttp's strict mode reads as the same number of requests", {
  timeout: 120_000,
}, async () => {
  const seed = Number(process.env.COVE_TEST_SEED ?? Date.now() % 1_000_000);
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

  // The first header that a mutation may not touch says whose request it is: the door passes unknown ones on.
  const wrong: string[] = [];
  let served = 0;
  const upstream = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      served++;
      response.end("ok");
    });
  });
  upstream.on("clientError", (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket) => {
    if (error.code?.startsWith("HPE_") && !HARMLESS.has(error.code)) {
      wrong.push(
        `${error.code}: ${JSON.stringify(error.rawPacket?.toString("latin1").replace(/X-Forwarded.*?Via/s, "Via"))}`,
      );
    }
    socket.destroy();
  });
  upstream.on("upgrade", (_, socket) => {
    served++;
    socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
  });
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    upstream.closeAllConnections();
    upstream.close();
  });
  const routes = createRoutes();
  routes.set("a.localhost", plainRoute("t/a", { host: "127.0.0.1", port: (upstream.address() as AddressInfo).port }));
  const door = orThrow(await openDoor({ port: 0, routes }));
  onTestFinished(() => door.close());

  function mutated(): string {
    let text = pick(SEEDS);
    for (let n = Math.floor(random() * 3); n >= 0; n--) {
      const at = Math.floor(random() * text.length);
      const cut = random() < 0.3 ? Math.floor(random() * 4) : 0;
      text = text.slice(0, at) + pick(PIECES) + text.slice(at + cut);
    }
    return text;
  }

  let answered = 0;
  for (let done = 0; done < CONNECTIONS; done += AT_ONCE) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        const raw = mutated();
        const text = await new Promise<string>((resolve) => {
          let got = "";
          const socket = connect(door.port, "127.0.0.1");
          const timer = setTimeout(() => socket.destroy(), 400);
          socket.on("data", (chunk) => {
            got += chunk.toString("latin1");
          });
          socket.on("error", () => {});
          socket.on("close", () => {
            clearTimeout(timer);
            resolve(got);
          });
          socket.end(raw, "latin1");
        });
        answered += [...text.matchAll(/HTTP\/1\.1 200 OK/g)].length;
      }),
    );
  }
  expect(wrong, `COVE_TEST_SEED=${seed}`).toEqual([]);
  // Whoever is served was answered, and nobody twice: no request hid in another one.
  expect(answered).toBeGreaterThan(CONNECTIONS / 10);
  expect(served - answered, `COVE_TEST_SEED=${seed}`).toBeLessThanOrEqual(CONNECTIONS / 50);
  expect(answered - served, `COVE_TEST_SEED=${seed}`).toBeLessThanOrEqual(0);
});
