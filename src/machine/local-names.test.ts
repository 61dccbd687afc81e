import { lookup } from "node:dns";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { localNamesAdvice, localNamesResolve } from "./local-names.ts";

test("says what Node's own fetch finds", async () => {
  const server = createServer((_, res) => res.end("here")).listen(0);
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const fetched = await fetch(`http://any.shop.localhost:${port}`).then(
    (response) => response.text(),
    () => null,
  );
  expect(await localNamesResolve()).toBe(fetched === "here");
  const found = await new Promise((resolve) => lookup("localhost", (error) => resolve(error === null)));
  expect(found).toBe(true);
});

test.each(["linux", "darwin", "win32"] as const)("there is something to do about it on %s", (platform) => {
  expect(localNamesAdvice(platform)).toMatch(/nsswitch\.conf|hosts: 127\.0\.0\.1 /);
});
