import { describe, expect, test } from "vitest";
import { isFault } from "../../../fault/fault.ts";
import { type Asker, freeVerdict, type PortHolder } from "./verdict.ts";

const ann: Asker = { pid: 900, ancestors: [800, 700, 1], uid: 1000, force: false };
const root: Asker = { ...ann, uid: 0 };

const holder = (more: Partial<PortHolder> = {}): PortHolder => ({
  addresses: [{ host: "127.0.0.1", port: 3000, protocol: "tcp" }],
  pid: 812,
  workers: [],
  command: "node server.js",
  program: "node",
  user: "ann",
  uid: 1000,
  project: "/home/ann/shop",
  startedAt: 0,
  container: null,
  cove: null,
  home: false,
  runner: null,
  ...more,
});
const service = {
  use: "service",
  label: "shop/api",
  stack: "shop",
  service: "api",
  kind: "command",
  state: "ready",
  url: "http://api.shop.localhost:62893",
  pid: 812,
  root: "/home/ann/shop",
} as const;
const container = { engine: "docker", id: "0123456789ab", name: "shop-db" };

function rule(one: Partial<PortHolder>, asker: Asker = ann): unknown {
  const verdict = freeVerdict(3000, [holder(one)], asker);
  return isFault(verdict) ? verdict.detail?.rule : verdict.map(({ by }) => by);
}

describe("what may be ended", () => {
  test("a process of one's own is ended by a signal, a container by its engine", () => {
    expect(rule({})).toEqual(["signal"]);
    expect(rule({ container })).toEqual(["engine"]);
    // docker-proxy is root's, and a database in a container is its engine's to stop.
    expect(rule({ container, uid: 0, user: "root", pid: null })).toEqual(["engine"]);
    expect(rule({ container, program: "postgres", uid: 999 })).toEqual(["engine"]);
  });

  test.each([
    ["init", { pid: 1, uid: 0 }],
    ["container", { container: { engine: null, id: "0123", name: "0123" } }],
    ["self", { pid: 900 }],
    ["self", { pid: 5, workers: [900] }],
    ["ancestor", { pid: 700 }],
    ["other-user", { uid: 1001, user: "bob" }],
    ["hidden", { pid: null, command: null, program: null, uid: 1001, user: "bob" }],
    ["hidden", { pid: null, command: null, program: null, uid: null, user: null }],
    ["cove", { home: true }],
    ["cove", { cove: { use: "door", label: "Cove's door", pid: 812 } }],
    ["cove", { cove: { use: "edge", label: "api → db", stack: "shop", from: "api", to: "db", root: "/" } }],
    ["service", { cove: service }],
    ["runner", { runner: "shop" }],
    ["database", { program: "postgres", command: "/usr/lib/postgresql/17/bin/postgres -D /var/lib/x" }],
    ["database", { program: "redis-server", command: "redis-server *:6379" }],
    ["database", { program: "redis-check-rdb", command: "redis-server 127.0.0.1:6379" }],
    ["database", { program: "mysqld", command: "/usr/sbin/mysqld" }],
    ["database", { program: "mongod", command: "mongod --dbpath /data" }],
    ["database", { program: "java", command: "/usr/bin/java -Xmx1g org.elasticsearch.bootstrap.Elasticsearch" }],
  ] as const)("%s is refused", (expected, one) => {
    expect(rule(one)).toBe(expected);
  });

  test("force overrules care for data, and lets root, but nobody else, end others' processes", () => {
    const database = { program: "postgres", command: "postgres -D x" };
    expect(rule(database, { ...ann, force: true })).toEqual(["signal"]);
    expect(rule({ uid: 1001 }, root)).toBe("other-user");
    expect(rule({ uid: 1001 }, { ...root, force: true })).toEqual(["signal"]);
    expect(rule({ uid: 1001 }, { ...ann, force: true })).toBe("other-user");
    for (const one of [{ pid: 1 }, { pid: 900 }, { pid: 800 }, { home: true }, { cove: service }, { runner: "shop" }]) {
      expect(rule(one, { ...root, force: true }), JSON.stringify(one)).toBeTypeOf("string");
    }
  });

  test("one that must stay keeps all of them", () => {
    const verdict = freeVerdict(3000, [holder(), holder({ pid: 813, uid: 1001, user: "bob" })], ann);
    expect(verdict).toMatchObject({ fault: "PORT_PROTECTED", detail: { rule: "other-user", pid: 813 } });
    expect(freeVerdict(3000, [holder(), holder({ pid: 813 })], ann)).toHaveLength(2);
    expect(freeVerdict(3000, [], ann)).toEqual([]);
  });

  test("a refusal names the next command", () => {
    const hint = (one: Partial<PortHolder>) => {
      const verdict = freeVerdict(3000, [holder(one)], ann);
      return isFault(verdict) ? `${verdict.message} · ${verdict.hint}` : "";
    };
    expect(hint({ cove: service })).toContain("cove restart shop/api");
    expect(hint({ home: true })).toContain("cove stop");
    expect(hint({ runner: "shop" })).toContain("cove down shop");
    expect(hint({ uid: 1001, user: "bob" })).toContain("sudo cove free 3000 --force");
    expect(hint({ program: "redis-server" })).toMatch(/redis-cli -p 3000 shutdown.*cove free 3000 --force/);
  });

  test("programs that only sound like a database are no database", () => {
    expect(rule({ program: "node", command: "node postgres.js" })).toEqual(["signal"]);
    expect(rule({ program: "redis-cli", command: "redis-cli monitor" })).toEqual(["signal"]);
    expect(rule({ program: "java", command: "java -jar app.jar" })).toEqual(["signal"]);
  });
});
