import fc from "fast-check";
import { expect, test } from "vitest";
import { classify } from "./classify.ts";
import { explainAddress } from "./explain-address.ts";
import { specialRanges } from "./special-ranges.ts";

// One address of every row of IANA's two registries, and its neighbours outside.
test.each([
  ["0.0.0.0", "0.0.0.0/32", "RFC 1122 §3.2.1.3"],
  ["0.1.2.3", "0.0.0.0/8", "RFC 791 §3.2"],
  ["10.255.255.255", "10.0.0.0/8", "RFC 1918"],
  ["100.64.0.1", "100.64.0.0/10", "RFC 6598"],
  ["127.9.9.9", "127.0.0.0/8", "RFC 1122 §3.2.1.3"],
  ["169.254.169.254", "169.254.0.0/16", "RFC 3927"],
  ["172.31.0.1", "172.16.0.0/12", "RFC 1918"],
  ["192.0.0.7", "192.0.0.0/29", "RFC 7335"],
  ["192.0.0.8", "192.0.0.8/32", "RFC 7600"],
  ["192.0.0.9", "192.0.0.9/32", "RFC 7723"],
  ["192.0.0.10", "192.0.0.10/32", "RFC 8155"],
  ["192.0.0.11", "192.0.0.0/24", "RFC 6890 §2.1"],
  ["192.0.0.171", "192.0.0.170/31", "RFC 8880, RFC 7050 §2.2"],
  ["192.0.2.1", "192.0.2.0/24", "RFC 5737"],
  ["192.31.196.1", "192.31.196.0/24", "RFC 7535"],
  ["192.52.193.1", "192.52.193.0/24", "RFC 7450"],
  ["192.88.99.1", "192.88.99.0/24", "RFC 7526"],
  ["192.88.99.2", "192.88.99.2/32", "RFC 6751"],
  ["192.168.1.1", "192.168.0.0/16", "RFC 1918"],
  ["192.175.48.1", "192.175.48.0/24", "RFC 7534"],
  ["198.19.255.255", "198.18.0.0/15", "RFC 2544"],
  ["198.51.100.1", "198.51.100.0/24", "RFC 5737"],
  ["203.0.113.1", "203.0.113.0/24", "RFC 5737"],
  ["239.255.255.250", "224.0.0.0/4", "RFC 5771"],
  ["240.0.0.1", "240.0.0.0/4", "RFC 1112 §4"],
  ["255.255.255.255", "255.255.255.255/32", "RFC 919 §7"],
  ["::", "::/128", "RFC 4291 §2.5.2"],
  ["::1", "::1/128", "RFC 4291 §2.5.3"],
  ["::ffff:127.0.0.1", "::ffff:0:0/96", "RFC 4291 §2.5.5.2"],
  ["64:ff9b::c000:221", "64:ff9b::/96", "RFC 6052"],
  ["64:ff9b:1::1", "64:ff9b:1::/48", "RFC 8215"],
  ["100::1", "100::/64", "RFC 6666"],
  ["100:0:0:1::1", "100:0:0:1::/64", "RFC 9780"],
  ["2001:1ff::1", "2001::/23", "RFC 2928"],
  ["2001::1", "2001::/32", "RFC 4380, RFC 8190"],
  ["2001:1::1", "2001:1::1/128", "RFC 7723"],
  ["2001:1::2", "2001:1::2/128", "RFC 8155"],
  ["2001:1::3", "2001:1::3/128", "RFC 9665"],
  ["2001:2::1", "2001:2::/48", "RFC 5180"],
  ["2001:3::1", "2001:3::/32", "RFC 7450"],
  ["2001:4:112::1", "2001:4:112::/48", "RFC 7535"],
  ["2001:1f::1", "2001:10::/28", "RFC 4843"],
  ["2001:2f::1", "2001:20::/28", "RFC 7343"],
  ["2001:3f::1", "2001:30::/28", "RFC 9374"],
  ["2001:db8::1", "2001:db8::/32", "RFC 3849"],
  ["2002:c000:201::1", "2002::/16", "RFC 3056"],
  ["2620:4f:8000::1", "2620:4f:8000::/48", "RFC 7534"],
  ["3fff:fff::1", "3fff::/20", "RFC 9637"],
  ["5f00::1", "5f00::/16", "RFC 9602"],
  ["fd12::1", "fc00::/7", "RFC 4193"],
  ["fe80::1%eth0", "fe80::/10", "RFC 4291 §2.5.6"],
  ["fec0::1", "fec0::/10", "RFC 3879"],
  ["ff02::fb", "ff00::/8", "RFC 4291 §2.7"],
])("%s lies in %s", (host, prefix, rfc) => {
  expect(specialRanges(host)[0]).toMatchObject({ prefix, rfc });
});

test("ordinary addresses and names lie in none", () => {
  for (const host of ["8.8.8.8", "100.128.0.1", "172.32.0.1", "198.20.0.1", "2606:4700::1111", "4000::1", "web"]) {
    expect(specialRanges(host), host).toEqual([]);
  }
});

test("the registry and the classes agree on loopback, whatever the address", () => {
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.oneof(fc.tuple(byte, byte, byte, byte), fc.tuple(fc.constant(127), byte, byte, byte)), (bytes) => {
      const host = bytes.join(".");
      const inRegistry = specialRanges(host).some(({ prefix }) => prefix === "127.0.0.0/8");
      expect(classify(host) === "loopback").toBe(inRegistry);
    }),
  );
});

test.each([
  ["127.0.0.1", "loopback", "this machine", /never leave this machine.*begins with 127/],
  ["0.0.0.0", "unspecified", "every address", /answers on every address/],
  ["::1", "loopback", "this machine", /a server on one is not on the other/],
  ["::ffff:192.168.1.5", "private", "the local network", /stands for the IPv4 address 192\.168\.1\.5\. Private/],
  ["64:ff9b::808:808", "global", "the internet", /leads to the IPv4 address 8\.8\.8\.8/],
  ["2002:c000:201::", "global", "the internet", /made of the IPv4 address 192\.0\.2\.1/],
  // RFC 4380 §4's layout, with the bits of 192.0.2.45 inverted.
  ["2001:0:4136:e378:8000:63bf:3fff:fdd2", "global", "the internet", /behind it has the IPv4 address 192\.0\.2\.45/],
  ["8.8.8.8", "global", "the internet", /global address/],
  ["224.0.0.251", "multicast", "nobody", /every member of a group/],
  ["localhost", "name", "this machine", /::1 or 127\.0\.0\.1/],
  ["web.shop.localhost", "name", "this machine", /browsers and curl/],
  ["printer.local", "name", "by name", /multicast DNS/],
  ["api.test", "name", "by name", /RFC 6761 §6\.2/],
  ["example.org", "name", "by name", /kept by IANA/],
  ["intranet", "name", "by name", /resolver/],
])("%s is explained", (host, kind, reach, text) => {
  expect(explainAddress(host)).toMatchObject({ class: kind, reach, text: expect.stringMatching(text) });
});
