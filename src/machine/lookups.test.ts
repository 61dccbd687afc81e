import { once } from "node:events";
import { realpathSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { findHolder, findSocketProcess, knownSocketProcess } from "./lookups.ts";
import { machine } from "./machine.ts";

/** Both ends of `count` connections within this process, as sockets of their own. */
async function inodes(count: number): Promise<number[]> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const open: Socket[] = [];
  server.on("connection", (socket) => open.push(socket));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const found: number[] = [];
  for (let n = 0; n < count; n++) {
    const socket = connect(port, "127.0.0.1");
    open.push(socket);
    await once(socket, "connect");
    const at = { host: "127.0.0.1", port: socket.localPort ?? 0 };
    found.push(machine.peer?.(at, { host: "127.0.0.1", port })?.inode ?? 0);
  }
  return found;
}

describe.skipIf(machine.peer === undefined)("the process of a socket", () => {
  const self = { pid: process.pid, executable: realpathSync(process.execPath) };

  test("is found on another thread, and known from then on", async () => {
    const [inode = 0] = await inodes(1);
    const found = findSocketProcess(inode, process.getuid?.() ?? null);
    expect(knownSocketProcess(inode)).toBeUndefined();
    expect(await found).toEqual(self);
    expect(knownSocketProcess(inode)).toEqual(self);
  });

  test("is found for many at once, each asked for once", async () => {
    const all = await inodes(200);
    const twice = [...all, ...all].map((inode) => findSocketProcess(inode, null));
    expect(new Set(twice).size).toBe(all.length);
    expect(await Promise.all(twice)).toEqual(twice.map(() => self));
    const late = findSocketProcess(all[0] ?? 0, null);
    expect(await late).toEqual(self);
  });

  test("that nobody has is remembered as well", async () => {
    // No socket's: they are numbered from low to high.
    const inode = 2 ** 32 - 7;
    expect(await findSocketProcess(inode, null)).toBeNull();
    expect(knownSocketProcess(inode)).toBeNull();
    // A closed socket's is never asked for.
    expect(await findSocketProcess(0, null)).toBeNull();
    expect(knownSocketProcess(0)).toBeUndefined();
  });
});

test("who listens at an address is found on another thread too", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const at = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  expect(await findHolder(at)).toMatchObject({ pid: process.pid });
  expect(await findHolder({ ...at, host: "::" })).toMatchObject({ pid: process.pid });
  server.close();
  await once(server, "close");
  expect(await findHolder(at)).toBeNull();
});
