import { isIPv6 } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatIPv6, mappedIPv4, parseIPv6 } from "./ipv6.ts";

const canonical = (text: string) => {
  const groups = parseIPv6(text);
  return groups === null ? null : formatIPv6(groups);
};

// The examples of RFC 5952 §4 and §5.
test.each([
  ["2001:0db8::0001", "2001:db8::1"],
  ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:DB8::AbCd", "2001:db8::abcd"],
  ["0:0:0:0:0:0:0:0", "::"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["1::", "1::"],
  ["0:0:0:0:0:ffff:192.0.2.1", "::ffff:192.0.2.1"],
  ["::ffff:c000:201", "::ffff:192.0.2.1"],
  ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
])("%s is printed as %s", (text, expected) => {
  expect(canonical(text)).toBe(expected);
});

test.each([
  "",
  ":",
  ":::",
  "1",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7:8::",
  "12345::",
  "g::",
  "1.2.3.4::",
  "::1.2.3",
  "::256.0.0.1",
])("%j is not an IPv6 address", (text) => {
  expect(parseIPv6(text)).toBeNull();
});

test("it accepts exactly what the system's own parser accepts", () => {
  const pieces = fc.array(fc.constantFrom(":", "::", "0", "1", "ffff", "abcde", "1.2.3.4", "g"), { maxLength: 16 });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.ipV6(),
        pieces.map((list) => list.join("")),
      ),
      (text) => {
        expect(parseIPv6(text) !== null).toBe(isIPv6(text));
      },
    ),
    { numRuns: 2000 },
  );
});

test("the groups survive printing and reading", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 }),
      (groups) => {
        expect(parseIPv6(formatIPv6(groups))).toEqual(groups);
      },
    ),
  );
});

test("only ::ffff:0:0/96 holds an IPv4 address", () => {
  expect(mappedIPv4([0, 0, 0, 0, 0, 0xffff, 0x7f00, 1])).toBe("127.0.0.1");
  expect(mappedIPv4([0, 0, 0, 0, 0, 0, 0x7f00, 1])).toBeNull();
});
