import { expect, test } from "vitest";
import { coveOf } from "./cove-of.ts";
import { type PortUse, usesByAddress } from "./uses.ts";

const at = (port: number, host = "127.0.0.1") => ({ host, port });
const door: PortUse = { use: "door", label: "Cove's door", pid: 10 };
const service: PortUse = {
  use: "service",
  label: "shop/api",
  stack: "shop",
  service: "api",
  kind: "command",
  state: "ready",
  url: "http://api.shop.localhost:62893",
  pid: 50,
  root: "/shop",
};
const edge: PortUse = { use: "edge", label: "api → docs", stack: "shop", from: "api", to: "docs", root: "/shop" };
const lease = (label: string, holder: string): PortUse => ({
  ...{ use: "lease", label, holder },
  ...{ root: "/home/ann/blog", branch: null },
});
const uses = usesByAddress([
  [at(62893), door],
  [at(62893, "::1"), door],
  [at(61001), service],
  [at(61003), { ...service, label: "shop/docs", service: "docs", pid: null }],
  [at(61002), edge],
  [at(3000), { use: "alias", label: "grafana", url: "" }],
  // A lease of what runs: the running service goes before it.
  [at(61001), lease("lease: blog/api", "service:api")],
  [at(61009), lease("lease: blog/web", "service:web")],
  [at(61008), lease("lease: a → b", "edge:a→b")],
]);

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

test("where nobody knows the door's process, no process is it", () => {
  const quiet = usesByAddress([[at(62893), { ...door, pid: null }]]);
  expect(coveOf(at(62893), [10], quiet)).toBeNull();
});
