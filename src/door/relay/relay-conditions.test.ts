import { createHash, randomBytes } from "node:crypto";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { HELD_MOST } from "../../conditions/chain.ts";
import { readConditions } from "../../conditions/text.ts";
import { orThrow } from "../../fault/fault.ts";
import { openRelay, type Relay } from "./relay.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const conditions = (text: string) => orThrow(readConditions(text));
const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A relay under these conditions in front of a service. */
async function relay(text: string, onSocket: (socket: Socket) => void, seed = 1): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const listen = { host: "127.0.0.1", port: 0 };
  const to = () => ({ host: "127.0.0.1", port });
  const opened = orThrow(await openRelay({ listen, to, conditions: conditions(text), seed }));
  open.push(() => opened.close());
  return opened;
}

function dial(to: Relay): Socket {
  const socket = connect({ ...to.address, allowHalfOpen: true });
  socket.on("error", () => {});
  open.push(() => socket.destroy());
  return socket;
}

const echo = (socket: Socket) => void socket.pipe(socket);
const errorOf = (socket: Socket) =>
  new Promise<string | undefined>((resolve) =>
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code)),
  );
const endOf = (socket: Socket) => new Promise((resolve) => socket.once("end", resolve));
const textOf = (socket: Socket) =>
  new Promise<string>((resolve) => {
    let text = "";
    socket.on("data", (chunk) => (text += chunk));
    socket.once("close", () => resolve(text));
    socket.once("end", () => resolve(text));
  });

/** Sends so much through an echo and back; the sums of both ways. */
async function thereAndBack(through: Relay, bytes: number, during: (share: number) => void = () => {}) {
  const socket = dial(through);
  const block = randomBytes(1 << 20);
  const sent = createHash("sha256");
  const got = createHash("sha256");
  let back = 0;
  socket.on("data", (chunk: Buffer) => {
    got.update(chunk);
    back += chunk.length;
  });
  const ended = endOf(socket);
  for (let written = 0; written < bytes; written += block.length) {
    sent.update(block);
    during(written / bytes);
    if (!socket.write(block)) await new Promise((resolve) => socket.once("drain", resolve));
  }
  socket.end();
  await ended;
  return { back, same: sent.digest("hex") === got.digest("hex") };
}

describe("conditions on live bytes", () => {
  test.each([
    "latency=20±15,both",
    "bandwidth=200MB/s",
    "loss=0.1%,rtt=1",
    "loss,p=0.01%,r=40%,rtt=1",
    "slice=20KB±15KB",
    "slow-close=50,both",
    "open=50,first=50",
    "limit=1GB",
    "slice=50KB latency=5±5,normal,both loss=0.02%,rtt=1 bandwidth=300MB/s",
  ])("64 MiB go through %s and back unchanged, the half-close behind them", { timeout: 60_000 }, async (text) => {
    const through = await relay(text, echo);
    expect(await thereAndBack(through, 64 << 20)).toEqual({ back: 64 << 20, same: true });
    expect(through.stats()).toMatchObject({ bytesUp: 64 << 20, bytesDown: 64 << 20, receivedDown: 64 << 20 });
  });

  test("changed again and again under way, nothing is lost; without any it is the straight way again", {
    timeout: 60_000,
  }, async () => {
    const through = await relay("latency=10,both", echo);
    const lists = [
      "bandwidth=100MB/s latency=5±5,both",
      "",
      "slice=9KB loss=0.1%,rtt=1",
      "latency=30,both",
      "blackhole",
    ];
    let turn = 0;
    const timer = setInterval(() => {
      // A black hole lasts for one turn.
      through.setConditions(conditions(lists[turn++ % lists.length] ?? ""));
    }, 20);
    open.push(() => clearInterval(timer));
    expect(await thereAndBack(through, 64 << 20)).toEqual({ back: 64 << 20, same: true });
    clearInterval(timer);
    through.setConditions([]);
    expect(through.stats()).toMatchObject({ bytesUp: 64 << 20, bytesDown: 64 << 20 });
  });

  test("a latency is never early, and each chunk's own", async () => {
    const through = await relay("latency=40,both", echo);
    const socket = dial(through);
    const times: number[] = [];
    await new Promise<void>((resolve) => {
      const sent: number[] = [];
      let n = 0;
      const timer = setInterval(() => {
        sent.push(performance.now());
        socket.write("x");
        if (++n === 50) clearInterval(timer);
      }, 4);
      socket.on("data", (chunk: Buffer) => {
        for (let k = 0; k < chunk.length; k++) times.push(performance.now() - (sent[times.length] ?? 0));
        if (times.length === 50) resolve();
      });
    });
    expect(Math.min(...times)).toBeGreaterThanOrEqual(80);
    expect(times.toSorted((a, b) => a - b)[25]).toBeLessThan(1_000);
  });

  test("memory stays bounded where nobody reads", { timeout: 60_000 }, async () => {
    const block = Buffer.alloc(1 << 20);
    const flood = (socket: Socket) => {
      let written = 0;
      const write = () => {
        while (written < 512 << 20) {
          written += block.length;
          if (!socket.write(block)) return void socket.once("drain", write);
        }
      };
      write();
    };
    const through = await relay("latency=500 bandwidth=1GB/s", flood);
    const before = process.memoryUsage();
    const socket = dial(through);
    socket.pause();
    await pass(1_500);
    const { receivedDown } = through.stats();
    // One budget, one read, and what the kernel takes on the reader's side.
    expect(receivedDown).toBeLessThan(HELD_MOST + (12 << 20));
    expect(process.memoryUsage().rss - before.rss).toBeLessThan(256 << 20);
    through.setConditions(conditions("blackhole"));
    await pass(300);
    expect(through.stats().receivedDown - receivedDown).toBeLessThan(HELD_MOST);
  });
});

describe("conditions that break connections", () => {
  test("reset is a real RST on new connections and on those that exist", async () => {
    const ends: string[] = [];
    const through = await relay("", (socket) => {
      echo(socket);
      socket.on("error", ({ code }: NodeJS.ErrnoException) => ends.push(code ?? ""));
    });
    const socket = dial(through);
    socket.write("x");
    await new Promise((resolve) => socket.once("data", resolve));
    const existing = errorOf(socket);
    through.setConditions(conditions("reset"));
    expect(await existing).toBe("ECONNRESET");
    await expect.poll(() => ends, { timeout: 10_000 }).toEqual(["ECONNRESET"]);
    expect(await errorOf(dial(through))).toBe("ECONNRESET");
    await expect.poll(() => through.stats().connections, { timeout: 10_000 }).toBe(0);
  });

  test("refuse resets new connections and lets the others go on", async () => {
    const through = await relay("", echo);
    const socket = dial(through);
    socket.write("x");
    await new Promise((resolve) => socket.once("data", resolve));
    through.setConditions(conditions("refuse"));
    expect(await errorOf(dial(through))).toBe("ECONNRESET");
    socket.write("y");
    expect(String(await new Promise((resolve) => socket.once("data", resolve)))).toBe("y");
  });

  test("behind a black hole the service hears of nothing; once it's gone all arrives", async () => {
    let accepted = 0;
    const through = await relay("blackhole", (socket) => {
      accepted++;
      echo(socket);
    });
    const socket = dial(through);
    socket.write("early");
    socket.end();
    const answer = textOf(socket);
    await pass(200);
    expect(accepted).toBe(0);
    through.setConditions([]);
    expect(await answer).toBe("early");
  });

  test("open delays the connection to the service, and the first byte", async () => {
    let accepted = 0;
    const through = await relay("open=150,first=150", (socket) => {
      accepted = performance.now();
      socket.end("hello");
    });
    const start = performance.now();
    const socket = dial(through);
    await new Promise((resolve) => socket.once("data", resolve));
    expect(accepted - start).toBeGreaterThanOrEqual(149);
    expect(performance.now() - start).toBeGreaterThanOrEqual(299);
  });

  test("limit and timeout close", async () => {
    const through = await relay("limit=5", (socket) => socket.write("0123456789"));
    expect(await textOf(dial(through))).toBe("01234");
    through.setConditions(conditions("timeout=50"));
    expect(await textOf(dial(through))).toBe("");
    await expect.poll(() => through.stats().connections, { timeout: 10_000 }).toBe(0);
  });

  test("a service that breaks or is not there is told behind the bytes", async () => {
    const through = await relay("latency=50", (socket) => {
      socket.write("last words");
      setTimeout(() => socket.resetAndDestroy(), 20);
    });
    const socket = dial(through);
    const words = textOf(socket);
    expect(await errorOf(socket)).toBe("ECONNRESET");
    expect(await words).toBe("last words");
  });

  test("the same seed concerns the same connections", async () => {
    const fate = async (seed: number) => {
      const through = await relay("reset,probability=50%", echo, seed);
      const fates: boolean[] = [];
      for (let n = 0; n < 16; n++) {
        const socket = dial(through);
        const answered = new Promise<boolean>((resolve) => {
          socket.once("data", () => resolve(true));
          socket.once("error", () => resolve(false));
        });
        await new Promise((resolve) => socket.once("connect", resolve));
        // The reset must win the race with the echo wherever it's drawn.
        setTimeout(() => socket.write("x"), 30);
        fates.push(await answered);
        socket.destroy();
      }
      return fates;
    };
    const first = await fate(11);
    expect(await fate(11)).toEqual(first);
    expect(new Set(first).size).toBe(2);
  });
});

describe("turns", () => {
  const asked = async (through: Relay, text: string) => {
    const socket = dial(through);
    socket.write(text);
    await new Promise((resolve) => socket.once("data", resolve));
    return socket;
  };

  test("a turn lasts from the first byte asked to the first byte answered, conditions included", async () => {
    const through = await relay("latency=60,both", echo);
    const socket = await asked(through, "one");
    socket.write("two");
    await new Promise((resolve) => socket.once("data", resolve));
    const turns = through.takeTurns();
    expect(turns?.count).toBe(2);
    // Within its 2.2 %, never less than what the conditions add up to.
    expect(turns?.p50).toBeGreaterThanOrEqual(120 * 0.978);
    expect(through.takeTurns()).toBeNull();
  });

  test("the first turn has in it what the connection had to wait for", async () => {
    const through = await relay("open=150", echo);
    await asked(through, "x");
    expect(through.takeTurns()?.p50).toBeGreaterThanOrEqual(149 * 0.978);
  });

  test("what a service says unasked is no answer", async () => {
    const through = await relay("", (socket) => void socket.write("welcome"));
    await new Promise((resolve) => dial(through).once("data", resolve));
    expect(through.takeTurns()).toBeNull();
  });
});
