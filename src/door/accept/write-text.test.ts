import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { readAfterFailedWrite } from "./failed-writes.ts";
import { writeText } from "./write-text.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A writer and the socket that its bytes arrive at. */
async function pair(): Promise<{ from: Socket; to: Socket }> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const from = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const to = await accepted;
  to.on("error", () => {});
  await new Promise((resolve) => (from.connecting ? from.once("connect", resolve) : resolve(null)));
  open.push(() => {
    from.destroy();
    to.destroy();
    server.close();
  });
  return { from, to };
}

function everything(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let got = "";
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      got += text;
    });
    socket.on("end", () => resolve(got));
    socket.resume();
  });
}

describe("writeText", () => {
  test("sends each character as the byte of its number", async () => {
    const { from, to } = await pair();
    const all = everything(to);
    const text = String.fromCharCode(...Array.from({ length: 256 }, (_, n) => n));
    for (let n = 0; n < 3; n++) expect(writeText(from, text)).toBe(true);
    from.end();
    expect(await all).toBe(text.repeat(3));
  });

  test("keeps the order among texts and ordinary writes while the reader sleeps", { timeout: 60_000 }, async () => {
    const { from, to } = await pair();
    to.pause();
    let sent = "";
    for (let n = 0; n < 3_000; n++) {
      const text = `${n} `.padEnd([10, 900, 16_000, 20_000][n % 4] ?? 10, "-");
      sent += text;
      if (n % 7 === 0) from.write(Buffer.from(text, "latin1"));
      else writeText(from, text);
    }
    // More than the kernel takes: part of it waits behind the handle, part of it in the stream.
    expect(from.writableLength).toBeGreaterThan(0);
    const all = everything(to);
    from.end();
    expect(await all).toBe(sent);
  });

  test("delivers what waits before an end", async () => {
    const { from, to } = await pair();
    to.pause();
    let length = 0;
    // Short texts until one has to wait behind the handle; then the end.
    while (from.writableLength === 0 && length < 64 << 20) {
      writeText(from, "x".repeat(16_000));
      length += 16_000;
    }
    from.end();
    expect((await everything(to)).length).toBe(length);
  });

  test("a peer that is gone closes the socket, as with any write", async () => {
    const { from, to } = await pair();
    const closed = new Promise((resolve) => from.once("close", resolve));
    from.on("error", () => {});
    to.resetAndDestroy();
    const writing = setInterval(() => writeText(from, "are you there?"), 5);
    await closed;
    clearInterval(writing);
    expect(from.destroyed).toBe(true);
  });

  test("doesn't hand a request out again that waits for its completion, though the write queue is empty", async () => {
    const { from } = await pair();
    const other = (await pair()).from;
    // Learns the class of requests.
    writeText(from, "first");
    const handed: { oncomplete: (status: number) => void }[] = [];
    // What node's handle does when the peer makes room between its two tries: the queue is empty, the completion comes.
    const handle = (from as unknown as { _handle: { writeLatin1String: unknown; writeQueueSize: number } })._handle;
    handle.writeLatin1String = (request: { oncomplete: (status: number) => void; getAsyncId: () => number }) => {
      request.getAsyncId = () => 7;
      handed.push(request);
      return 0;
    };
    expect(handle.writeQueueSize).toBe(0);
    writeText(from, "waits");
    const inside = (other as unknown as { _handle: { writeLatin1String: unknown } })._handle;
    inside.writeLatin1String = (request: (typeof handed)[number]) => {
      handed.push(request);
      return 0;
    };
    writeText(other, "another");
    expect(handed).toHaveLength(2);
    expect(handed[1]).not.toBe(handed[0]);
    // It failed after all: that is the first socket's end, not the other's.
    handed[0]?.oncomplete(-32);
    expect([from.destroyed, other.destroyed]).toEqual([true, false]);
  });

  test("a failed write leaves what the peer said to be read, where the socket reads on", async () => {
    const { from, to } = await pair();
    const failures: (string | undefined)[] = [];
    const ends: string[] = [];
    readAfterFailedWrite(from, (error) => failures.push(error.code));
    from.on("error", () => ends.push("error"));
    writeText(from, "learn");
    // The answer lies in the kernel while the reset comes.
    to.pause();
    from.pause();
    await new Promise((resolve) => to.write("an answer", resolve));
    to.destroy();
    while (failures.length === 0) {
      writeText(from, "more");
      await new Promise((resolve) => setImmediate(resolve));
    }
    let got = "";
    from.on("data", (chunk) => {
      got += chunk;
    });
    const closed = new Promise((resolve) => from.once("close", resolve));
    from.resume();
    await closed;
    // Behind the answer comes what the kernel had: a reset, since the peer had left bytes unread, else its end.
    expect([got, failures.length]).toEqual(["an answer", 1]);
    expect(ends).toEqual(failures[0] === "EPIPE" ? [] : ["error"]);
  });
});
