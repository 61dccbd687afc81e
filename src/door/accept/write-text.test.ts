import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
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
});
