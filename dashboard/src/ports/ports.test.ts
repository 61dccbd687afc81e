import { expect, test } from "vitest";
import type { PortsView } from "../../../src/home/view/view.ts";
import { marks, nearest } from "./marks.ts";
import { belongsTo, processText, type Row, shownRows } from "./rows.ts";

const row = (port: number, more: Partial<Row> = {}): Row => ({
  ...{ protocol: "tcp", host: "127.0.0.1", port, exposure: "loopback", v6only: null, reusePort: null },
  ...{ pids: [port + 1], uid: 1000, user: "ann", container: null, cove: null },
  process: {
    ...{ pid: port + 1, parent: 7, command: "/usr/bin/node server.js --quiet", program: "node", user: "ann" },
    ...{ uid: 1000, cwd: "/home/ann/shop", project: "/home/ann/code/shop", startedAt: 0, container: null },
  },
  ...more,
});

const view = (more: Partial<PortsView> = {}): PortsView => ({
  ...{ listeners: [], conflicts: [], leases: [], leaseRange: [61_000, 65_535], ephemeral: [32_768, 60_999] },
  ...{ unprivilegedFrom: 1_024, notes: [] },
  ...more,
});

test("what others reach comes first, then by port; every word must be found", () => {
  const rows = [
    row(3_000),
    row(9_000, { exposure: "lan", host: "192.168.1.7" }),
    row(8_000, { exposure: "everywhere", host: "0.0.0.0" }),
    row(53, { protocol: "udp", exposure: "everywhere" }),
    row(2_000, { user: "bob", process: null }),
  ];
  const ports = (shown: Partial<Parameters<typeof shownRows>[1]>) =>
    shownRows(rows, { query: "", exposed: false, udp: false, ...shown }).map(({ port }) => port);
  expect(ports({})).toEqual([8_000, 9_000, 2_000, 3_000]);
  expect(ports({ udp: true })).toEqual([53, 8_000, 9_000, 2_000, 3_000]);
  expect(ports({ exposed: true })).toEqual([8_000, 9_000]);
  expect(ports({ query: "ann node" })).toEqual([8_000, 9_000, 3_000]);
  expect(ports({ query: "3000" })).toEqual([3_000]);
  expect(ports({ query: "nowhere" })).toEqual([]);
});

test("a port has one mark, by the gravest of its listeners; a stranger on a leased port isn't Cove's", () => {
  const lease = { host: "127.0.0.1", port: 61_007, holder: "service:web", root: "/home/ann/shop" };
  const leaseUse = { use: "lease", label: "lease: shop/web", holder: "service:web", root: "/", branch: null } as const;
  const listeners = [
    row(5_173),
    row(5_173, { host: "0.0.0.0", exposure: "everywhere" }),
    row(62_893, { cove: { use: "door", label: "Cove's door", pid: 1 } }),
    row(61_500, { cove: { ...{ use: "edge", label: "api → db", stack: "shop", from: "api", to: "db" }, root: "/" } }),
    row(61_501, { cove: leaseUse }),
  ];
  const conflict = { port: 5_173, kind: "shadowed", between: [] } as const;
  const found = marks(view({ leases: [lease], conflicts: [conflict] }), listeners);
  expect(found.map(({ port, kind }) => [port, kind])).toEqual([
    [5_173, "everywhere"],
    [61_007, "lease"],
    [61_500, "cove"],
    [61_501, "loopback"],
    [62_893, "door"],
  ]);
  expect(found[0]?.conflict).toBe(conflict);
  expect(found[1]?.lease).toBe(lease);

  const place = (port: number) => ({ x: port, y: 0 });
  expect(nearest(found, place, { x: 61_498, y: 2 }, 10)?.port).toBe(61_500);
  expect(nearest(found, place, { x: 30_000, y: 0 }, 10)).toBeNull();
});

test("listeners in words", () => {
  expect(processText(row(1))).toBe("node server.js --quiet");
  expect(processText(row(1, { process: null, pids: [] }))).toBe("not shown to this user");
  expect(belongsTo(row(1))).toBe("…/code/shop");
  expect(belongsTo(row(1, { container: { engine: "docker", id: "abc", name: "db" } }))).toBe("container db");
  expect(belongsTo(row(1, { cove: { use: "alias", label: "grafana", url: "http://x" } }))).toBe("alias grafana");
});
