import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { orThrow } from "../../fault/fault.ts";
import { type Peer, UNCHECKED } from "../../guard/peer.ts";
import { openRelay, type Relay } from "./relay.ts";

/** An echo behind a relay whose verdicts are given by hand: by the number of the client, in the order of accepts. */
async function judgedByHand() {
  const echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    socket.pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(echo, "listening");
  const to = { host: "127.0.0.1", port: (echo.address() as AddressInfo).port };
  const verdicts: PromiseWithResolvers<Peer | null>[] = [];
  const relay: Relay = orThrow(
    await openRelay({
      listen: { host: "127.0.0.1", port: 0 },
      to: () => to,
      admit: () => {
        const verdict = Promise.withResolvers<Peer | null>();
        verdicts.push(verdict);
        return verdict.promise;
      },
    }),
  );
  onTestFinished(async () => {
    await relay.close();
    echo.close();
  });
  return { relay, verdicts };
}

function client(relay: Relay, text: string) {
  const socket: Socket = connect({ ...relay.address, allowHalfOpen: true }, () => socket.write(text));
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  const heard = new Promise<string>((resolve) => {
    socket.once("data", (bytes) => resolve(String(bytes)));
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code ?? ""));
    socket.once("end", () => resolve("end"));
  });
  return { socket, heard };
}

test("a client whose verdict takes time waits alone, and loses nothing", async () => {
  const { relay, verdicts } = await judgedByHand();
  const first = client(relay, "first");
  await expect.poll(() => verdicts.length).toBe(1);
  const second = client(relay, "second");
  await expect.poll(() => verdicts.length).toBe(2);
  verdicts[1]?.resolve(UNCHECKED);
  expect(await second.heard).toBe("second");
  expect(relay.stats()).toMatchObject({ connections: 1, receivedUp: "second".length });
  verdicts[0]?.resolve(UNCHECKED);
  expect(await first.heard).toBe("first");
});

test("one that is refused in the end is reset, and not a byte of it was read", async () => {
  const { relay, verdicts } = await judgedByHand();
  const refused = client(relay, "secret");
  await expect.poll(() => verdicts.length).toBe(1);
  verdicts[0]?.resolve(null);
  expect(await refused.heard).toBe("ECONNRESET");
  expect(relay.stats()).toMatchObject({ connections: 0, receivedUp: 0 });
});

test("a relay that closes resets who still waits; a late verdict lets nobody in", async () => {
  const { relay, verdicts } = await judgedByHand();
  const waiting = client(relay, "hello");
  await expect.poll(() => verdicts.length).toBe(1);
  await relay.close();
  expect(await waiting.heard).toBe("ECONNRESET");
  verdicts[0]?.resolve(UNCHECKED);
  await new Promise((resolve) => setImmediate(resolve));
  expect(relay.stats()).toMatchObject({ connections: 0, receivedUp: 0 });
});
