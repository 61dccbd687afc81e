import { expect, test } from "vitest";
import { explainPort } from "./explain-port.ts";
import { ianaServices } from "./iana-services.ts";

const linux = { ephemeral: [32768, 60999], unprivilegedFrom: 1024 } as const;

test.each([
  [0, "well-known", /Nothing listens on port 0/],
  [80, "well-known", /IANA: http, the web[\s\S]*needs privileges/],
  [443, "well-known", /HTTP\/3/],
  [1023, "well-known", /0–1023/],
  [1024, "registered", /1024–49151/],
  [3000, "registered", /Next\.js/],
  [5000, "registered", /AirPlay/],
  [5432, "registered", /IANA: postgresql, PostgreSQL/],
  [6000, "registered", /Browsers refuse/],
  [8474, "registered", /Toxiproxy/],
  [9229, "registered", /runs code as you/],
  [40_000, "registered", /outgoing connections: one may hold it/],
  [49151, "registered", /1024–49151/],
  [49152, "dynamic", /49152–65535[\s\S]*outgoing connections/],
  [61_007, "dynamic", /Cove gives ports/],
  [62893, "dynamic", /Cove's door/],
  [65535, "dynamic", /Cove gives/],
])("port %i is %s and explained", (port, range, text) => {
  const meaning = explainPort(port, linux);
  expect(meaning.range).toBe(range);
  expect(meaning.text.join("\n")).toMatch(text);
});

test("what the system says decides about privileges and outgoing connections", () => {
  expect(explainPort(80, { ephemeral: null, unprivilegedFrom: 0 })).toMatchObject({
    privileged: false,
    ephemeral: null,
  });
  expect(explainPort(62893, { ephemeral: [1024, 65535], unprivilegedFrom: 0 }).ephemeral).toBe(true);
  expect(explainPort(62893, linux)).toMatchObject({ ephemeral: false, leased: true, blockedByBrowsers: false });
});

test("the registry's table holds what developers meet, each row whole", () => {
  let rows = 0;
  for (let port = 0; port < 65536; port++) {
    for (const { name, about, tcp, udp } of ianaServices(port)) {
      rows++;
      expect(name, String(port)).toMatch(/^[A-Za-z0-9-]+$/);
      expect(about.length, String(port)).toBeGreaterThan(2);
      expect(tcp || udp, String(port)).toBe(true);
    }
  }
  expect(rows).toBeGreaterThanOrEqual(150);
  expect(ianaServices(514).map(({ name, tcp, udp }) => [name, tcp, udp])).toEqual([
    ["shell", true, false],
    ["syslog", false, true],
  ]);
});
