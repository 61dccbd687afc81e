import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { startListening } from "./start-listening.ts";

test("an accept that fails later ends nothing: the next connection is taken", async () => {
  const failed: string[] = [];
  const server = createServer((socket) => socket.end("hello"));
  onTestFinished(() => void server.close());
  const at = { host: "127.0.0.1", port: 0 };
  expect(await startListening(server, at, (error) => failed.push(error.message))).toBeNull();
  // As Node reports an accept that fails: with no file descriptor left, more than once.
  for (const text of ["accept EMFILE", "accept ENFILE"]) server.emit("error", new Error(text));
  expect(failed).toEqual(["accept EMFILE", "accept ENFILE"]);
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [data] = await once(client, "data");
  expect(String(data)).toBe("hello");
});

test("a server that can't listen says why", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void holder.close());
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  expect(await startListening(createServer(), { host: "127.0.0.1", port })).toMatchObject({ code: "EADDRINUSE" });
});
