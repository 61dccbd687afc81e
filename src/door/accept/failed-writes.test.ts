import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { readAfterFailedWrite } from "./failed-writes.ts";

const ANSWER = "an answer ".repeat(1_000);
const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

/** A socket that reads on, connected to a peer that leaves as `leave` says once it was sent something. */
async function left(leave: (peer: Socket) => void) {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (peer) => {
    peer.on("error", () => {});
    leave(peer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const socket = connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", allowHalfOpen: true });
  const seen: string[] = [];
  const failures: (string | undefined)[] = [];
  readAfterFailedWrite(socket, (error) => failures.push(error.code));
  socket.on("error", (error: NodeJS.ErrnoException) => seen.push(`error ${error.code}`));
  socket.on("end", () => seen.push("end"));
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  // Before it is connected: nothing is read then until someone asks.
  socket.pause();
  await new Promise((resolve) => socket.once("connect", resolve));
  return { socket, seen, failures, closed };
}

/** Writes until a write has failed, with nothing read meanwhile. */
async function writeUntilFailed({ socket, failures }: Awaited<ReturnType<typeof left>>): Promise<void> {
  for (let n = 0; n < 500 && failures.length === 0; n++) {
    socket.write("more");
    await pause();
  }
}

async function rest({ socket, closed }: Awaited<ReturnType<typeof left>>): Promise<string> {
  let got = "";
  socket.on("data", (chunk) => {
    got += chunk;
  });
  socket.resume();
  await closed;
  return got;
}

// What comes before a reset can be read on Linux; other systems may drop it.
describe.skipIf(process.platform !== "linux")("after a failed write", () => {
  test("the answer before a reset is read, then the reset is an error as for a reader that never wrote", async () => {
    // Input unread at the close: no FIN.
    const side = await left((peer) => peer.write(ANSWER, () => setTimeout(() => peer.resetAndDestroy(), 30)));
    await writeUntilFailed(side);
    expect(side.failures).toEqual(["ECONNRESET"]);
    expect(side.seen).toEqual([]);
    expect(await rest(side)).toBe(ANSWER);
    expect(side.seen).toEqual(["error ECONNRESET"]);
  });

  test("an answer that ended with a FIN before the reset is a whole one: an end, no error", async () => {
    const side = await left((peer) => peer.end(ANSWER, () => setTimeout(() => peer.destroy(), 10)));
    await writeUntilFailed(side);
    expect(side.failures).toEqual(["EPIPE"]);
    expect(await rest(side)).toBe(ANSWER);
    expect(side.seen).toEqual(["end"]);
  });

  test("a failure after everything was read closes the socket", async () => {
    const side = await left((peer) => peer.end(ANSWER, () => setTimeout(() => peer.destroy(), 50)));
    let got = 0;
    side.socket.on("data", ({ length }) => {
      got += length;
    });
    const ended = new Promise((resolve) => side.socket.once("end", resolve));
    side.socket.resume();
    await ended;
    expect([got, side.socket.destroyed]).toEqual([ANSWER.length, false]);
    await writeUntilFailed(side);
    await side.closed;
    expect(side.seen).toEqual(["end"]);
  });

  test("a write that waits for room fails without a word, and those behind it are dropped as if they were sent", async () => {
    const side = await left((peer) => peer.write(ANSWER, () => setTimeout(() => peer.resetAndDestroy(), 100)));
    const done: unknown[] = [];
    const block = Buffer.alloc(4 << 20);
    side.socket.cork();
    for (let n = 0; n < 3; n++) side.socket.write(block, (error) => done.push(error));
    side.socket.uncork();
    side.socket.write("behind", (error) => done.push(error));
    const drained = new Promise((resolve) => side.socket.once("drain", resolve));
    await drained;
    expect(side.failures).toHaveLength(1);
    expect(await rest(side)).toBe(ANSWER);
    expect(done.map((error) => error ?? null)).toEqual([null, null, null, null]);
  });
});
