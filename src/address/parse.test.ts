import fc from "fast-check";
import { expect, test } from "vitest";
import { isFault } from "../fault/fault.ts";
import { formatIPv6 } from "./ipv6.ts";
import { formatAddress, parseAddress } from "./parse.ts";

const port = fc.integer({ min: 0, max: 65535 });
const byte = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join("."));
// Zeros are made likely, since they are what RFC 5952 shortens.
const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
const groups = fc.array(group, { minLength: 8, maxLength: 8 });
const zone = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
const name = fc
  .array(fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/), { minLength: 1, maxLength: 4 })
  .map((labels) => labels.join("."))
  .filter((text) => !text.split(".").some((label) => label.startsWith("xn--") || label.slice(2, 4) === "--"));

test.each([
  ["127.0.0.1:62893", { host: "127.0.0.1", port: 62893 }],
  ["127.255.3.4:1", { host: "127.255.3.4", port: 1 }],
  ["0.0.0.0:3000", { host: "0.0.0.0", port: 3000 }],
  ["*:3000", { host: "0.0.0.0", port: 3000 }],
  [":5432", { host: "127.0.0.1", port: 5432 }],
  ["5432", { host: "127.0.0.1", port: 5432 }],
  ["  localhost:80\n", { host: "localhost", name: "localhost", port: 80 }],
  ["[::1]:5432", { host: "::1", port: 5432 }],
  ["[::]:80", { host: "::", port: 80 }],
  ["[::ffff:127.0.0.1]:80", { host: "::ffff:127.0.0.1", port: 80 }],
  ["[::ffff:7f00:1]:80", { host: "::ffff:127.0.0.1", port: 80 }],
  ["[2001:DB8:0:0:1:0:0:1]:80", { host: "2001:db8::1:0:0:1", port: 80 }],
  ["[fe80::1%eth0]:80", { host: "fe80::1%eth0", zone: "eth0", port: 80 }],
  ["[fe80::1%25eth0]:80", { host: "fe80::1%eth0", zone: "eth0", port: 80 }],
  ["Web.Shop.LOCALHOST.:62893", { host: "web.shop.localhost", name: "web.shop.localhost", port: 62893 }],
  ["bücher.example:1", { host: "xn--bcher-kva.example", name: "xn--bcher-kva.example", port: 1 }],
  ["my_db:1", { host: "my_db", name: "my_db", port: 1 }],
  ["localhost:3000/a?b#c", { host: "localhost", name: "localhost", port: 3000, path: "/a?b#c" }],
  ["http://web.shop.localhost", { host: "web.shop.localhost", name: "web.shop.localhost", port: 80, scheme: "http" }],
  ["HTTPS://127.0.0.1/x", { host: "127.0.0.1", port: 443, scheme: "https", path: "/x" }],
  ["ws://[::1]", { host: "::1", port: 80, scheme: "ws" }],
  ["wss://[::1]:8443", { host: "::1", port: 8443, scheme: "wss" }],
  ["postgres://u:p%40@db/shop", { host: "db", name: "db", port: 5432, scheme: "postgres", path: "/shop" }],
  ["postgresql://u:p@ss@db", { host: "db", name: "db", port: 5432, scheme: "postgresql" }],
  ["jdbc:postgresql://db/x", { host: "db", name: "db", port: 5432, scheme: "postgresql", path: "/x" }],
  ["redis://127.0.0.1/0", { host: "127.0.0.1", port: 6379, scheme: "redis", path: "/0" }],
  ["rediss://127.0.0.1", { host: "127.0.0.1", port: 6379, scheme: "rediss" }],
  ["mysql://127.0.0.1", { host: "127.0.0.1", port: 3306, scheme: "mysql" }],
  ["amqp://127.0.0.1", { host: "127.0.0.1", port: 5672, scheme: "amqp" }],
  ["mongodb://127.0.0.1", { host: "127.0.0.1", port: 27017, scheme: "mongodb" }],
  ["ftp://127.0.0.1", { host: "127.0.0.1", port: 21, scheme: "ftp" }],
  ["ssh://git@127.0.0.1", { host: "127.0.0.1", port: 22, scheme: "ssh" }],
])("%s is read as what it means", (text, expected) => {
  expect(parseAddress(text)).toEqual(expected);
});

test.each([
  ["::1", { host: "::1", port: 9 }],
  ["::1:5432", { host: "::1:5432", port: 9 }],
  ["fe80::1%en0", { host: "fe80::1%en0", zone: "en0", port: 9 }],
  ["[::1]", { host: "::1", port: 9 }],
  ["127.0.0.1", { host: "127.0.0.1", port: 9 }],
  ["localhost", { host: "localhost", name: "localhost", port: 9 }],
  ["http://localhost", { host: "localhost", name: "localhost", port: 80, scheme: "http" }],
  ["carrier-pigeon://localhost", { host: "localhost", name: "localhost", port: 9, scheme: "carrier-pigeon" }],
])("%s without a port takes the scheme's, else the default one", (text, expected) => {
  expect(parseAddress(text, { defaultPort: 9 })).toEqual(expected);
});

test.each([
  ["", ""],
  ["localhost", "localhost:<port>"],
  ["127.0.0.1", "127.0.0.1:<port>"],
  ["::1", "[::1]:<port>"],
  ["127.1:80", "127.0.0.1"],
  ["0x7f.1:80", "127.0.0.1"],
  ["017700000001:80", "127.0.0.1"],
  ["http://2130706433", "127.0.0.1"],
  ["127.0.0.01:80", "127.0.0.1"],
  ["256.0.0.1:80", "four decimal numbers"],
  ["1.2.3.4.5:80", "four decimal numbers"],
  ["localhost:65536", "0 to 65535"],
  ["70000", "0 to 65535"],
  ["localhost:http", "0 to 65535"],
  ["localhost:-1", "0 to 65535"],
  ["localhost:", "0 to 65535"],
  ["[::1", "host:port"],
  ["[::1]80", "host:port"],
  ["[::1::2]:80", "[::1]:3000"],
  ["[1:2:3]:80", "[::1]:3000"],
  ["[127.0.0.1]:80", "[::1]:3000"],
  ["fe80::1%:80", ""],
  ["a b:80", ""],
  ["-a.b:80", ""],
  ["a..b:80", ""],
  ["ex*mple:80", ""],
  ["mongodb://a:1,b:2/db", ""],
  ["postgres:///shop", ""],
  [`${"a".repeat(64)}:80`, ""],
])("%j is refused, and the hint helps", (text, hint) => {
  const result = parseAddress(text);
  expect(result).toMatchObject({ fault: "ADDRESS_INVALID", hint: expect.stringContaining(hint) });
});

test("a password in a refused URL doesn't come back in the message", () => {
  expect(JSON.stringify(parseAddress("postgres://ann:hush@127.1:99999/db"))).not.toContain("hush");
});

test("what was printed is read back as the same", () => {
  const host = fc.oneof(
    ipv4,
    groups.map(formatIPv6),
    fc.tuple(groups.map(formatIPv6), zone).map(([ip, id]) => `${ip}%${id}`),
    name,
  );
  fc.assert(
    fc.property(host, port, (text, number) => {
      const address = { host: text, port: number };
      expect(parseAddress(formatAddress(address))).toMatchObject(address);
    }),
  );
});

test("whatever is accepted prints in one canonical form", () => {
  const text = fc.oneof(
    fc.string(),
    fc.webUrl(),
    fc.ipV6(),
    fc.tuple(fc.ipV6(), port).map(([ip, n]) => `[${ip}]:${n}`),
  );
  fc.assert(
    fc.property(text, (written) => {
      const parsed = parseAddress(written, { defaultPort: 1 });
      if (isFault(parsed)) return;
      const again = parseAddress(formatAddress(parsed));
      expect(again).toMatchObject({ host: parsed.host, port: parsed.port });
    }),
    { numRuns: 1000 },
  );
});
