import { expect, test } from "vitest";
import { parseTarget } from "./target.ts";

const host = (more: object) => ({ kind: "host", isName: false, port: null, scheme: null, path: null, ...more });

test.each([
  ["", { kind: "own" }],
  ["3000", { kind: "port", port: 3000 }],
  [":5432", { kind: "port", port: 5432 }],
  ["0", { kind: "port", port: 0 }],
  ["pid 812", { kind: "pid", pid: 812 }],
  ["pid:812", { kind: "pid", pid: 812 }],
  ["127.0.0.1:62893", host({ host: "127.0.0.1", port: 62893 })],
  ["127.0.0.1", host({ host: "127.0.0.1" })],
  ["0.0.0.0:3000", host({ host: "0.0.0.0", port: 3000 })],
  ["::1", host({ host: "::1" })],
  ["[::1]:80", host({ host: "::1", port: 80 })],
  ["fe80::1%eth0", host({ host: "fe80::1%eth0" })],
  ["localhost", host({ host: "localhost", isName: true })],
  ["localhost:3000", host({ host: "localhost", isName: true, port: 3000 })],
  ["web.shop.localhost", host({ host: "web.shop.localhost", isName: true })],
  ["api.example", host({ host: "api.example", isName: true })],
  ["web", { kind: "word", word: "web" }],
  ["shop/web", { kind: "word", word: "shop/web" }],
  ["api → db", { kind: "word", word: "api→db" }],
  ["api->db", { kind: "word", word: "api→db" }],
  [
    "http://web.shop.localhost:62893/a",
    host({ host: "web.shop.localhost", isName: true, port: 62893, scheme: "http", path: "/a" }),
  ],
  ["postgres://ann:secret@127.0.0.1/shop", host({ host: "127.0.0.1", port: 5432, scheme: "postgres", path: "/shop" })],
  ["https://example.com", host({ host: "example.com", isName: true, port: 443, scheme: "https" })],
])("%j is understood", (text, expected) => {
  expect(parseTarget(text.split(" "), false)).toEqual(expected);
});

test("a pid may be said by an option", () => {
  expect(parseTarget(["812"], true)).toEqual({ kind: "pid", pid: 812 });
});

test.each([
  [["pid", "x"], "USAGE"],
  [["pid", "0"], "USAGE"],
  [["a", "b"], "USAGE"],
  [["127.1:80"], "ADDRESS_INVALID"],
  [["70000"], "ADDRESS_INVALID"],
  [["localhost:http"], "ADDRESS_INVALID"],
])("%j is refused", (words, code) => {
  expect(parseTarget(words, false)).toMatchObject({ fault: code, hint: expect.any(String) });
});
