import { expect, test } from "vitest";
import { readListen, readUpstream } from "./listen-address.ts";

test.each([
  ["127.0.0.1:80", { host: "127.0.0.1", port: 80 }],
  ["localhost:0", { host: "127.0.0.1", port: 0 }],
  ["[::1]:80", { host: "::1", port: 80 }],
  ["127.62.0.5:80", { host: "127.62.0.5", port: 80 }],
  ["", { host: "127.0.0.1", port: 0 }],
  [":80", { host: "127.0.0.1", port: 80 }],
  ["localhost:", { host: "127.0.0.1", port: 0 }],
])("%j is where a proxy may listen", async (text, address) => {
  expect(await readListen(text, false)).toEqual(address);
});

test.each([
  ["0.0.0.0:80", 403],
  ["[::]:80", 403],
  ["192.168.1.5:80", 403],
  ["127.0.0.1", 500],
  ["::1:80", 500],
  ["127.0.0.1:70000", 500],
  ["127.0.0.1:http", 500],
])("%j is not", async (text, status) => {
  expect(await readListen(text, false)).toMatchObject({ status });
});

test("exposed, every address will do, and none means all", async () => {
  expect(await readListen("0.0.0.0:80", true)).toEqual({ host: "0.0.0.0", port: 80 });
  expect(await readListen(":80", true)).toEqual({ host: "::", port: 80 });
});

test.each([
  ["localhost:6379", { host: "localhost", port: 6379 }],
  [":6379", { host: "localhost", port: 6379 }],
  ["[::1]:6379", { host: "::1", port: 6379 }],
  ["nonsense", null],
  ["nonsense:0", null],
  ["a:b:1", null],
])("%j leads to %o", (text, upstream) => {
  expect(readUpstream(text)).toEqual(upstream);
});
