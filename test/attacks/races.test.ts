import { type AddressInfo, connect, createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { openDoor } from "../../src/door/door.ts";
import { openRelay } from "../../src/door/relay/relay.ts";
import { createRoutes } from "../../src/door/upstream/routes.ts";
import { orThrow } from "../../src/fault/fault.ts";
import { createGuard } from "../../src/guard/guard.ts";
import { createRefusals } from "../../src/guard/refusals.ts";
import { machine } from "../../src/machine/machine.ts";
import { plainRoute } from "../support/plain-route.ts";

describe.skipIf(machine.peer === undefined)("ten thousand clients that connect, send and leave at once", () => {
  /** Half of them at the door, half at a relay. */
  const EACH = 5_000;
  const AT_ONCE = 100;

  let clients = 0;

  /** Each client comes from an address of its own, by which it is known on both sides of the door. */
  async function race(port: number): Promise<void> {
    const one = () =>
      new Promise<void>((resolve) => {
        const number = ++clients;
        const localAddress = `127.7.${number >> 8}.${number & 255}`;
        const socket = connect({ host: "127.0.0.1", port, localAddress }, () => {
          socket.write(`GET /${localAddress} HTTP/1.1\r\nHost: a.localhost\r\n\r\n`);
          if (number % 2 === 0) socket.resetAndDestroy();
          else socket.destroy();
        });
        socket.on("error", () => {});
        socket.on("close", () => resolve());
      });
    for (let sent = 0; sent < EACH; sent += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, one));
  }

  test("not a byte of one that could not be named reaches the service", { timeout: 90_000 }, async () => {
    /** Whether each client was known when it was let in, and whose requests came to the service. */
    const named = new Map<string, boolean>();
    const came: string[] = [];
    const service = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (chunk) => {
        for (const [, client = ""] of String(chunk).matchAll(/GET \/([0-9.]+) /g)) came.push(client);
      });
    });
    await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
    const to = { host: "127.0.0.1", port: (service.address() as AddressInfo).port };
    const own = (uid: number) => uid === process.getuid?.();
    // The door lets the unnamed in and judges their requests by the service; here Cove is the only way to it.
    const door = { service: null, lets: own, programs: null, namedOnly: false };
    const peers = { ...door, service: "a", namedOnly: true };
    const refusals = createRefusals(() => {});
    const guard = createGuard({
      look: (client, server) => {
        const peer = machine.peer?.(client, server) ?? null;
        named.set(client.host, peer !== null && own(peer.uid));
        return peer;
      },
      door,
      isOwner: own,
      refusals,
    });
    const routes = createRoutes();
    routes.set("a.localhost", {
      ...plainRoute("a", to),
      guard: { peers, pages: null, sameSite: false },
    });
    const opened = orThrow(await openDoor({ port: 0, hosts: ["127.0.0.1"], routes, guard }));
    const relay = orThrow(
      await openRelay({
        listen: { host: "127.0.0.1", port: 0 },
        to: () => to,
        admit: (client) => guard.admit(client, peers),
      }),
    );
    onTestFinished(async () => {
      await opened.close();
      await relay.close();
      service.close();
    });
    for (const port of [opened.port, relay.address.port]) {
      const before = refusals.total();
      await race(port);
      await new Promise((resolve) => setTimeout(resolve, 200));
      const strangers = came.filter((client) => named.get(client) !== true);
      expect(strangers).toEqual([]);
      // Some were gone before they could be named: the race was one.
      expect(refusals.total()).toBeGreaterThan(before);
    }
    // One that stays is served.
    expect(
      await new Promise<string>((resolve) => {
        const socket = connect(opened.port, "127.0.0.1", () =>
          socket.write("GET /0 HTTP/1.1\r\nHost: nobody.localhost\r\n\r\n"),
        );
        socket.once("data", (chunk) => {
          socket.destroy();
          resolve(String(chunk));
        });
      }),
    ).toContain("421");
  });
});
