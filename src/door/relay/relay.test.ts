import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { orThrow } from "../../fault/fault.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { openRelay, type Relay } from "./relay.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function service(onSocket: (socket: Socket) => void, at: { port?: number; path?: string } = {}): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) =>
    server.listen(at.path ?? { host: "127.0.0.1", port: at.port ?? 0 }, () => resolve()),
  );
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

async function relay(to: () => Upstream | null): Promise<Relay> {
  const opened = orThrow(await openRelay({ listen: { host: "127.0.0.1", port: 0 }, to }));
  open.push(() => opened.close());
  return opened;
}

const toPort = (port: number) => () => ({ host: "127.0.0.1", port });

function dial(to: Relay): Socket {
  const socket = connect({ ...to.address, allowHalfOpen: true });
  open.push(() => socket.destroy());
  return socket;
}

describe("a relay", () => {
  test("carries bulk both ways at once, unchanged", { timeout: 120_000 }, async () => {
    const echo = await service((socket) => socket.pipe(socket));
    const through = await relay(toPort(portOf(echo)));
    const socket = dial(through);
    const block = randomBytes(1 << 20);
    const sent = createHash("sha256");
    const got = createHash("sha256");
    let bytes = 0;
    socket.on("data", (chunk: Buffer) => {
      got.update(chunk);
      bytes += chunk.length;
    });
    const ended = new Promise((resolve) => socket.once("end", resolve));
    for (let n = 0; n < 256; n++) {
      sent.update(block);
      if (!socket.write(block)) await new Promise((resolve) => socket.once("drain", resolve));
    }
    socket.end();
    await ended;
    expect(bytes).toBe(256 << 20);
    expect(got.digest("hex")).toBe(sent.digest("hex"));
    expect(through.stats()).toMatchObject({ bytesUp: 256 << 20, bytesDown: 256 << 20 });
  });

  test("passes a half-close on: the answer comes after the question's end", async () => {
    const late = await service((socket) => {
      let question = "";
      socket.on("data", (chunk) => (question += chunk));
      socket.on("end", () => socket.end(`you said ${question}`));
    });
    const socket = dial(await relay(toPort(portOf(late))));
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk));
    socket.end("hello");
    await new Promise((resolve) => socket.once("end", resolve));
    expect(answer).toBe("you said hello");
  });

  test("resets a client whose service does not listen, or is nowhere", async () => {
    const gone = await service(() => {});
    const port = portOf(gone);
    await new Promise((resolve) => gone.close(resolve));
    for (const to of [toPort(port), () => null]) {
      const socket = dial(await relay(to));
      const error = await new Promise<NodeJS.ErrnoException>((resolve) => socket.once("error", resolve));
      expect(error.code).toBe("ECONNRESET");
    }
  });

  test("finds a service that came back on its port", async () => {
    const first = await service((socket) => socket.end("first"));
    const port = portOf(first);
    const through = await relay(toPort(port));
    expect(await closing(through)).toBe("first");
    await new Promise((resolve) => first.close(resolve));
    await service((socket) => socket.end("second"), { port });
    expect(await closing(through)).toBe("second");
  });

  test("reaches a service on a Unix socket", async () => {
    const path = join(tmpdir(), `cove-relay-${process.pid}.sock`);
    open.push(() => rmSync(path, { force: true }));
    await service((socket) => socket.end("by path"), { path });
    expect(await closing(await relay(() => ({ path })))).toBe("by path");
  });

  test("serves five hundred connections at once and counts them", { timeout: 60_000 }, async () => {
    const echo = await service((socket) => socket.pipe(socket));
    const through = await relay(toPort(portOf(echo)));
    const sockets = await Promise.all(
      Array.from({ length: 500 }, async (_, n) => {
        const socket = dial(through);
        const answer = new Promise<string>((resolve) => socket.once("data", (chunk) => resolve(String(chunk))));
        socket.write(`${n}`);
        expect(await answer).toBe(`${n}`);
        return socket;
      }),
    );
    expect(through.stats().connections).toBe(500);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => through.stats().connections, { timeout: 10_000 }).toBe(0);
  });

  test("keeps the bytes of many connections apart, read in any rhythm", { timeout: 60_000 }, async () => {
    const echo = await service((socket) => socket.pipe(socket));
    const through = await relay(toPort(portOf(echo)));
    await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        const socket = dial(through);
        const sent = createHash("sha256");
        const got = createHash("sha256");
        socket.on("data", (chunk: Buffer) => {
          got.update(chunk);
          // Every third reader stops now and then, so that writes to it have to wait.
          if (n % 3 !== 0) return;
          socket.pause();
          setTimeout(() => socket.resume(), 5);
        });
        const ended = new Promise((resolve) => socket.once("end", resolve));
        for (let turn = 0; turn < 60; turn++) {
          const block = randomBytes([1, 700, 16 * 1024, 16 * 1024 + 1, 90_000][(n + turn) % 5] ?? 1);
          sent.update(block);
          if (!socket.write(block)) await new Promise((resolve) => socket.once("drain", resolve));
          if (turn % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
        }
        socket.end();
        await ended;
        expect(got.digest("hex")).toBe(sent.digest("hex"));
      }),
    );
  });

  test("tells each side when the other breaks off", async () => {
    const ends: (string | undefined)[] = [];
    const fragile = await service((socket) => {
      socket.on("error", (error: NodeJS.ErrnoException) => ends.push(error.code));
      socket.once("data", (chunk) => {
        if (String(chunk) === "break") socket.resetAndDestroy();
        else socket.write("more?");
      });
    });
    const through = await relay(toPort(portOf(fragile)));
    const broken = dial(through);
    broken.write("break");
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => broken.once("error", resolve));
    expect(error.code).toBe("ECONNRESET");

    const breaking = dial(through);
    breaking.write("go on");
    await new Promise((resolve) => breaking.once("data", resolve));
    breaking.resetAndDestroy();
    await expect.poll(() => ends, { timeout: 10_000 }).toEqual(["ECONNRESET"]);
    await expect.poll(() => through.stats().connections, { timeout: 10_000 }).toBe(0);
  });

  test("waits for a service that does not read", { timeout: 60_000 }, async () => {
    const deaf = await service((socket) => socket.pause());
    const socket = dial(await relay(toPort(portOf(deaf))));
    let written = 0;
    const block = Buffer.alloc(1 << 20);
    const write = () => {
      while (written < 512 << 20) {
        written += block.length;
        if (!socket.write(block)) return void socket.once("drain", write);
      }
    };
    write();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    // What the kernel's socket buffers hold, and a few reads.
    expect(written).toBeLessThan(64 << 20);
  });

  test("waits for a reader that does not read", { timeout: 60_000 }, async () => {
    let written = 0;
    const block = Buffer.alloc(1 << 20);
    const flood = await service((socket) => {
      const write = () => {
        while (written < 512 << 20) {
          written += block.length;
          if (!socket.write(block)) return void socket.once("drain", write);
        }
      };
      write();
    });
    const socket = dial(await relay(toPort(portOf(flood))));
    socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    // What the kernel's socket buffers hold, and a few reads.
    expect(written).toBeLessThan(64 << 20);
  });

  test("names who holds its address, and frees it at its end", async () => {
    const taken = await service(() => {});
    const listen = { host: "127.0.0.1", port: portOf(taken) };
    expect(await openRelay({ listen, to: () => null })).toMatchObject({
      fault: "PORT_TAKEN",
      detail: { pid: process.pid },
    });
    await new Promise((resolve) => taken.close(resolve));
    const first = orThrow(await openRelay({ listen, to: () => null }));
    await first.close();
    const second = orThrow(await openRelay({ listen, to: () => null }));
    await second.close();
  });
});

/** All that comes over a new connection until it ends. */
function closing(through: Relay): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = dial(through);
    let text = "";
    socket.on("data", (chunk) => (text += chunk));
    socket.once("end", () => {
      socket.end();
      resolve(text);
    });
    socket.once("error", reject);
  });
}

describe("what was said before a side took no more", () => {
  const CLIENTS = 50;

  /** Each client's number arrives at the service, though the client never read what the service sends it without end. */
  async function numbersThrough(leave: (socket: Socket) => void): Promise<Set<string>> {
    const got = new Set<string>();
    const chatty = await service((socket) => {
      const chat = setInterval(() => socket.write("tell me more ".repeat(100)), 1);
      socket.on("close", () => clearInterval(chat));
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
        if (text.length === 6) got.add(text);
      });
    });
    const through = await relay(toPort(portOf(chatty)));
    for (let n = 0; n < CLIENTS; n++) {
      const socket = dial(through);
      socket.on("error", () => {});
      socket.once("data", () => {
        socket.write(`${100_000 + n}`);
        leave(socket);
      });
    }
    await expect.poll(() => got.size, { timeout: 10_000 }).toBe(CLIENTS);
    // A service that goes on is told in the end that nobody listens.
    await expect.poll(() => through.stats().connections, { timeout: 10_000 }).toBe(0);
    return got;
  }

  test("by a client that closes while the service still sends", { timeout: 30_000 }, async () => {
    await numbersThrough((socket) => socket.destroy());
  });

  test("by a client that resets while the service still sends", { timeout: 30_000 }, async () => {
    await numbersThrough((socket) => setImmediate(() => socket.resetAndDestroy()));
  });

  test("a service that ignores the end of its client is broken off, not left for ever", {
    timeout: 30_000,
  }, async () => {
    let closed: string | undefined;
    const endless = await service((socket) => {
      const chat = setInterval(() => socket.write("tick"), 5);
      socket.resume();
      socket.on("error", (error: NodeJS.ErrnoException) => {
        closed = error.code ?? "EIO";
      });
      socket.on("close", () => clearInterval(chat));
    });
    const socket = dial(await relay(toPort(portOf(endless))));
    await new Promise((resolve) => socket.once("data", resolve));
    socket.destroy();
    await expect.poll(() => closed, { timeout: 10_000 }).toMatch(/ECONNRESET|EPIPE/);
  });

  test("a reset passes at once to a client that isn't sending", async () => {
    const fragile = await service((socket) => {
      socket.once("data", () => socket.write("an answer", () => setTimeout(() => socket.resetAndDestroy(), 20)));
    });
    const socket = dial(await relay(toPort(portOf(fragile))));
    let got = "";
    socket.on("data", (chunk) => (got += chunk));
    socket.write("a question");
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => socket.once("error", resolve));
    expect([got, error.code]).toEqual(["an answer", "ECONNRESET"]);
  });
});

describe("connecting to the service", () => {
  /** A listener that never accepts, and whose queue is full: further connects get no answer. */
  async function full(): Promise<number> {
    const script = `
      const server = require("node:net").createServer();
      server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
        require("node:fs").writeSync(1, String(server.address().port));
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      });`;
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    open.push(() => child.kill("SIGKILL"));
    const port = Number(await new Promise((resolve) => child.stdout.once("data", resolve)));
    for (;;) {
      const filler = connect(port, "127.0.0.1");
      filler.on("error", () => {});
      open.push(() => filler.destroy());
      const taken = await Promise.race([
        new Promise((resolve) => filler.once("connect", () => resolve(true))),
        new Promise((resolve) => setTimeout(resolve, 300, false)),
      ]);
      if (taken === false) return port;
    }
  }

  test.skipIf(process.platform !== "linux")(
    "has a deadline; then the client is reset, and the service has the fault",
    async () => {
      const port = await full();
      const broken: (string | null)[] = [];
      const tap = { connected: () => {}, up: () => {}, down: () => {}, end: () => {} };
      const through = orThrow(
        await openRelay({
          listen: { host: "127.0.0.1", port: 0 },
          to: toPort(port),
          connectTime: 200,
          tap: () => ({ ...tap, closed: (_, error) => void broken.push(error) }),
        }),
      );
      open.push(() => through.close());
      const socket = dial(through);
      socket.write("anybody there?");
      const error = await new Promise<NodeJS.ErrnoException>((resolve) => socket.once("error", resolve));
      expect(error.code).toBe("ECONNRESET");
      await expect.poll(() => broken, { timeout: 5_000 }).toEqual(["ETIMEDOUT"]);
    },
  );
});
