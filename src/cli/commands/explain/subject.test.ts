import { expect, test } from "vitest";
import { isFault } from "../../../fault/fault.ts";
import { portUses } from "../../../home/view/port-uses.ts";
import type { Snapshot } from "../../../home/view/view.ts";
import { doorSubject, resolveSubject } from "./subject.ts";
import { parseTarget } from "./target.ts";

const at = (port: number) => ({ host: "127.0.0.1", port });
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
      services: ["web", "api"].map((name, index) => ({
        name,
        kind: "command",
        protocol: "http",
        label: "",
        state: "ready",
        address: at(61001 + index),
        names: [`${name}.shop.localhost`],
        url: `http://${name}.shop.localhost:62893`,
        needs: [],
        pid: 50 + index,
        readyMs: 1,
        readyAt: 1,
        restarts: 0,
        cause: null,
      })),
      edges: [
        {
          id: "web→api",
          from: "web",
          to: "api",
          address: at(61005),
          connections: 0,
          bytesUp: 0,
          bytesDown: 0,
          shape: null,
        },
      ],
    },
  ],
  aliases: [{ name: "grafana", names: ["grafana.localhost"], url: "", address: at(3000) }],
};
const leases = [{ ...at(61009), holder: "service:db", root: "/home/ann/blog", branch: null }];
const knowledge = { uses: portUses(snapshot, leases, 62893), snapshot, leases, doorPort: 62893, note: null };
const resolving = { knowledge, hostsFile: "127.0.0.1 localhost\n10.1.2.3 build.corp build # the old one\n" };

function subject(text: string) {
  const target = parseTarget([text], false);
  if (isFault(target) || target.kind === "own" || target.kind === "pid") throw new Error(text);
  if (target.kind === "range" || target.kind === "network") throw new Error(text);
  return resolveSubject(target, resolving);
}

test.each([
  ["web", { called: "127.0.0.1:61001", port: 61001, behind: null }, "shop/web"],
  ["shop/api", { called: "127.0.0.1:61002" }, "shop/api"],
  ["web → api", { called: "127.0.0.1:61005" }, "web → api"],
  ["web.shop", { called: "web.shop.localhost:62893", port: 62893, behind: at(61001) }, "shop/web"],
  ["web.shop.localhost", { called: "web.shop.localhost:62893", behind: at(61001) }, "shop/web"],
  ["http://web.shop.localhost:62893/x", { called: "web.shop.localhost:62893", behind: at(61001) }, "shop/web"],
  ["grafana.localhost", { behind: at(3000) }, "grafana"],
  ["grafana", { called: "127.0.0.1:3000" }, "grafana"],
  ["blog/db", { called: "127.0.0.1:61009" }, "lease: blog/db"],
  ["cove.localhost", { called: "cove.localhost:62893", port: 62893 }, "Cove's door"],
  ["61001", { called: "port 61001", host: null }, "shop/web"],
  ["0.0.0.0:61001", { called: "0.0.0.0:61001" }, "shop/web"],
  ["localhost:61002", { addresses: ["127.0.0.1", "::1"] }, "shop/api"],
  ["build.corp", { addresses: ["10.1.2.3"], port: null }, undefined],
  ["build", { called: "build", addresses: ["10.1.2.3"], port: null }, undefined],
  ["unknown.example", { addresses: [], port: null }, undefined],
  ["192.168.1.1", { addresses: ["192.168.1.1"], port: null }, undefined],
])("%s is found", (text, expected, label) => {
  const found = subject(text);
  expect(found).toMatchObject(expected);
  expect(isFault(found) ? null : found.use?.label).toBe(label);
});

test("a word that nothing is called gives the nearest name", () => {
  expect(subject("grafna")).toMatchObject({
    fault: "NAME_UNKNOWN",
    hint: expect.stringContaining("did you mean grafana?"),
  });
  expect(subject("zzzzzz")).toMatchObject({ fault: "NAME_UNKNOWN" });
});

test("nothing is Cove's own address", () => {
  expect(doorSubject(resolving)).toMatchObject({ called: "127.0.0.1:62893", use: { use: "door" } });
});
