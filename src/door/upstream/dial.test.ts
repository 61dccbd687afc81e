import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../../test/support/free-port.ts";
import { dial } from "./dial.ts";

const hasIPv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));

async function listen(host: string, port: number): Promise<Server> {
  const server = createServer((socket) => socket.end(host)).listen(port, host);
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return server;
}

/** What is said at `localhost`, or the code of why nothing is. */
async function said(port: number): Promise<string> {
  let text = "";
  const buffer = Buffer.alloc(64);
  const callback = (length: number) => {
    text += buffer.toString("utf8", 0, length);
    return true;
  };
  const socket = dial(
    { host: "localhost", port },
    { onread: { buffer, callback }, connected: () => {}, refusing: () => {} },
  );
  const failure = new Promise<string>((resolve) => {
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  socket.on("end", () => socket.end());
  return await Promise.race([failure, once(socket, "close").then(() => text)]);
}

test.skipIf(!hasIPv6)("localhost is whichever family answers, at each connection anew", async () => {
  const port = await freePort();
  expect(await said(port)).toBe("ECONNREFUSED");
  const second = await listen("::1", port);
  expect(await said(port)).toBe("::1");
  const first = await listen("127.0.0.1", port);
  expect(await said(port)).toBe("127.0.0.1");
  first.close();
  await once(first, "close");
  expect(await said(port)).toBe("::1");
  second.close();
});
