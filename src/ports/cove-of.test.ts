import { expect, test } from "vitest";
import { portUses } from "../home/view/port-uses.ts";
import type { Snapshot } from "../home/view/view.ts";
import { coveOf } from "./cove-of.ts";

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
  home: { pid: 10, version: "1", since: 0, door: at(62893), url: "" },
  stacks: [
    {
      id: "k",
      name: "shop",
      single: false,
      root: "/shop",
      branch: null,
      file: null,
      runner: { pid: 40, since: 0 },
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
  ["the door", at(62893), [10, 1], "Cove's door"],
  ["the door on ::1", at(62893, "::1"), [10, 1], "Cove's door"],
  ["a stranger on the door's port", at(62893), [11, 1], undefined],
  ["a relay", at(61002), [10, 1], "api → docs"],
  ["a stranger on a relay's port", at(61002), [99], undefined],
  ["a service", at(61001), [50, 40, 1], "shop/api"],
  ["a service's child, on every address", at(61001, "0.0.0.0"), [51, 50, 40, 1], "shop/api"],
  ["a service's other port", at(9229), [51, 50, 40, 1], "shop/api"],
  ["a stranger on a service's port", at(61001), [99, 1], undefined],
  ["a service inside its runner", at(61003), [40, 1], "shop/docs"],
  ["an alias", at(3000), [7], "grafana"],
  ["a lease of a stack that doesn't run", at(61009), [99], "lease: blog/web"],
  ["an edge's lease", at(61008), [99], "lease: a → b"],
  ["anything else", at(8080), [99, 1], undefined],
])("%s", (_, address, line, label) => {
  expect(coveOf(address, line, uses)?.label).toBe(label);
});

test("without a home there is no door, though its port is known", () => {
  const quiet = portUses(null, [], 62893);
  expect(coveOf(at(62893), [10], quiet)).toBeNull();
  expect(quiet.at(at(62893))?.use).toBe("door");
});
