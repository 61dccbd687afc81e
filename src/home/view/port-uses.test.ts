import { expect, test } from "vitest";
import { portUses } from "./port-uses.ts";
import type { Snapshot } from "./view.ts";

const at = (port: number, host = "127.0.0.1") => ({ host, port });
const service = {
  name: "api",
  kind: "command",
  protocol: "http",
  label: "node server.js",
  state: "ready",
  address: at(61001),
  names: ["api.shop.localhost"],
  url: "http://api.shop.localhost:62893",
  needs: [],
  pid: 50,
  readyMs: 1,
  readyAt: 1,
  restarts: 0,
  cause: null,
} as const;
const snapshot: Snapshot = {
  home: { pid: 10, version: "1", startedAt: 0, door: at(62893), url: "" },
  stacks: [
    {
      id: "k",
      name: "shop",
      single: false,
      root: "/shop",
      branch: null,
      file: null,
      runner: { pid: 40, startedAt: 0 },
      services: [service, { ...service, name: "docs", address: at(61003), pid: null }],
      edges: [
        {
          id: "browser→api",
          from: "browser",
          to: "api",
          address: at(62893),
          connections: 0,
          bytesUp: 0,
          bytesDown: 0,
          shape: null,
        },
        {
          id: "api→docs",
          from: "api",
          to: "docs",
          address: at(61002),
          connections: 0,
          bytesUp: 0,
          bytesDown: 0,
          shape: null,
        },
      ],
    },
  ],
  aliases: [{ name: "grafana", names: [], url: "", address: at(3000) }],
};
const lease = (port: number, holder: string) => ({ ...at(port), holder, root: "/home/ann/blog", branch: null });
const uses = portUses(
  snapshot,
  [lease(61001, "service:api"), lease(61009, "service:web"), lease(61008, "edge:a→b")],
  1,
);

test.each([
  ["the door", at(62893), "Cove's door", "door"],
  ["the door on ::1", at(62893, "::1"), "Cove's door", "door"],
  ["a service goes before its lease", at(61001), "shop/api", "service"],
  ["a service inside its runner", at(61003), "shop/docs", "service"],
  ["a relay", at(61002), "api → docs", "edge"],
  ["an alias", at(3000), "grafana", "alias"],
  ["a lease of a stack that doesn't run", at(61009), "lease: blog/web", "lease"],
  ["an edge's lease", at(61008), "lease: a → b", "lease"],
  ["anything else", at(8080), undefined, undefined],
])("%s", (_, address, label, use) => {
  const found = uses.at(address);
  expect([found?.label, found?.use]).toEqual([label, use]);
});

test("without a home the door's port is known, and no process has it", () => {
  const quiet = portUses(null, [], 62893);
  expect(quiet.at(at(62893))).toMatchObject({ use: "door", pid: null });
});
