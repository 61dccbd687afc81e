import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { request } from "node:https";
import { type AddressInfo, connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { answerOf } from "../../../test/support/http2-client.ts";
import { type Authority, readAuthority } from "../../certificates/authority.ts";
import { createLeaves, type Leaves } from "../../certificates/leaves.ts";
import { fault, orThrow } from "../../fault/fault.ts";
import { headersFrames, PREFACE, settingsFrame, windowFrame } from "../../http2/frames.ts";
import { encodeField } from "../../http2/hpack-encoder.ts";
import { openDoor } from "../door.ts";
import { createRoutes, type Route } from "../upstream/routes.ts";
import { readServerName } from "./client-hello.ts";

let folder: string;
let leaves: Leaves;
let ca: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cove-tls-"));
  leaves = createLeaves({ stateFolder: folder, replaced: () => {} });
  orThrow(await leaves.leaf(null));
  ca = (readAuthority(folder) as Authority).root;
});
afterAll(async () => {
  await leaves.close();
  rmSync(folder, { recursive: true, force: true });
});

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A door with one service at web.localhost. */
async function doorTo(listener: RequestListener, more: Partial<Route> = {}) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const routes = createRoutes();
  const { port: upstream } = server.address() as AddressInfo;
  routes.set("web.localhost", {
    ...{ id: "shop/web", upstream: { host: "127.0.0.1", port: upstream }, state: "ready" },
    ...{ whenReady: async () => true, logTail: () => [], cause: () => null },
    ...more,
  });
  const door = orThrow(await openDoor({ port: 0, routes, certificateFor: (name) => leaves.leaf(name) }));
  open.push(async () => {
    await door.close();
    server.closeAllConnections();
    server.close();
  });
  return { door, port: door.port, server, upstream };
}

interface Ask {
  readonly name?: string;
  readonly path?: string;
  readonly method?: string;
  readonly body?: Buffer;
  readonly tls?: ConnectionOptions;
}

async function ask(port: number, { name = "web.localhost", body, tls, ...rest }: Ask = {}) {
  const sent = request({
    ...{ host: "127.0.0.1", port, ca, servername: name, agent: false, headers: { host: `${name}:${port}` } },
    ...tls,
    ...rest,
  });
  sent.end(body);
  const { promise, resolve, reject } = Promise.withResolvers<import("node:http").IncomingMessage>();
  sent.once("response", resolve);
  sent.once("error", reject);
  const response = await promise;
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

async function handshake(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port, ca, servername: "web.localhost", ...options });
  open.push(() => socket.destroy());
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("secureConnect", resolve);
  socket.once("error", reject);
  await promise;
  return socket;
}

describe("TLS on the door's port", () => {
  test("is decided by the first byte, and services learn of it", async () => {
    const { port } = await doorTo((req, res) => {
      const { "x-forwarded-proto": proto, forwarded, host } = req.headers;
      res.end(JSON.stringify({ proto, forwarded, host }));
    });
    const got = await ask(port);
    expect(JSON.parse(got.body.toString())).toEqual({
      proto: "https",
      forwarded: `for=127.0.0.1;host="web.localhost:${port}";proto=https`,
      host: `web.localhost:${port}`,
    });
    const plain = await fetch(`http://127.0.0.1:${port}/`, { headers: { host: `web.localhost:${port}` } }).catch(
      () => null,
    );
    expect(plain?.status).toBe(421);
  });

  test("each name has its certificate; addresses have one that names them", async () => {
    const { port } = await doorTo((_, res) => res.end());
    const named = await handshake(port);
    expect(named.getPeerCertificate().subjectaltname).toBe("DNS:web.localhost");
    expect([named.getProtocol(), named.alpnProtocol]).toEqual(["TLSv1.3", false]);
    // No SNI for addresses: node checks 127.0.0.1 against the certificate.
    const bare = await handshake(port, { servername: "" });
    expect(bare.getPeerCertificate().subjectaltname).toContain("IP Address:127.0.0.1");
    const offered = await handshake(port, { ALPNProtocols: ["h2", "http/1.1"] });
    expect(offered.alpnProtocol).toBe("h2");
    const old = await handshake(port, { maxVersion: "TLSv1.2" });
    expect(old.getProtocol()).toBe("TLSv1.2");
    await expect(handshake(port, { maxVersion: "TLSv1.1", minVersion: "TLSv1.1" })).rejects.toThrow();
  });

  test("a name without a service gets a certificate and the page that says so; one of others gets an alert", async () => {
    const { port } = await doorTo((_, res) => res.end());
    expect((await ask(port, { name: "nobody.localhost" })).status).toBe(421);
    await expect(handshake(port, { servername: "www.google.com" })).rejects.toThrow(/unrecognized name/i);
  });

  test("a ClientHello in many pieces, and requests right behind the handshake", async () => {
    const { port } = await doorTo((req, res) => res.end(req.url));
    const slow = connectTcp(port, "127.0.0.1");
    open.push(() => slow.destroy());
    // Byte by byte on the wire, as small records would come.
    const write = slow.write.bind(slow);
    slow.write = ((chunk: Buffer, ...rest: []) => {
      for (let at = 0; at < chunk.length; at += 50) write(chunk.subarray(at, at + 50));
      const done = rest.at(-1) as unknown;
      if (typeof done === "function") done();
      return true;
    }) as typeof slow.write;
    const socket = await handshake(port, { socket: slow });
    socket.write(
      `GET /1 HTTP/1.1\r\nHost: web.localhost:${port}\r\n\r\nGET /2 HTTP/1.1\r\nHost: web.localhost:${port}\r\n`,
    );
    socket.write("Connection: close\r\n\r\n");
    let got = "";
    for await (const chunk of socket) got += chunk;
    expect(got.match(/\/[12]$|\/1HTTP/gm)).toHaveLength(2);
  });

  test("bodies pass unchanged, both ways, whatever their size", { timeout: 60_000 }, async () => {
    const { port } = await doorTo((req, res) => {
      res.writeHead(200, req.headers["content-length"] === "0" ? {} : { "content-type": "application/octet-stream" });
      req.pipe(res);
    });
    for (const size of [0, 1, 16_000, 16_385, 70_000, 1 << 20, 5 << 20]) {
      const body = randomBytes(size);
      const got = await ask(port, { method: "POST", body });
      expect(got.body.equals(body), `${size}`).toBe(true);
    }
  });

  test("a response that breaks off is no whole one", async () => {
    const { port } = await doorTo((_, res) => {
      res.writeHead(200);
      res.write("half");
      setTimeout(() => res.destroy(), 20);
    });
    await expect(ask(port)).rejects.toThrow();
  });

  test("WebSocket goes through it", async () => {
    const { port, server } = await doorTo((_, res) => res.end());
    const sockets = new WebSocketServer({ server });
    sockets.on("connection", (socket) => socket.on("message", (data) => socket.send(data)));
    const socket = new WebSocket(`wss://127.0.0.1:${port}/`, {
      ...{ ca, servername: "web.localhost", headers: { host: `web.localhost:${port}` } },
    });
    open.push(() => socket.terminate());
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    const big = randomBytes(300_000);
    for (const data of [Buffer.from("hello"), big]) {
      socket.send(data);
      const [echoed] = (await once(socket, "message")) as [Buffer];
      expect(echoed.equals(data)).toBe(true);
    }
  });

  test("HTTP/2 goes through it, large bodies both ways", async () => {
    const { port } = await doorTo((req, res) => {
      res.setHeader("x-proto", String(req.headers["x-forwarded-proto"]));
      req.pipe(res);
    });
    const session = connectHttp2(`https://web.localhost:${port}`, {
      ca,
      createConnection: () =>
        connect({ host: "127.0.0.1", port, ca, servername: "web.localhost", ALPNProtocols: ["h2"] }),
    });
    open.push(() => session.destroy());
    const bodies = [0, 10, 5_000, 300_000, 3 << 20].map((size) => randomBytes(size));
    await Promise.all(
      bodies.map(async (body) => {
        const stream = session.request({ ":method": "POST", ":path": "/" });
        stream.end(body);
        const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
        expect([headers[":status"], headers["x-proto"]]).toEqual([200, "https"]);
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk as Buffer);
        expect(Buffer.concat(chunks).equals(body), `${body.length}`).toBe(true);
      }),
    );
  });

  test("a session is resumed by its ticket", async () => {
    const { port } = await doorTo((_, res) => res.end());
    const first = await handshake(port);
    const ticket = new Promise<Buffer>((resolve) => first.once("session", resolve));
    first.write(`GET / HTTP/1.1\r\nHost: web.localhost:${port}\r\n\r\n`);
    first.resume();
    const again = await handshake(port, { session: await ticket });
    expect([first.isSessionReused(), again.isSessionReused()]).toEqual([false, true]);
  });

  test("redirects of a service that takes its client for a plain one stay with TLS", async () => {
    const { port, upstream } = await doorTo((req, res) => {
      const own = req.url === "/own" ? `127.0.0.1:${upstream}` : req.headers.host;
      res.writeHead(302, {
        location: `http://${own}/next`,
        "set-cookie": "a=b; Secure",
        "strict-transport-security": "max-age=9",
      });
      res.end();
    });
    for (const path of ["/name", "/own"]) {
      const { headers } = await ask(port, { path });
      expect(headers.location).toBe(`//web.localhost:${port}/next`);
      expect(headers["set-cookie"]).toEqual([expect.stringContaining("a=b; Secure")]);
      expect(headers["strict-transport-security"]).toBeUndefined();
    }
  });

  test("a service that wants https alone has plain requests sent there", async () => {
    const { port } = await doorTo((_, res) => res.end("in"), { httpsOnly: true });
    const plain = connectTcp(port, "127.0.0.1");
    plain.end(`GET /a?b=c HTTP/1.1\r\nHost: web.localhost:${port}\r\nConnection: close\r\n\r\n`);
    let got = "";
    for await (const chunk of plain) got += chunk;
    expect(got).toMatch(/^HTTP\/1\.1 307 /);
    expect(got).toContain(`\r\nLocation: https://web.localhost:${port}/a?b=c\r\n`);
    expect((await ask(port)).body.toString()).toBe("in");
  });

  test("connections that are not TLS after all, or that end in the midst, leave nothing behind", async () => {
    const { port, door } = await doorTo((_, res) => res.end());
    for (const bytes of [
      [0x16],
      [0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5],
      [0x16, 0x16, 0x16, 0x16, 0x16, 0x16],
      [0x16, 3, 1, 0x40, 1],
    ]) {
      const socket = connectTcp(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.end(Buffer.from(bytes));
      socket.resume();
      await new Promise((resolve) => socket.once("close", resolve));
    }
    const cut = await handshake(port);
    cut.destroy();
    await expect.poll(() => door.connections()).toBe(0);
    const closing = door.close();
    await closing;
  });
});

test("a certificate that can't be made ends the handshake", async () => {
  const door = orThrow(
    await openDoor({ port: 0, routes: createRoutes(), certificateFor: async () => fault("CERTIFICATE_FAILED", "no") }),
  );
  open.push(() => door.close());
  await expect(handshake(door.port)).rejects.toThrow(/internal error/i);
  await expect.poll(() => door.connections()).toBe(0);
});

describe("a ClientHello's server name", () => {
  test.each<[string, number[], ReturnType<typeof readServerName>]>([
    ["one byte", [0x16], "more"],
    ["a record without its rest", [0x16, 3, 1, 0, 100, 1, 0, 0, 90], "more"],
    ["no handshake", [0x17, 3, 1, 0, 5, 1, 0, 0, 1, 0], { name: null }],
    ["another message", [0x16, 3, 1, 0, 5, 2, 0, 0, 1, 0], { name: null }],
    ["an empty record", [0x16, 3, 1, 0, 0], { name: null }],
    ["a message that is too long", [0x16, 3, 1, 0, 5, 1, 0xff, 0, 1, 0], { name: null }],
    ["one cut off within", [0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3], { name: null }],
  ])("%s", (_, bytes, said) => {
    expect(readServerName(Buffer.from(bytes))).toEqual(said);
  });

  test("random bytes are never fatal", () => {
    for (let n = 0; n < 20_000; n++) {
      const body = randomBytes(4 + (n % 120));
      const head = [0x16, 3, 1, 0, body.length, 1, 0, 0, body.length - 4];
      expect(() =>
        readServerName(Buffer.concat([Buffer.from(head.slice(0, 5)), Buffer.from(head.slice(5)), body.subarray(4)])),
      ).not.toThrow();
    }
  });
});

test.each(["http/1.1", "h2"])("a client that takes nothing stops its service: %s", async (protocol) => {
  let sent = 0;
  const { port } = await doorTo((_, res) => {
    const piece = Buffer.alloc(256 * 1024, "x");
    const more = () => {
      while (sent < 400_000_000) {
        sent += piece.length;
        if (!res.write(piece)) return void res.once("drain", more);
      }
      res.end();
    };
    more();
  });
  const socket = await handshake(port, { ALPNProtocols: [protocol] });
  socket.pause();
  const block = ["GET", "http", "/", "web.localhost"].map((value, n) =>
    encodeField([":method", ":scheme", ":path", ":authority"][n] ?? "", value),
  );
  // A window that would take all of it.
  const settings = settingsFrame([[4, 0x7fff_ffff]]) + windowFrame(0, 0x7fff_0000);
  const http2 = PREFACE + settings + headersFrames(block.join(""), 1, true, 16_384);
  socket.write(protocol === "h2" ? http2 : `GET / HTTP/1.1\r\nHost: web.localhost:${port}\r\n\r\n`, "latin1");
  await expect.poll(() => sent).toBeGreaterThan(0);
  let before = -1;
  // Until it stands still.
  for (let still = 0; still < 5; still = sent === before ? still + 1 : 0) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(sent).toBeLessThan(60_000_000);
});

test("speaks HTTP/2 where ALPN agrees on it: large bodies both ways, many at once, and https in what services are told", async () => {
  const { port } = await doorTo(async (req, res) => {
    let size = 0;
    for await (const part of req) size += part.length;
    res.setHeader("x-proto", String(req.headers["x-forwarded-proto"]));
    res.end(req.method === "GET" ? "y".repeat(2_000_000) : String(size));
  });
  const socket = await handshake(port, { ALPNProtocols: ["h2", "http/1.1"] });
  expect(socket.alpnProtocol).toBe("h2");
  const session = connectHttp2("https://web.localhost", { createConnection: () => socket });
  open.push(() => session.destroy());
  const answers = Array.from({ length: 20 }, (_, n) => {
    const method = n % 2 === 0 ? "GET" : "POST";
    const stream = session.request({ ":method": method, ":authority": `web.localhost:${port}`, ":path": "/" });
    const answered = answerOf(stream);
    stream.end(method === "GET" ? undefined : Buffer.alloc(1_000_000));
    return answered;
  });
  for (const [n, { status, headers, body }] of (await Promise.all(answers)).entries()) {
    expect([status, headers["x-proto"]]).toEqual([200, "https"]);
    expect(n % 2 === 0 ? body.length : body).toBe(n % 2 === 0 ? 2_000_000 : "1000000");
  }
});
