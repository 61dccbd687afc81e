import { expect, test } from "vitest";
import { exposure } from "./exposure.ts";

test.each([
  ["127.0.0.1", "loopback"],
  ["127.62.0.5", "loopback"],
  ["::1", "loopback"],
  ["::ffff:127.0.0.1", "loopback"],
  ["0.0.0.0", "everywhere"],
  ["::", "everywhere"],
  ["::ffff:0.0.0.0", "everywhere"],
  ["192.168.1.5", "lan"],
  ["fe80::1%eth0", "lan"],
  ["203.0.113.9", "lan"],
])("%s: %s", (host, verdict) => {
  expect(exposure({ host })).toBe(verdict);
});
