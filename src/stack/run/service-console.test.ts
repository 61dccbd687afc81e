import { expect, test } from "vitest";
import { NO_CONSOLE } from "../process/console.ts";
import { serviceConsole } from "./service-console.ts";

test("who comes later sees the last screen: so many lines, or all since it was cleared", () => {
  const console = serviceConsole();
  for (let line = 1; line <= 100; line++) console.printed("stdout", Buffer.from(`line ${line}\n`));
  expect(console.recent(3).toString()).toBe("line 98\nline 99\nline 100\n");
  console.printed("stdout", Buffer.from("\x1b[2Jmenu"));
  expect(console.recent(3).toString()).toBe("\x1b[2Jmenu");
});

test("little output is shown whole, and of much only the end is kept", () => {
  const console = serviceConsole();
  console.printed("stdout", Buffer.from("prompt> "));
  expect(console.recent(30).toString()).toBe("prompt> ");
  for (let piece = 0; piece < 100; piece++) console.printed("stdout", Buffer.alloc(10_000, "x"));
  expect(console.recent(30).length).toBeLessThanOrEqual(64 * 1024);
});

test("all who sit there see the same, and one of them can hold the output back", async () => {
  const console = serviceConsole();
  const seen: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const leave = console.attach({ output: (bytes) => void seen.push(`one ${bytes}`) as undefined, note: () => {} });
  console.attach({
    output: (bytes) => {
      seen.push(`two ${bytes}`);
      return promise;
    },
    note: (text) => seen.push(text),
  });
  const taken = console.printed("stdout", Buffer.from("hello"));
  expect(seen).toEqual(["one hello", "two hello"]);
  resolve();
  await expect(taken).resolves.toBeUndefined();
  leave();
  console.note("it starts again");
  expect(seen.at(-1)).toBe("it starts again");
});

test("what is typed while nothing runs is known to be lost", async () => {
  const console = serviceConsole();
  expect(await console.write(Buffer.from("rs\n"))).toBe(false);
  console.started(NO_CONSOLE);
  await console.begun;
  expect(await console.write(Buffer.from("rs\n"))).toBe(false);
});
