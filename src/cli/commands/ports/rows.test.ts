import { describe, expect, test } from "vitest";
import type { PortRow } from "../../../ports/row.ts";
import { filterRows } from "../../../ports/row.ts";
import { portTree } from "./tree.ts";
import { portChanges } from "./watch.ts";
import { ago, shortCommand } from "./words.ts";

const row = (port: number, more: Partial<PortRow> = {}, process: Partial<PortRow["process"]> = {}): PortRow => ({
  protocol: "tcp",
  host: "127.0.0.1",
  port,
  exposure: "loopback",
  v6only: null,
  reusePort: null,
  pids: [port + 1],
  uid: 1000,
  user: "ann",
  process: {
    pid: port + 1,
    parent: 7,
    command: "/usr/bin/node /home/ann/shop/server.js --token x",
    program: "node",
    user: "ann",
    uid: 1000,
    cwd: "/home/ann/shop",
    project: "/home/ann/shop",
    startedAt: 0,
    container: null,
    ...process,
  },
  container: null,
  cove: null,
  ...more,
});

describe("which rows are asked for", () => {
  const rows = [
    row(5000, { exposure: "everywhere", host: "0.0.0.0" }),
    row(3000),
    row(4000, { container: { engine: "docker", id: "abc", name: "shop-db" } }),
    row(80, { cove: { use: "edge", label: "api → db", stack: "blog", from: "api", to: "db", root: "/" } }),
  ];
  const ports = (name?: string, exposed = false) => filterRows(rows, { name, exposed }).map(({ port }) => port);

  test.each([
    [undefined, [80, 3000, 4000, 5000]],
    ["3000", [3000]],
    [":3000", [3000]],
    ["3001", [3000]],
    [":3001", []],
    ["pid 5001", [5000]],
    ["pid 5000", []],
    ["NODE", [80, 3000, 4000, 5000]],
    ["shop-db", [4000]],
    ["blog", [80]],
    ["api →", [80]],
    ["0.0.0.0", [5000]],
    ["nothing", []],
  ])("%s", (name, expected) => {
    expect(ports(name)).toEqual(expected);
  });

  test("--exposed leaves out loopback", () => {
    expect(ports(undefined, true)).toEqual([5000]);
    expect(ports("shop-db", true)).toEqual([]);
  });
});

test("the tree is by project, then parent; what has no project is last", () => {
  const loose = row(1, {}, { project: null });
  const groups = portTree([loose, row(2), row(3, {}, { parent: 9 }), row(4)], () => null);
  expect(
    groups.map(({ project, parents }) => [project, parents.map(({ listeners }) => listeners.map(({ port }) => port))]),
  ).toEqual([
    ["/home/ann/shop", [[2, 4], [3]]],
    [null, [[1]]],
  ]);
});

test("a change is told when a listener comes, goes, or passes to another process", () => {
  const changes = portChanges([row(1), row(2), row(3)], [row(2), row(3, { pids: [99] }), row(4)]);
  expect(changes.map(({ change, row: { port, pids } }) => [change, port, pids[0]])).toEqual([
    ["closed", 1, 2],
    ["closed", 3, 4],
    ["opened", 3, 99],
    ["opened", 4, 5],
  ]);
});

describe("words", () => {
  test.each([
    [0, "0 s"],
    [59_000, "59 s"],
    [60_000, "1 min"],
    [3_600_000, "1 h"],
    [47 * 3_600_000, "47 h"],
    [72 * 3_600_000, "3 d"],
    [-5, "0 s"],
  ])("%i ms are %s", (span, text) => {
    expect(ago(0, span)).toBe(text);
  });

  test("a command is shown without its folder, in one line, cut, and without control characters", () => {
    const short = (command: string | null, longest = 40) => shortCommand({ command, program: "node" }, longest);
    expect(short("/usr/bin/node server.js")).toBe("node server.js");
    expect(short('"C:\\Program Files\\nodejs\\node.exe" a.js')).toBe("node.exe a.js");
    expect(short("node x\x1b[31m\ny")).toBe("node x␛[31m y");
    expect(short(`node ${"x".repeat(80)}`, 10)).toBe("node xxxx…");
    expect(short(null)).toBe("node");
  });
});
