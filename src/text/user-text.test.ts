import { spawn } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../../test/support/scratch.ts";
import { decodeUserText, readUserJson, readUserText } from "./user-text.ts";

const TEXT = '{ "name": "größe 😀" }\n';
const LE = Buffer.from(TEXT, "utf16le");
const BE = Buffer.from(LE).swap16();

test.each<[string, Uint8Array]>([
  ["UTF-8", Buffer.from(TEXT)],
  ["UTF-8 with a mark", Buffer.from(`\ufeff${TEXT}`)],
  ["UTF-16 LE with a mark", Buffer.concat([Buffer.from([0xff, 0xfe]), LE])],
  ["UTF-16 BE with a mark", Buffer.concat([Buffer.from([0xfe, 0xff]), BE])],
  ["UTF-16 LE", LE],
  ["UTF-16 BE", BE],
])("%s is read", (_, bytes) => {
  expect(decodeUserText(bytes)).toBe(TEXT);
  const file = join(scratch("text"), "x.json");
  writeFileSync(file, bytes);
  expect(readUserText(file)).toBe(TEXT);
  expect(readUserJson(file)).toEqual({ name: "größe 😀" });
});

test("short and empty files are text", () => {
  for (const text of ["", "a", "ab", "\n"]) expect(decodeUserText(Buffer.from(text))).toBe(text);
});

test("what isn't text is told, with the line where there is one", () => {
  expect(decodeUserText(Buffer.from([97, 10, 98, 10, 0xff, 10]))).toEqual({
    unreadable: "isn't UTF-8 text in line 3; save it as UTF-8",
    line: 3,
  });
  expect(decodeUserText(Buffer.from([0xff, 0xfe, 97]))).toEqual({
    unreadable: "is broken UTF-16 text; save it as UTF-8",
  });
  expect(decodeUserText(Buffer.from([0xff, 0xfe, 0, 0, 97, 0, 0, 0]))).toEqual({
    unreadable: "is UTF-32 text; save it as UTF-8",
  });
});

test("what isn't a file is told", async () => {
  const dir = scratch("text");
  mkdirSync(join(dir, "folder"));
  symlinkSync("loop", join(dir, "loop"));
  expect(readUserText(join(dir, "folder"))).toEqual({ unreadable: "is a folder" });
  expect(readUserText(join(dir, "none"))).toEqual({ unreadable: "isn't there", isMissing: true });
  expect(readUserText(join(dir, "folder/none/x"))).toEqual({ unreadable: "isn't there", isMissing: true });
  expect(readUserText(join(dir, "loop"))).toEqual({ unreadable: "is a link that leads back to itself" });
  expect(readUserText("/dev/zero", 1024 * 1024)).toEqual({ unreadable: "is larger than 1 MiB" });
  const server = createServer();
  await new Promise<void>((listening) => server.listen(join(dir, "socket"), listening));
  expect(readUserText(join(dir, "socket"))).toEqual({ unreadable: "is a socket" });
  server.close();
});

test("a pipe is read to its end once somebody writes to it, as secret managers and <(…) do", () => {
  const pipe = join(scratch("text"), "pipe");
  spawn("sh", ["-c", 'mkfifo "$0"; sleep 0.2; printf "A=1\\n" >"$0"', pipe], { stdio: "ignore" });
  let text = readUserText(pipe);
  for (const until = Date.now() + 5_000; typeof text !== "string" && Date.now() < until; ) text = readUserText(pipe);
  expect(text).toBe("A=1\n");
});
