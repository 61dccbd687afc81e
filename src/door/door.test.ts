import { createHash, randomBytes } from "node:crypto";
import { Agent, createServer, type IncomingMessage, type RequestListener, request, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { fault, orThrow } from "../fault/fault.ts";
import { type Door, openDoor } from "./door.ts";
import { createRoutes, type Route } from "./upstream/routes.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function service(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

function route(port: number, more: Partial<Route> = {}): Route {
  return {
    id: "shop/web",
    upstream: { host: "127.0.0.1", port },
    state: "ready",
    whenReady: async () => true,
    logTail: () => [],
    cause: () => null,
    ...more,
  };
}

async function door(names: Record<string, Route>, startWait?: number): Promise<Door> {
  const routes = createRoutes();
  for (const [name, to] of Object.entries(names)) routes.set(name, to);
  const opened = orThrow(await openDoor({ port: 0, routes, ...(startWait !== undefined && { startWait }) }));
  open.push(() => opened.close());
  return opened;
}

interface Got {
  status: number;
  headers: IncomingMessage["headers"];
  trailers: IncomingMessage["trailers"];
  body: Buffer;
}

type Ask = {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: Buffer | string;
  agent?: Agent;
  host?: string;
};

function ask(port: number, name: string, { body, headers, host = "127.0.0.1", ...rest }: Ask = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host, port, agent: rest.agent ?? false, ...rest, headers: { host: `${name}:${port}`, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            trailers: response.trailers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Sends bytes and gives back all that came until the door closes. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let got = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text, "latin1"));
    socket.on("data", (chunk) => {
      got += chunk.toString("latin1");
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(got));
  });
}

describe("the door", () => {
  test("finds a service by exact name, wildcard, any case, on both loopback addresses", async () => {
    const web = await service((_, res) => res.end("web"));
    const any = await service((_, res) => res.end("any"));
    const at = await door({ "web.localhost": route(portOf(web)), "*.web.localhost": route(portOf(any)) });
    expect((await ask(at.port, "web.localhost")).body.toString()).toBe("web");
    expect((await ask(at.port, "WEB.Localhost.")).body.toString()).toBe("web");
    expect((await ask(at.port, "a.b.web.localhost")).body.toString()).toBe("any");
    if (at.addresses.length > 1)
      expect((await ask(at.port, "web.localhost", { host: "::1" })).body.toString()).toBe("web");
  });

  test("says which names exist where one does not, as a page or as JSON", async () => {
    const at = await door({ "web.localhost": route(1) });
    const page = await ask(at.port, "wep.localhost", { headers: { accept: "text/html,*/*" } });
    expect(page.status).toBe(421);
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(page.body.toString()).toContain(`//web.localhost:${at.port}/`);
    const json = await ask(at.port, "wep.localhost", { headers: { accept: "application/json" } });
    expect(JSON.parse(json.body.toString()).error).toMatchObject({
      fault: "NAME_UNKNOWN",
      hint: "did you mean web.localhost?",
    });
  });

  test("takes a name for itself only with its own port", async () => {
    const web = await service((_, res) => res.end("web"));
    const at = await door({ "web.localhost": route(portOf(web)) });
    expect((await ask(at.port, "x", { headers: { host: "web.localhost:1" } })).status).toBe(421);
    expect((await ask(at.port, "x", { headers: { host: "web.localhost" } })).status).toBe(200);
    expect((await ask(at.port, "x", { headers: { host: `0.0.0.0:${at.port}` } })).status).toBe(421);
  });

  test("holds a request until its service is ready", async () => {
    const web = await service((req, res) => req.pipe(res));
    let state: Route["state"] = "starting";
    let ready: (value: boolean) => void = () => {};
    const whenReady = () => new Promise<boolean>((resolve) => (ready = resolve));
    const slow: Route = { ...route(portOf(web)), whenReady };
    Object.defineProperty(slow, "state", { get: () => state });
    const at = await door({ "web.localhost": slow });
    const asked = ask(at.port, "web.localhost", { method: "POST", body: randomBytes(300_000) });
    setTimeout(() => {
      state = "ready";
      ready(true);
    }, 100);
    const got = await asked;
    expect(got.status).toBe(200);
    expect(got.body.length).toBe(300_000);
  });

  test("answers 503 with the log's tail when the wait is over, 502 with the cause when the service is down", async () => {
    const waiting = route(1, {
      state: "starting",
      whenReady: () => new Promise(() => {}),
      logTail: () => ["\x1b[31mcompiling <app>\x1b[0m"],
    });
    const down = route(1, { state: "down", cause: () => fault("CRASH_LOOP", "web ended with exit code 1") });
    const at = await door({ "slow.localhost": waiting, "down.localhost": down }, 50);
    const page = await ask(at.port, "slow.localhost", { headers: { accept: "text/html" } });
    expect(page.status).toBe(503);
    expect(page.headers["retry-after"]).toBe("1");
    expect(page.body.toString()).toContain("compiling &lt;app&gt;");
    const json = await ask(at.port, "down.localhost");
    expect(json.status).toBe(502);
    expect(JSON.parse(json.body.toString()).error.message).toBe("web ended with exit code 1");
  });

  test("names who holds its port", async () => {
    const web = await service((_, res) => res.end());
    const taken = await openDoor({ port: portOf(web), routes: createRoutes() });
    expect(taken).toMatchObject({ fault: "PORT_TAKEN", detail: { pid: process.pid } });
  });
});

describe("requests and responses", () => {
  test("carry large bodies both ways unchanged, sized and chunked", { timeout: 120_000 }, async () => {
    const echo = await service((req, res) => {
      if (req.headers["content-length"]) res.setHeader("content-length", req.headers["content-length"]);
      req.pipe(res);
    });
    const at = await door({ "web.localhost": route(portOf(echo)) });
    const block = randomBytes(1 << 20);
    const count = 128;
    for (const sized of [true, false]) {
      const sum = createHash("sha256");
      const back = createHash("sha256");
      await new Promise<void>((resolve, reject) => {
        const headers = {
          host: `web.localhost:${at.port}`,
          ...(sized && { "content-length": String(block.length * count) }),
        };
        const sent = request(
          { host: "127.0.0.1", port: at.port, method: "POST", headers, agent: false },
          (response) => {
            response.on("data", (chunk: Buffer) => back.update(chunk));
            response.on("end", resolve);
            response.on("error", reject);
          },
        );
        sent.on("error", reject);
        let n = 0;
        const write = () => {
          while (n < count) {
            n++;
            sum.update(block);
            if (!sent.write(block)) return void sent.once("drain", write);
          }
          sent.end();
        };
        write();
      });
      expect(back.digest("hex")).toBe(sum.digest("hex"));
    }
  });

  test("wait for a slow reader without filling memory", { timeout: 60_000 }, async () => {
    const size = 400 << 20;
    let written = 0;
    const block = Buffer.alloc(1 << 20);
    const web = await service((_, res) => {
      res.setHeader("content-length", size);
      const write = () => {
        while (written < size) {
          written += block.length;
          if (!res.write(block)) return void res.once("drain", write);
        }
        res.end();
      };
      write();
    });
    const at = await door({ "web.localhost": route(portOf(web)) });
    const socket = connect(at.port, "127.0.0.1");
    open.push(() => socket.destroy());
    socket.pause();
    socket.write("GET / HTTP/1.1\r\nHost: web.localhost\r\n\r\n");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    // Kernel buffers on four sockets, and no more than a few reads in between.
    expect(written).toBeLessThan(64 << 20);
  });

  test("keep connections alive on both sides", async () => {
    const ports = new Set<number | undefined>();
    const web = await service((req, res) => {
      ports.add(req.socket.remotePort);
      res.end("x");
    });
    const at = await door({ "web.localhost": route(portOf(web)) });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    open.push(() => agent.destroy());
    for (let n = 0; n < 20; n++) await ask(at.port, "web.localhost", { agent });
    expect(ports.size).toBe(1);
    expect(at.connections()).toBe(1);
  });

  test("repeated on one connection are each answered for what they are", async () => {
    const seen: string[] = [];
    const echo = await service((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.cookie ?? ""}`.trim());
      // A fixed date: the same response head each time, but for another length of the body.
      response.setHeader("Date", "Mon, 23 Nov 2026 00:00:00 GMT");
      response.end(request.method === "HEAD" ? "" : `${request.url}`.padEnd(12, "."));
    });
    const { port } = await door({ "web.localhost": route(portOf(echo)) });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    open.push(() => agent.destroy());
    const asked = [
      ["GET", "/a", "x=1"],
      ["GET", "/a", "x=1"],
      ["GET", "/b", "x=1"],
      ["HEAD", "/b", "x=1"],
      ["GET", "/b", "x=2"],
      ["GET", "/longer-than-twelve", "x=2"],
      ["DELETE", "/b", "x=2"],
    ] as const;
    for (const [method, path, cookie] of asked) {
      const got = await ask(port, "web.localhost", { agent, method, path, headers: { cookie } });
      expect(got.body.toString()).toBe(method === "HEAD" ? "" : path.padEnd(12, "."));
    }
    expect(seen).toEqual(asked.map((one) => one.join(" ")));
  });

  test("have no bodies for HEAD, 204 and 304", async () => {
    const web = await service((req, res) => {
      if (req.url === "/304") res.writeHead(304, { etag: '"a"', "content-length": "5" }).end();
      else if (req.url === "/204") res.writeHead(204).end();
      else res.writeHead(200, { "content-length": "5" }).end(req.method === "HEAD" ? undefined : "hello");
    });
    const at = await door({ "web.localhost": route(portOf(web)) });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    open.push(() => agent.destroy());
    const head = await ask(at.port, "web.localhost", { method: "HEAD", agent });
    expect([head.status, head.headers["content-length"], head.body.length]).toEqual([200, "5", 0]);
    expect((await ask(at.port, "web.localhost", { path: "/204", agent })).status).toBe(204);
    expect((await ask(at.port, "web.localhost", { path: "/304", agent })).status).toBe(304);
    expect((await ask(at.port, "web.localhost", { agent })).body.toString()).toBe("hello");
  });

  test("pass 100-continue, early hints and trailers on", async () => {
    const web = createServer((req, res) => {
      res.writeEarlyHints({ link: "</a.css>; rel=preload" });
      res.writeHead(200, { trailer: "x-sum" });
      req.on("data", (chunk) => res.write(chunk));
      req.on("end", () => {
        res.addTrailers({ "x-sum": String(req.trailers["x-in"]) });
        res.end();
      });
    });
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    open.push(() => web.close());
    const at = await door({ "web.localhost": route(portOf(web)) });
    const seen: string[] = [];
    const got = await new Promise<Got>((resolve, reject) => {
      const sent = request(
        {
          host: "127.0.0.1",
          port: at.port,
          method: "POST",
          agent: false,
          headers: { host: "web.localhost", expect: "100-continue", trailer: "x-in" },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () =>
            resolve({
              status: 200,
              headers: response.headers,
              trailers: response.trailers,
              body: Buffer.concat(chunks),
            }),
          );
        },
      );
      sent.on("error", reject);
      sent.on("information", (info) => seen.push(String(info.statusCode)));
      sent.on("continue", () => {
        seen.push("continue");
        sent.write("hello");
        sent.addTrailers({ "x-in": "5" });
        sent.end();
      });
      sent.flushHeaders();
    });
    expect(got.body.toString()).toBe("hello");
    expect(got.trailers["x-sum"]).toBe("5");
    expect(seen).toEqual(expect.arrayContaining(["continue", "103"]));
  });

  test("stream events as they come", async () => {
    const web = await service((_, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      let n = 0;
      const timer = setInterval(() => res.write(`data: ${n++}\n\n`), 20);
      res.on("close", () => clearInterval(timer));
    });
    const at = await door({ "web.localhost": route(portOf(web)) });
    const socket = connect(at.port, "127.0.0.1");
    let got = "";
    socket.on("data", (chunk) => {
      got += chunk;
    });
    socket.write("GET / HTTP/1.1\r\nHost: web.localhost\r\n\r\n");
    await expect.poll(() => got, { timeout: 5_000 }).toContain("data: 3");
    socket.destroy();
    await expect.poll(() => at.connections(), { timeout: 5_000 }).toBe(0);
  });

  test("serve HTTP/1.0 clients, and services that only a close ends", async () => {
    const web = await service((_, res) => res.write("a") && res.end("b"));
    const old = createTcpServer((socket) => {
      socket.once("data", () => socket.end("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end"));
    });
    await new Promise<void>((resolve) => old.listen(0, "127.0.0.1", resolve));
    open.push(() => old.close());
    const at = await door({ "web.localhost": route(portOf(web)), "old.localhost": route(portOf(old)) });
    const answer = await raw(at.port, "GET / HTTP/1.0\r\nHost: web.localhost\r\n\r\n");
    expect(answer).not.toMatch(/transfer-encoding/i);
    expect(answer).toMatch(/\r\n\r\nab$/);
    expect((await ask(at.port, "old.localhost")).body.toString()).toBe("until the end");
  });

  test("say the Host that a service insists on, and the name in the forwarding fields", async () => {
    const seen: IncomingMessage["headers"][] = [];
    const web = await service((req, res) => {
      seen.push(req.headers);
      res.end();
    });
    const at = await door({
      "strict.localhost": { ...route(portOf(web)), hostField: "localhost" },
      "web.localhost": route(portOf(web)),
    });
    for (const name of ["strict.localhost", "web.localhost"]) await ask(at.port, name);
    expect(seen.map(({ host }) => host)).toEqual(["localhost", `web.localhost:${at.port}`]);
    expect(seen[0]?.["x-forwarded-host"]).toBe(`strict.localhost:${at.port}`);
  });

  test("keep a redirect to the service's own port at the name", async () => {
    let location = "";
    const web = await service((_, res) => {
      res.writeHead(301, { location, "x-after": "1" }).end();
    });
    const own = portOf(web);
    const at = await door({ "web.localhost": route(own), "strict.localhost": { ...route(own), hostField: "strict" } });
    const sent = async (to: string, name = "web.localhost") => {
      location = to;
      const { headers } = await ask(at.port, name);
      expect(headers["x-after"]).toBe("1");
      return headers.location;
    };
    const here = `//web.localhost:${at.port}`;
    expect(await sent(`http://web.localhost:${own}/about/?a=1`)).toBe(`${here}/about/?a=1`);
    expect(await sent(`http://LOCALHOST:${own}`)).toBe(here);
    expect(await sent(`//127.0.0.1:${own}//elsewhere.test/$&`)).toBe(`${here}//elsewhere.test/$&`);
    expect(await sent(`http://[::1]:${own}/`)).toBe(`${here}/`);
    expect(await sent("http://strict/in", "strict.localhost")).toBe(`//strict.localhost:${at.port}/in`);
    const others = ["/a", `http://web.localhost:${at.port}/`, `http://elsewhere.test:${own}/`, `http://localhost:1/`];
    for (const to of [...others, `https://localhost:${own}/`, `http://a@localhost:${own}/`]) {
      expect(await sent(to)).toBe(to);
    }
  });

  test("drop what belongs to one hop, and HSTS", async () => {
    let headers: IncomingMessage["headers"] = {};
    const web = await service((req, res) => {
      headers = req.headers;
      res.writeHead(200, { "strict-transport-security": "max-age=1", "keep-alive": "timeout=5", "x-kept": "1" }).end();
    });
    const at = await door({ "web.localhost": route(portOf(web)) });
    const got = await ask(at.port, "web.localhost", {
      headers: { connection: "keep-alive, x-hop", "x-hop": "1", "x-kept": "2", te: "trailers, gzip" },
    });
    expect(headers["x-hop"]).toBeUndefined();
    expect(headers).toMatchObject({ "x-kept": "2", te: "trailers", "x-forwarded-host": `web.localhost:${at.port}` });
    expect(got.headers["strict-transport-security"]).toBeUndefined();
    expect(got.headers["x-kept"]).toBe("1");
  });
});

describe("when a side goes away", () => {
  test("a request on a connection that its service is just closing is sent again", async () => {
    let connections = 0;
    const web = createTcpServer((socket) => {
      connections++;
      let answered = 0;
      socket.on("error", () => {});
      socket.on("data", () => {
        // The second request of a connection finds it closed, without an answer.
        if (answered++ > 0) socket.destroy();
        else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      });
    });
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    open.push(() => web.close());
    const at = await door({ "web.localhost": route(portOf(web)) });
    expect((await ask(at.port, "web.localhost")).status).toBe(200);
    expect((await ask(at.port, "web.localhost")).status).toBe(200);
    expect(connections).toBe(2);
    // POST may have taken effect: nobody but its sender may repeat it.
    expect((await ask(at.port, "web.localhost", { method: "POST", body: "x" })).status).toBe(502);
  });

  test("a response that breaks off is never taken for whole", async () => {
    const web = createTcpServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"));
    });
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    open.push(() => web.close());
    const at = await door({ "web.localhost": route(portOf(web)) });
    await expect(ask(at.port, "web.localhost")).rejects.toThrow(/aborted|socket hang up|ECONNRESET/);
  });

  test("an answer that is no HTTP is a 502", async () => {
    const web = createTcpServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end("hello\r\n\r\n"));
    });
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    open.push(() => web.close());
    const at = await door({ "web.localhost": route(portOf(web)) });
    expect((await ask(at.port, "web.localhost")).status).toBe(502);
  });

  test("a client that leaves ends its request at the service", async () => {
    let left = false;
    const web = await service((req, res) => {
      res.write("x");
      req.on("close", () => (left = true));
    });
    const at = await door({ "web.localhost": route(portOf(web)) });
    const socket = connect(at.port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nHost: web.localhost\r\n\r\n"));
    socket.once("data", () => socket.destroy());
    await expect.poll(() => left, { timeout: 15_000 }).toBe(true);
  });

  test("a service that does not listen is down", async () => {
    const web = await service(() => {});
    const port = portOf(web);
    await new Promise((resolve) => web.close(resolve));
    const at = await door({ "web.localhost": route(port) });
    const got = await ask(at.port, "web.localhost");
    expect(got.status).toBe(502);
    expect(JSON.parse(got.body.toString()).error.fault).toBe("UPSTREAM_DOWN");
  });
});

describe("upgrades", () => {
  test("carry WebSocket messages of any size both ways", { timeout: 60_000 }, async () => {
    const web = await service((_, res) => res.end());
    const sockets = new WebSocketServer({ server: web, maxPayload: 1 << 26 });
    sockets.on("connection", (socket) => socket.on("message", (data, binary) => socket.send(data, { binary })));
    const at = await door({ "web.localhost": route(portOf(web)) });
    const client = new WebSocket(`ws://127.0.0.1:${at.port}/`, { headers: { host: "web.localhost" } });
    await new Promise((resolve, reject) => client.once("open", resolve).once("error", reject));
    for (const size of [0, 1, 125, 126, 65_535, 65_536, 8 << 20]) {
      const sent = randomBytes(size);
      const got = new Promise<Buffer>((resolve) => client.once("message", (data) => resolve(data as Buffer)));
      client.send(sent);
      expect((await got).equals(sent)).toBe(true);
    }
    const closed = new Promise<number>((resolve) => client.once("close", resolve));
    client.close(4000);
    expect(await closed).toBe(4000);
    sockets.close();
  });

  test("that a service refuses are ordinary responses", async () => {
    const web = createServer();
    web.on("upgrade", (_, socket) => socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"));
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    open.push(() => web.close());
    const at = await door({ "web.localhost": route(portOf(web)) });
    const client = new WebSocket(`ws://127.0.0.1:${at.port}/`, { headers: { host: "web.localhost" } });
    const status = await new Promise((resolve) =>
      client.once("unexpected-response", (_, response) => resolve(response.statusCode)),
    );
    client.on("error", () => {});
    client.terminate();
    expect(status).toBe(403);
  });
});
