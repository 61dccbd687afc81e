import { connect } from "node:net";
import { expect, test } from "vitest";
import { openRelay } from "../../door/relay/relay.ts";
import { orThrow } from "../../fault/fault.ts";
import type { LiveEdge, LiveStack } from "../model/live-stack.ts";
import { createModel } from "../model/model.ts";
import { echoServer } from "../stack.fixture.ts";
import type { EdgeTraffic } from "../view/view.ts";
import { createTraffic } from "./edge-traffic.ts";

test("listeners hear once of what moved over an edge, and how long its answers took", { timeout: 30_000 }, async () => {
  await using echo = await echoServer();
  const relay = orThrow(await openRelay({ listen: { host: "127.0.0.1", port: 0 }, to: () => echo.address }));
  const edge: LiveEdge = { id: "api→db", from: "api", to: "db", address: relay.address, relay };
  const model = createModel();
  // As much of a stack as traffic is about.
  model.stacks.set("s", { id: "s", edges: new Map([[edge.id, edge]]), detours: new Map() } as unknown as LiveStack);
  const socket = connect(relay.address);
  const ask = async (text: string) => {
    socket.write(text);
    await new Promise((resolve) => socket.once("data", resolve));
  };
  await ask("nobody listens yet");

  const traffic = createTraffic(model);
  const heard: (readonly EdgeTraffic[])[] = [];
  const mute = traffic.listen((_, edges) => heard.push(edges));
  await ask("one");
  await ask("two");
  await expect.poll(() => heard.length, { timeout: 10_000 }).toBeGreaterThan(1);
  mute();
  socket.destroy();
  await relay.close();
  expect(heard[0]).toEqual([
    {
      ...{ stack: "s", edge: "api→db", connections: 1, bytesUp: 24, bytesDown: 24 },
      turns: { count: 2, p50: expect.any(Number), p95: expect.any(Number) },
    },
  ]);
  expect(heard[0]?.[0]?.turns?.p50).toBeGreaterThan(0);
  // Nothing moved since.
  expect(heard[1]).toEqual([]);
});
