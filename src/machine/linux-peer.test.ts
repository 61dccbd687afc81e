import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Address } from "../address/address.ts";
import { machine } from "./machine.ts";

describe.skipIf(process.platform !== "linux")("whose a connection is", () => {
  async function connected(listen: string, to: string, from?: string) {
    const server = createServer({ pauseOnConnect: true });
    server.listen(0, listen);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const client = connect({ host: to, port, ...(from !== undefined && { localAddress: from }) });
    const [accepted] = (await once(server, "connection")) as [Socket];
    onTestFinished(() => {
      for (const socket of [client, accepted]) socket.on("error", () => {}).destroy();
      server.close();
    });
    const ends: [Address, Address] = [
      { host: accepted.remoteAddress ?? "", port: accepted.remotePort ?? 0 },
      { host: accepted.localAddress ?? "", port: accepted.localPort ?? 0 },
    ];
    return { client, accepted, ends, port };
  }

  test.each([
    ["127.0.0.1", "127.0.0.1", undefined],
    ["::1", "::1", undefined],
    ["::", "127.0.0.1", undefined],
    ["0.0.0.0", "127.9.9.9", "127.8.8.8"],
  ])("listening on %s, reached at %s: this user's", async (listen, to, from) => {
    const { ends } = await connected(listen, to, from);
    expect(machine.peer?.(...ends)).toMatchObject({ uid: process.getuid?.(), inode: expect.any(Number) });
    // The other way round it's another socket, this side's own.
    expect(machine.peer?.(ends[1], ends[0])?.inode).not.toBe(machine.peer?.(...ends)?.inode);
  });

  test("one that has closed, or never was, is nobody's: not root's", async () => {
    const { client, accepted, ends, port } = await connected("127.0.0.1", "127.0.0.1");
    client.destroy();
    await once(client, "close");
    expect(machine.peer?.(...ends)).toBeNull();
    accepted.destroy();
    await once(accepted, "close");
    expect(machine.peer?.(...ends)).toBeNull();
    expect(machine.peer?.({ host: "127.0.0.1", port: 1 }, { host: "127.0.0.1", port: 2 })).toBeNull();
    // A listener is no end of a connection.
    expect(machine.peer?.({ host: "127.0.0.1", port }, { host: "127.0.0.1", port: 2 })).toBeNull();
    expect(machine.peer?.({ host: "nonsense", port }, { host: "127.0.0.1", port })).toBeNull();
  });
});
