import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { coveSandbox } from "./support/cove.ts";
import { eventually } from "./support/door-request.ts";
import { program } from "./support/programs.ts";

const missing = process.getuid?.() !== 0 || ["ip", "nft", "python3"].some((name) => program(name) === null);

/** Whether a TCP connection is accepted within a second. */
function reaches(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const say = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => say(true));
    socket.on("timeout", () => say(false));
    socket.on("error", () => say(false));
  });
}

test.skipIf(missing)(
  "what it finds open to another host is closed by the rules that it writes (needs root, ip, nft, python3)",
  { timeout: 60_000 },
  async () => {
    await using sandbox = await coveSandbox();
    // The audited machine is a network namespace of its own; we are its neighbour.
    const name = `cove-audit-${process.pid}`;
    const ip = (...args: string[]) => execFileSync("ip", args, { stdio: "pipe" });
    ip("netns", "add", name);
    onTestFinished(() => void ip("netns", "del", name));
    const [outside, inside] = [`cva${process.pid % 10_000}`, `cvb${process.pid % 10_000}`];
    ip("link", "add", outside, "type", "veth", "peer", "name", inside, "netns", name);
    ip("addr", "add", "10.62.89.1/30", "dev", outside);
    ip("link", "set", outside, "up");
    ip("-n", name, "addr", "add", "10.62.89.2/30", "dev", inside);
    ip("-n", name, "link", "set", inside, "up");
    ip("-n", name, "link", "set", "lo", "up");

    const args = ["netns", "exec", name, "python3", "-m", "http.server", "18300", "--bind", "0.0.0.0"];
    const server = spawn("ip", args, { stdio: "ignore", cwd: "/tmp" });
    onTestFinished(() => void server.kill());
    await eventually(async () => ((await reaches("10.62.89.2", 18_300)) ? true : undefined));

    const bin = fileURLToPath(new URL("../bin/cove.js", import.meta.url));
    const run = (...more: string[]) => {
      const command = ["netns", "exec", name, process.execPath, bin, "audit", ...more];
      const { status, stdout, stderr } = spawnSync("ip", command, { env: sandbox.env, encoding: "utf8" });
      return { code: status, stdout, stderr };
    };
    const before = run("--json");
    expect(before.code).toBe(1);
    const { findings, firewall } = JSON.parse(before.stdout);
    expect(firewall.state).toBe("open");
    expect(findings).toMatchObject([
      { rule: "dev-server", severity: "high", port: 18_300, where: "0.0.0.0:18300" },
      { rule: "no-firewall" },
    ]);
    expect(run("--fail-on", "critical").code).toBe(0);

    const fixed = run("--fix", "--yes");
    expect(fixed.stderr).toContain('iif != "lo" tcp dport { 18300 } counter drop');
    expect(await reaches("10.62.89.2", 18_300)).toBe(false);
    // Within, nothing has changed.
    const own = "import socket; socket.create_connection(('127.0.0.1', 18300), 2); print('here')";
    expect(String(execFileSync("ip", ["netns", "exec", name, "python3", "-c", own]))).toBe("here\n");
    // What Cove's own rules close is taken care of.
    const after = run("--json");
    expect(JSON.parse(after.stdout)).toMatchObject({
      findings: [],
      closed: [{ port: 18_300, reach: { letIn: "nobody", tables: ["inet cove_guard"] } }],
    });
    expect(after.code).toBe(0);
    expect(run().stdout).toContain("Closed by the rules of cove audit --fix (table inet cove_guard): 18300.");
    // A second time it replaces its own table.
    expect(run("--fix", "--yes").stderr).toContain("Applied");
    execFileSync("ip", ["netns", "exec", name, "nft", "delete", "table", "inet", "cove_guard"]);
    expect(await reaches("10.62.89.2", 18_300)).toBe(true);
  },
);

const netTools = ["ip", "nft", "python3", "iptables", "iptables-legacy"];

test.skipIf(process.getuid?.() !== 0 || netTools.some((name) => program(name) === null))(
  "rules of iptables are read too, the new and the old kind; a bridge that nothing is plugged into is this machine's (needs root, ip, nft, python3, iptables)",
  { timeout: 60_000 },
  async () => {
    await using sandbox = await coveSandbox();
    const name = `cove-tables-${process.pid}`;
    const ip = (...args: string[]) => execFileSync("ip", args, { stdio: "pipe" });
    ip("netns", "add", name);
    onTestFinished(() => void ip("netns", "del", name));
    ip("-n", name, "link", "set", "lo", "up");
    ip("-n", name, "link", "add", "docker0", "type", "bridge");
    ip("-n", name, "addr", "add", "172.31.255.1/24", "dev", "docker0");
    ip("-n", name, "link", "set", "docker0", "up");
    const within = (...args: string[]) =>
      spawnSync("ip", ["netns", "exec", name, ...args], { env: sandbox.env, encoding: "utf8" });
    const bin = fileURLToPath(new URL("../bin/cove.js", import.meta.url));
    const server = spawn("ip", ["netns", "exec", name, "python3", "-m", "http.server", "18310", "--bind", "0.0.0.0"], {
      ...{ stdio: "ignore", cwd: "/tmp" },
    });
    onTestFinished(() => void server.kill());
    const audited = () => {
      const { stdout } = within(process.execPath, bin, "audit", "--json", "--no-probe");
      const { findings, firewall } = JSON.parse(stdout);
      const found = findings.find(({ port }: { port: number }) => port === 18_310);
      return { state: firewall.state, severity: found?.severity, letIn: found?.reach.letIn };
    };
    await eventually(() => (audited().letIn === "everyone" ? true : undefined));
    expect(within(process.execPath, bin, "explain", "172.31.255.1:18310").stdout).toMatch(
      /This machine's own address, on docker0[\s\S]*reached at 172\.31\.255\.1:18310/,
    );

    within("iptables", "-A", "INPUT", "-p", "tcp", "-m", "multiport", "--dports", "18310,18311", "-j", "DROP");
    expect(audited()).toEqual({ state: "open", severity: "info", letIn: "nobody" });
    within("nft", "flush", "ruleset");
    expect(audited().letIn).toBe("everyone");
    // A kernel without the old tables has no such rules.
    const old = within("iptables-legacy", "-A", "INPUT", "-p", "tcp", "--dport", "18310", "-j", "DROP");
    if (old.status === 0) expect(audited()).toEqual({ state: "open", severity: "info", letIn: "nobody" });
  },
);

test("a port that a container publishes to everybody is told, though no socket shows it", async () => {
  await using sandbox = await coveSandbox();
  // What Docker 28.0 answers; its proxy is off, so that the kernel forwards without a listener.
  const answers: Record<string, unknown> = {
    "/version": { Version: "28.0.1" },
    "/containers/json": [
      {
        ...{ Id: "5a".repeat(32), Names: ["/shop-cache-1"], Image: "redis:8" },
        Ports: [
          { IP: "0.0.0.0", PrivatePort: 6379, PublicPort: 18_302, Type: "tcp" },
          { IP: "127.0.0.1", PrivatePort: 80, PublicPort: 18_303, Type: "tcp" },
        ],
      },
    ],
  };
  const engine = createServer((request, response) => {
    response.setHeader("content-type", "application/json").end(JSON.stringify(answers[request.url ?? ""] ?? null));
  });
  const path = join(sandbox.home, "engine.sock");
  await new Promise<void>((resolve) => engine.listen(path, resolve));
  onTestFinished(() => {
    engine.closeAllConnections();
    engine.close();
  });
  const env = { DOCKER_HOST: `unix://${path}` };
  const { code, stdout } = await sandbox.cove(["audit", "--json"], { env });
  expect(code).toBe(1);
  const { findings } = JSON.parse(stdout) as { findings: { rule: string; port?: number }[] };
  expect(findings.find(({ port }) => port === 18_302)).toMatchObject({
    rule: "published-container",
    severity: "critical",
    command: "-p 127.0.0.1:18302:6379",
  });
  expect(findings.some(({ port }) => port === 18_303)).toBe(false);
  expect(findings.find(({ rule }) => rule === "old-container-engine")).toMatchObject({
    why: expect.stringContaining("CVE-2025-54388"),
  });
  const exposed = await sandbox.cove(["ports", "--exposed", "--json"], { env });
  const { listeners } = JSON.parse(exposed.stdout) as { listeners: { port: number }[] };
  expect(listeners.find(({ port }) => port === 18_302)).toMatchObject({
    exposure: "everywhere",
    container: { name: "shop-cache-1" },
  });
  const log = JSON.parse((await sandbox.cove(["audit", "--sarif", "--fail-on", "never"], { env })).stdout);
  expect(log.version).toBe("2.1.0");
  expect(log.runs[0].results.map(({ ruleId }: { ruleId: string }) => ruleId)).toContain("published-container");
});

test("says what is wrong with a severity that is none", async () => {
  await using sandbox = await coveSandbox();
  const { code, stderr } = await sandbox.cove(["audit", "--fail-on", "awful"]);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/^USAGE {2}awful is no severity\n.*critical, high/);
});
