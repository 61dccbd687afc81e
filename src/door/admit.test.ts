import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { orThrow } from "../fault/fault.ts";
import { createGuard } from "../guard/guard.ts";
import { createRefusals } from "../guard/refusals.ts";
import { openDoor } from "./door.ts";
import { createRoutes } from "./upstream/routes.ts";

const REQUEST = "GET / HTTP/1.1\r\nHost: nobody.localhost\r\n\r\n";

async function doorFor(all: number) {
  const refusals = createRefusals(() => {});
  const policy = { service: null, lets: () => true, programs: null, namedOnly: false };
  const guard = createGuard({ door: policy, isOwner: () => true, refusals, limits: { all, guest: 1 } });
  const door = orThrow(await openDoor({ port: 0, hosts: ["127.0.0.1"], routes: createRoutes(), guard }));
  const open: Socket[] = [];
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    await door.close();
  });
  /** A connection that sends `text`, and what it has got when it gets something or is closed. */
  const client = (text: string) => {
    const socket = connect(door.port, "127.0.0.1", () => socket.write(text));
    open.push(socket);
    const got = new Promise<string>((resolve) => {
      socket.once("data", (chunk) => resolve(String(chunk)));
      socket.on("error", () => resolve("reset"));
      socket.on("close", () => resolve("closed"));
    });
    return { socket, got };
  };
  return { door, refusals, client };
}

test("what is over the bound is told so, politely", async () => {
  const { refusals, client } = await doorFor(5);
  const answers = [];
  for (let n = 0; n < 5; n++) answers.push((await client(REQUEST).got).slice(9, 12));
  expect(answers).toEqual(["421", "421", "421", "421", "421"]);
  const over = client(REQUEST);
  expect(await over.got).toMatch(/^HTTP\/1\.1 503 .*Retry-After: 1.*TOO_BUSY/s);
  await new Promise((resolve) => over.socket.on("close", resolve).resume());
  expect(refusals.list()[0]).toMatchObject({ check: "limits", count: 1 });
});

test("slow heads give way to new connections: nobody is shut out for long", async () => {
  const { door, client } = await doorFor(20);
  const slow = Array.from({ length: 20 }, () => client("GET / HTTP/1.1\r\nHost: x"));
  await expect.poll(() => door.connections()).toBe(20);
  let answer = "";
  await expect
    .poll(
      async () => {
        answer = await client(REQUEST).got;
        return answer.slice(9, 12);
      },
      { timeout: 10_000 },
    )
    .toBe("421");
  expect(slow.filter(({ socket }) => socket.closed || socket.destroyed).length).toBeGreaterThan(0);
});
