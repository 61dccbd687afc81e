import { expect, test } from "vitest";
import { whoAnswers } from "../../../machine/who-answers.ts";
import { heldRow } from "../../../ports/gather.ts";
import type { PortRow } from "../../../ports/row.ts";
import { nextSteps } from "./next-steps.ts";
import type { Subject } from "./subject.ts";
import { findTroubles } from "./troubles.ts";

const row = (host: string, pid: number, more: Partial<PortRow> = {}): PortRow => ({
  protocol: "tcp",
  host,
  port: 3000,
  exposure: host === "0.0.0.0" || host === "::" ? "everywhere" : "loopback",
  v6only: host.includes(":") ? true : null,
  reusePort: null,
  pids: [pid],
  uid: 1000,
  user: "ann",
  process: {
    pid,
    parent: 1,
    command: `node server-${pid}.js`,
    program: "node",
    user: "ann",
    uid: 1000,
    cwd: null,
    project: null,
    startedAt: null,
    container: null,
  },
  container: null,
  cove: null,
  ...more,
});

const lease = { use: "lease", label: "lease: shop/api", holder: "service:api", root: "/shop", branch: null } as const;
const door = { use: "door", label: "Cove's door", pid: null } as const;
const service = {
  use: "service",
  label: "shop/api",
  stack: "shop",
  service: "api",
  kind: "command",
  state: "failed",
  url: "http://api.shop.localhost:62893",
  pid: 1,
  root: "/shop",
} as const;

function facts(addresses: string[], listeners: PortRow[], more: Partial<Subject> = {}) {
  const [host = null] = addresses;
  const subject: Subject = {
    called: "it",
    host,
    addresses,
    port: 3000,
    use: null,
    behind: null,
    scheme: null,
    ...more,
  };
  const held = listeners.map(heldRow);
  const reached = addresses.map((ip) => whoAnswers(ip, held).map((one) => one.row));
  const answering = host === null ? listeners : [...new Set(reached.flat())];
  const where = { machine: "this", own: addresses, others: [], text: null } as const;
  return { subject, listeners, answering, where, unanswered: addresses.filter((_, at) => reached[at]?.length === 0) };
}
const codes = (...given: Parameters<typeof facts>) => findTroubles(facts(...given)).map(({ code }) => code);
const commands = (...given: Parameters<typeof facts>) => {
  const found = facts(...given);
  return nextSteps(found, findTroubles(found), false).map(({ command }) => command);
};

test("a server that is reached where it is looked for is no trouble", () => {
  expect(codes(["127.0.0.1"], [row("127.0.0.1", 7)])).toEqual([]);
  expect(codes([], [row("127.0.0.1", 7)])).toEqual([]);
  expect(codes(["127.0.0.1", "::1"], [row("127.0.0.1", 7), row("::1", 7)])).toEqual([]);
});

test("where nobody listens, the refusal and its reasons are told", () => {
  expect(codes(["127.0.0.1"], [])).toEqual(["nobody-listens"]);
  expect(findTroubles(facts(["127.0.0.1"], []))[0]?.text).toMatch(/connection refused/);
  expect(commands(["127.0.0.1"], [])).toContain("cove run --port 3000 -- <command>");
});

test("a server on the other family is named, and the address that answers", () => {
  const given = [["127.0.0.1"], [row("::1", 7)]] as [string[], PortRow[]];
  expect(codes(...given)).toEqual(["other-address"]);
  expect(findTroubles(facts(...given))[0]?.text).toMatch(/IPv6 only \(\[::1\]:3000\), and this address is IPv4/);
  expect(commands(...given)).toContain("cove explain [::1]:3000");
  expect(codes(["::1"], [row("127.0.0.1", 7)])).toEqual(["other-address"]);
  expect(codes(["192.168.1.5"], [row("127.0.0.1", 7)])).toEqual(["other-address"]);
});

test("localhost that only half answers, or means two processes, is told", () => {
  expect(codes(["127.0.0.1", "::1"], [row("::1", 7)])).toEqual(["half-of-localhost"]);
  expect(codes(["127.0.0.1", "::1"], [row("127.0.0.1", 7), row("::1", 8)])).toEqual(["localhost-split"]);
  expect(codes(["127.0.0.1"], [row("127.0.0.1", 7), row("127.0.0.1", 8)])).toEqual(["shared"]);
  expect(codes(["127.0.0.1"], [row("127.0.0.1", 7), row("0.0.0.0", 8)])).toEqual(["shadowed", "exposed"]);
});

test("a stranger on an address of Cove's is named, with the way to end it", () => {
  const given = [["127.0.0.1"], [row("127.0.0.1", 7, { cove: lease })], { use: lease }] as const;
  expect(codes([...given[0]], [...given[1]], given[2])).toEqual(["stranger"]);
  expect(commands([...given[0]], [...given[1]], given[2])).toContain("cove free 3000");
  expect(codes(["127.0.0.1"], [row("127.0.0.1", 7)], { use: door })).toEqual(["stranger"]);
  expect(codes(["127.0.0.1"], [row("127.0.0.1", 7)], { use: { ...service, state: "ready" } })).toEqual(["stranger"]);
  expect(codes(["127.0.0.1"], [row("127.0.0.1", 7, { cove: door })], { use: door })).toEqual([]);
});

test("what Cove keeps an address for, though it doesn't run, is told with the way to start it", () => {
  expect(codes(["127.0.0.1"], [], { use: lease })).toEqual(["not-running"]);
  expect(commands(["127.0.0.1"], [], { use: lease })[0]).toBe("cove -C /shop up");
  expect(codes(["127.0.0.1"], [], { use: door })).toEqual(["not-running"]);
  expect(codes(["127.0.0.1"], [row("127.0.0.1", 1, { cove: service })], { use: service })).toEqual(["not-ready"]);
  expect(commands(["127.0.0.1"], [row("127.0.0.1", 1, { cove: service })], { use: service })[0]).toBe(
    "cove logs shop/api",
  );
});

test("an exposed listener is told, whoever asked", () => {
  expect(codes(["127.0.0.1"], [row("0.0.0.0", 7)])).toEqual(["exposed"]);
  expect(commands(["127.0.0.1"], [row("0.0.0.0", 7)])[0]).toBe("cove ports --exposed");
});
