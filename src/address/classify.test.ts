import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classify, isLoopback, isUnspecified, unmapped } from "./classify.ts";

test.each([
  ["127.0.0.1", "loopback"],
  ["127.255.255.254", "loopback"],
  ["::1", "loopback"],
  ["::ffff:127.0.0.1", "loopback"],
  ["::ffff:7f00:1", "loopback"],
  ["0.0.0.0", "unspecified"],
  ["::", "unspecified"],
  ["::ffff:0.0.0.0", "unspecified"],
  ["0.1.2.3", "reserved"],
  ["10.0.0.1", "private"],
  ["172.15.0.1", "global"],
  ["172.16.0.1", "private"],
  ["172.31.255.255", "private"],
  ["172.32.0.1", "global"],
  ["192.168.1.1", "private"],
  ["fd12::1", "private"],
  ["100.64.0.1", "shared"],
  ["100.128.0.1", "global"],
  ["169.254.1.1", "link-local"],
  ["fe80::1%eth0", "link-local"],
  ["febf::1", "link-local"],
  ["fec0::1", "global"],
  ["224.0.0.251", "multicast"],
  ["ff02::fb", "multicast"],
  ["255.255.255.255", "broadcast"],
  ["240.0.0.1", "reserved"],
  ["198.18.0.1", "reserved"],
  ["192.0.2.1", "documentation"],
  ["2001:db8::1", "documentation"],
  ["3fff::1", "documentation"],
  ["8.8.8.8", "global"],
  ["2606:4700::1111", "global"],
  ["web.shop.localhost", "name"],
])("%s is %s", (host, expected) => {
  expect(classify(host)).toBe(expected);
});

describe("loopback", () => {
  test("is the whole of 127/8, also inside IPv6", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, byte, byte, (b, c, d) => {
        expect(isLoopback(`127.${b}.${c}.${d}`)).toBe(true);
        expect(isLoopback(`::ffff:127.${b}.${c}.${d}`)).toBe(true);
      }),
    );
  });

  test("is localhost and what ends in it, and no look-alike", () => {
    expect(["localhost", "LocalHost.", "web.shop.localhost"].map(isLoopback)).toEqual([true, true, true]);
    expect(["localhost.example.com", "notlocalhost", "128.0.0.1"].map(isLoopback)).toEqual([false, false, false]);
  });
});

test("unspecified is neither loopback nor a name", () => {
  expect(["0.0.0.0", "::"].map(isUnspecified)).toEqual([true, true]);
  expect(["0.0.0.0", "::"].map(isLoopback)).toEqual([false, false]);
});

test("only mapped addresses are unmapped", () => {
  expect(["::ffff:10.0.0.1", "::1", "10.0.0.1", "web"].map(unmapped)).toEqual(["10.0.0.1", "::1", "10.0.0.1", "web"]);
});
