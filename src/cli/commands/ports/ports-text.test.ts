import { expect, test } from "vitest";
import { heldRow } from "../../../ports/gather.ts";
import type { PortRow } from "../../../ports/row.ts";
import type { Context } from "../../terminal/context.ts";
import { portsLines } from "./ports-text.ts";

const context = (width: number, live = true): Context => ({
  ...{ cwd: "/", json: false, live, moves: live, width, coloured: false },
  ...{
    print: () => {},
    printRaw: () => {},
    printData: () => {},
    printJson: () => {},
    command: "cove ports",
    note: () => {},
    paint: (_, text) => text,
  },
});

const row = (port: number, host = "127.0.0.1"): PortRow => ({
  ...{ protocol: "tcp", host, port, exposure: host === "0.0.0.0" ? "everywhere" : "loopback" },
  ...{ v6only: null, reusePort: null, pids: [32_557], uid: 1000, user: "christopher", container: null, cove: null },
  process: {
    ...{ pid: 32_557, parent: 7, program: "python3.11", user: "christopher", uid: 1000, container: null },
    command: "/usr/bin/python3 /home/christopher/code/a-rather-long-name/manage.py runserver --settings=x.y.z",
    cwd: "/srv/code/a-rather-long-name",
    project: "/srv/code/a-rather-long-name",
    startedAt: Date.now() - 900_000,
  },
});

const rows = [row(5173), row(5173, "::1"), row(65_089, "0.0.0.0")];
const seen = {
  rows,
  conflicts: [{ port: 5173, kind: "localhost" as const, between: rows.slice(0, 2).map(heldRow) }],
  look: { facts: () => null, line: () => [], userName: () => null, containers: [] },
  notes: ["1 listener's process is not shown to this user; it can be seen with: sudo cove ports, if you may"],
  seesAllProcesses: false,
};
const asked = { name: undefined, udp: false, exposed: false };

test.each([80, 100, 120])("on a terminal of %i columns nothing is wider, and address and exposure stay", (width) => {
  for (const tree of [false, true]) {
    const lines = portsLines(context(width), seen, { ...asked, tree });
    expect(lines.filter((line) => line.length > width)).toEqual([]);
    expect(lines.some((line) => line.includes("0.0.0.0:65089") && line.includes("every network"))).toBe(true);
    expect(lines.join("\n")).toContain("clash  port 5173");
  }
});

test("in a pipe a row is a line, whole", () => {
  const lines = portsLines(context(80, false), seen, { ...asked, tree: false });
  expect(lines.filter((line) => line.includes("christopher") && line.includes("15 min"))).toHaveLength(3);
});
