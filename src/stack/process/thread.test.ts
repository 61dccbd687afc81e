import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { scratch } from "../../../test/support/scratch.ts";
import { startThread } from "./thread.ts";

function program(code: string): { program: URL; args: string[]; folder: string } {
  const folder = scratch("thread");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "program.mjs"), code);
  return { program: pathToFileURL(join(folder, "program.mjs")), args: ["one", "two"], folder };
}

test("a thread gets arguments and environment, its lines are the log, and its exit code is told", async () => {
  const lines: string[] = [];
  const own = program(`console.log(process.argv.slice(2).join(), process.env.NAME, process.env.PATH ?? "no PATH");
    console.error("sorry");
    process.exitCode = 3;`);
  const thread = startThread(own, { NAME: "docs" }, (stream, text) => lines.push(`${stream} ${text}`));
  expect(await thread.ended).toEqual({ code: 3, signal: null });
  expect(lines.sort()).toEqual(["stderr sorry", "stdout one,two docs no PATH"]);
});

test("what it throws is in the log, and ends it with 1", async () => {
  const lines: string[] = [];
  const thread = startThread(program(`throw new TypeError("no such folder");`), {}, (_, text) => lines.push(text));
  expect(await thread.ended).toEqual({ code: 1, signal: null });
  expect(lines.join("\n")).toContain("TypeError: no such folder");
});

test("stopped, it is gone with its listeners, and the process goes on", async () => {
  const { promise: port, resolve } = Promise.withResolvers<number>();
  const thread = startThread(
    program(`import { createServer } from "node:http";
      const server = createServer().listen(0, "127.0.0.1", () => console.log(server.address().port));`),
    {},
    (_, text) => resolve(Number(text)),
  );
  const at = await port;
  expect(await thread.stop("SIGTERM")).toBe(false);
  expect(await thread.ended).toEqual({ code: null, signal: "SIGTERM" });
  const again = createServer();
  await new Promise<void>((done) => again.listen(at, "127.0.0.1", done));
  again.close();
});
