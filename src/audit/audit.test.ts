import { describe, expect, test } from "vitest";
import { programNames } from "../machine/program.ts";
import { audit } from "./audit.ts";
import type { AuditFacts, AuditListener } from "./facts.ts";
import { applicationFirewall, windowsFirewall } from "./firewall.ts";
import { otherUsers } from "./gather.ts";
import type { Reach } from "./netfilter/reach.ts";
import { nftRules } from "./nft-rules.ts";
import { sarif } from "./sarif.ts";

const everyone: Reach = { letIn: "everyone", who: null, tables: [] };
const nobody: Reach = { letIn: "nobody", who: null, tables: ["inet filter"] };

const facts = (more: Partial<AuditFacts> = {}): AuditFacts => ({
  listeners: [],
  containers: [],
  files: [],
  firewall: { name: "nftables", state: "filters" },
  reachOf: () => everyone,
  unnamed: [],
  uid: 1000,
  otherUsers: [],
  seesAllProcesses: true,
  ...more,
});

function listener(more: Partial<AuditListener> = {}): AuditListener {
  const { command = "/home/ann/shop/server", program = "server" } = more;
  const process = { executable: program, command, arguments: null, name: null };
  return {
    ...{ protocol: "tcp", host: "0.0.0.0", port: 3000, exposure: "everywhere", pid: 812, uid: 1000, user: "ann" },
    ...{ command, program, cwd: "/home/ann/shop", cove: null, answer: null, reach: everyone, environment: new Map() },
    ...{ names: programNames(process).names, arguments: command?.split(" ") ?? [] },
    ...more,
  };
}

const open = { name: null, state: "open" } as const;
const found = (one: Partial<AuditListener>, more: Partial<AuditFacts> = {}) =>
  audit(facts({ listeners: [listener(one)], ...more })).map(({ rule, severity }) => `${severity} ${rule}`);

describe("listeners", () => {
  test.each<[string, Partial<AuditListener>, string]>([
    ["a server of one's own", {}, "medium exposed-listener"],
    ["Vite with --host", { command: "node node_modules/.bin/vite --host", program: "node" }, "high dev-server"],
    ["Python's", { command: "python3 -m http.server 3000", program: "python3.11" }, "high dev-server"],
    ["Redis", { command: "redis-server *:6379", program: "redis-server", port: 6379 }, "critical exposed-database"],
    ["Postgres", { program: "postgres", port: 5432 }, "high exposed-database"],
    ["Elasticsearch", { command: "java … org.elasticsearch.server/…", program: "java" }, "critical exposed-database"],
    [
      "Node's inspector",
      { command: "node --inspect=0.0.0.0:9229 x.js", program: "node", port: 9229 },
      "critical debugger",
    ],
    ["Jupyter", { command: "python3 /usr/bin/jupyter lab --ip=0.0.0.0", program: "python3" }, "critical notebook"],
    ["Docker's API", { program: "dockerd", port: 2375, uid: 0 }, "critical docker-api"],
    ["Docker's API, unseen", { program: null, command: null, pid: null, port: 2375 }, "critical docker-api"],
    ["a language model", { command: "ollama serve", program: "ollama", port: 11434 }, "high model-server"],
    ["ssh", { program: "sshd", port: 22, uid: 0 }, "info exposed-listener"],
    ["UDP", { protocol: "udp" }, "low exposed-udp"],
    ["one address of a network", { host: "192.168.1.5", exposure: "lan" }, "medium exposed-listener"],
  ])("%s", (_, one, expected) => {
    expect(found(one, { firewall: { name: null, state: "unknown" } })).toEqual([expected]);
  });

  test("on loopback are nobody's business, but for those that run code", () => {
    const loopback = { host: "127.0.0.1", exposure: "loopback" } as const;
    expect(found(loopback)).toEqual([]);
    expect(found({ ...loopback, program: "redis-server" })).toEqual([]);
    const inspector = { ...loopback, command: "node --inspect app.js", program: "node", port: 9229 };
    expect(found(inspector)).toEqual(["low debugger-on-loopback"]);
    expect(found(inspector, { otherUsers: ["bob"] })).toEqual(["medium debugger-on-loopback"]);
    expect(found({ ...loopback, program: "dockerd", port: 2375 }, { otherUsers: ["bob"] })).toEqual([
      "high docker-api-on-loopback",
    ]);
  });

  test("behind a firewall are as bad as those that it lets in; without one that is a finding too", () => {
    const redis = { program: "redis-server", port: 6379 };
    expect(found({ ...redis, reach: nobody })).toEqual(["info exposed-database"]);
    expect(found({ ...redis, reach: { ...nobody, letIn: "some", who: "10.0.0.0/8" } })).toEqual([
      "high exposed-database",
    ]);
    expect(found({ ...redis, reach: { ...nobody, letIn: "unknown", who: "a match" } })).toEqual([
      "critical exposed-database",
    ]);
    expect(found(redis, { firewall: open })).toEqual(["critical exposed-database", "low no-firewall"]);
    expect(audit(facts({ firewall: open }))).toEqual([]);
  });

  test("are reported with who, why, and the command that fixes it", () => {
    const [one] = audit(facts({ listeners: [listener({ cove: "shop/api" })], firewall: open }));
    expect(one).toMatchObject({
      what: "shop/api (pid 812, user ann) listens on 0.0.0.0:3000",
      fix: expect.stringContaining('guard: { bind: "fix" }'),
      where: "0.0.0.0:3000",
    });
    const [other] = audit(facts({ listeners: [listener()], firewall: open }));
    expect(other?.fix).toBe("make it listen on 127.0.0.1, or end it: cove free 3000");
  });
});

describe("containers", () => {
  const container = {
    engine: "docker",
    engineVersion: "28.3.3",
    id: "ab".repeat(32),
    name: "db",
    image: "postgres:18",
  };
  const port = { protocol: "tcp", host: "0.0.0.0", port: 5433, containerPort: 5432 };

  test("published to others are told once, also past a firewall; on loopback not", () => {
    const ports = [port, { ...port, host: "::" }, { ...port, host: "127.0.0.1", port: 8081 }];
    const proxy = listener({ port: 5433, program: "docker-proxy", command: "docker-proxy …", uid: 0 });
    const all = audit(facts({ containers: [{ ...container, ports }], listeners: [proxy] }));
    expect(all.map(({ rule, severity }) => [rule, severity])).toEqual([["published-container", "high"]]);
    expect(all[0]?.fix).toContain("-p 127.0.0.1:5433:5432");
  });

  test.each([
    ["27.5.1", "medium"],
    ["28.0.0", "low"],
    ["28.3.2", "low"],
    ["28.3.3", null],
    ["29.0.0-rc.1", null],
  ])("Docker %s: %s", (engineVersion, severity) => {
    const all = audit(facts({ containers: [{ ...container, engineVersion, ports: [] }] }));
    expect(all.map((one) => one.severity)).toEqual(severity === null ? [] : [severity]);
  });
});

describe("clients that could not be named", () => {
  const clients = { service: "shop/api", letIn: 0, refused: 0, boxed: false, listsUsers: false, listsPrograms: false };

  test("are a note where they were let in", () => {
    expect(audit(facts({ unnamed: [{ ...clients, letIn: 12 }] }))).toMatchObject([
      {
        ...{ rule: "unnamed-client", severity: "info", where: "shop/api", command: 'guard: { bind: "box" }' },
        what: "12 clients of shop/api could not be named and were let in",
      },
    ]);
  });

  test("are a finding where they were refused, which says what keeps them out", () => {
    const [finding] = audit(facts({ unnamed: [{ ...clients, refused: 1, boxed: true, listsPrograms: true }] }));
    expect(finding).toMatchObject({
      ...{ rule: "unnamed-client-refused", severity: "low" },
      what: "1 client of shop/api could not be named and was refused",
    });
    expect(finding?.fix).toContain('use guard: { bind: "fix" } instead of "box", remove guard.programs');
  });

  test("of Cove's own API can only stay connected", () => {
    const [finding] = audit(facts({ unnamed: [{ ...clients, service: "cove/home", refused: 2 }] }));
    expect(finding?.fix).toBe("let the client keep its connection open until the answer has come");
  });
});

test("Cove's own files: open ones can be fixed, foreign ones are reported", () => {
  const file = { path: "/s/token", mode: 0o600, uid: 1000, folder: false };
  expect(audit(facts({ files: [file, { ...file, path: "/s", mode: 0o700, folder: true }] }))).toEqual([]);
  expect(audit(facts({ files: [{ ...file, mode: 0o644 }] }))).toMatchObject([
    { rule: "open-file", severity: "medium", fix: "chmod 600 /s/token", autofix: { chmod: "/s/token", mode: 0o600 } },
  ]);
  expect(audit(facts({ files: [{ ...file, mode: 0o666 }] }))).toMatchObject([{ severity: "high" }]);
  expect(audit(facts({ files: [{ ...file, uid: 1001 }] }))).toMatchObject([{ rule: "foreign-file", severity: "high" }]);
});

describe("firewalls, by what their tools print", () => {
  test("macOS, Windows", () => {
    expect(applicationFirewall("Firewall is enabled. (State = 1)\n").state).toBe("filters");
    expect(applicationFirewall("Firewall is disabled. (State = 0)\n").state).toBe("open");
    const profile = (state: string) =>
      `Domain Profile Settings: \r\n------\r\nState                                 ${state}\r\n`;
    expect(windowsFirewall(profile("ON") + profile("ON")).state).toBe("filters");
    expect(windowsFirewall(profile("ON") + profile("OFF")).state).toBe("open");
  });
});

test("nftables rules close what is open, in a table of their own", () => {
  const all = audit(
    facts({
      firewall: open,
      listeners: [listener(), listener({ port: 22, program: "sshd" }), listener({ port: 53, protocol: "udp" })],
    }),
  );
  const rules = nftRules(all) ?? "";
  expect(rules).toContain('iif != "lo" tcp dport { 3000 } counter drop');
  expect(rules).toContain('iif != "lo" udp dport { 53 } counter drop');
  expect(rules).toContain("delete table inet cove_guard");
  expect(nftRules(audit(facts({ listeners: [listener({ port: 22, program: "sshd" })] })))).toBeNull();
});

test("SARIF names each rule once, and each finding by it", () => {
  const all = audit(facts({ firewall: open, listeners: [listener(), listener({ port: 3001 })] }));
  const log = sarif(all, "1.2.3") as {
    version: string;
    runs: {
      tool: { driver: { rules: { id: string }[] } };
      results: { ruleId: string; ruleIndex: number; level: string }[];
    }[];
  };
  expect(log.version).toBe("2.1.0");
  const [run] = log.runs;
  expect(run?.tool.driver.rules.map(({ id }) => id)).toEqual(["exposed-listener", "no-firewall"]);
  expect(run?.results.map(({ ruleId, ruleIndex, level }) => [ruleId, ruleIndex, level])).toEqual([
    ["exposed-listener", 0, "warning"],
    ["exposed-listener", 0, "warning"],
    ["no-firewall", 1, "note"],
  ]);
});

test("people who may log in, without this user and the system's own", () => {
  const passwd =
    "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/usr/sbin/nologin\nann:x:1000:1000::/home/ann:/bin/bash\nbob:x:1001:1001::/home/bob:/bin/zsh\nci:x:1002:1002::/:/bin/false\n";
  expect(otherUsers(passwd, "ann")).toEqual(["bob"]);
});
