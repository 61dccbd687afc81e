import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { userInfo } from "node:os";
import { describe, expect, onTestFinished, test } from "vitest";
import { describeHolder, machine } from "./machine.ts";

async function listen(host: string): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** A real process that runs until it is ended; its first line of output is awaited. */
async function start(script: string, detached = false): Promise<{ child: ChildProcess; pid: number; line: string }> {
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"], detached });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const [chunk] = await once(child.stdout, "data");
  return { child, pid: child.pid ?? 0, line: String(chunk).trim() };
}

const IDLE = "console.log('up'); setInterval(() => {}, 1000)";

describe("listeners", () => {
  test.each(["127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::"])("one on %s is seen, with its process", async (host) => {
    const { port, server } = await listen(host);
    expect(machine.listeningPorts().has(port)).toBe(true);
    expect(machine.usedPorts().has(port)).toBe(true);
    const mine = { address: { host, port }, pid: process.pid, uid: userInfo().uid };
    expect(machine.listeners().filter((listener) => listener.address.port === port)).toEqual([mine]);
    expect(machine.listeners(port)).toEqual([mine]);

    server.close();
    await once(server, "close");
    expect(machine.listeningPorts().has(port)).toBe(false);
    expect(machine.holderOf(port)).toBeNull();
  });

  test("the holder of a port is named with pid, command and user", async () => {
    const { pid, line } = await start(
      "const s = require('net').createServer().listen(0, '127.0.0.1', () => console.log(s.address().port))",
    );
    const holder = machine.holderOf(Number(line));
    expect(holder).toMatchObject({ pid, uid: userInfo().uid, user: userInfo().username });
    expect(holder?.command).toContain("createServer");
    expect(holder && describeHolder(holder)).toMatch(
      new RegExp(`^node\\S* -e const s .*… \\(pid ${pid}, user \\w+\\)$`),
    );
  });
});

describe("processes", () => {
  test("a stamp stays the same and differs between starts", async () => {
    const [one, two] = [await start(IDLE), await start(IDLE)];
    const stamp = machine.startStamp(one.pid);
    expect(stamp).toBe(machine.startStamp(one.pid));
    expect(stamp).not.toBe(machine.startStamp(process.pid));
    expect(machine.isRunning({ pid: one.pid, started: stamp ?? "" })).toBe(true);
    // A reused pid has another stamp.
    expect(machine.isRunning({ pid: two.pid, started: `${stamp}0` })).toBe(false);

    one.child.kill("SIGKILL");
    await once(one.child, "exit");
    expect(machine.isRunning({ pid: one.pid, started: stamp ?? "" })).toBe(false);
    expect(machine.startStamp(one.pid)).toBeNull();
  });

  test("a zombie doesn't run", async () => {
    // sh starts a child and becomes sleep, which never waits for it: the child stays a zombie until sleep ends.
    const parent = spawn("sh", ["-c", "sleep 0.1 & echo $!; exec sleep 30"], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => {
      parent.kill("SIGKILL");
    });
    const [chunk] = await once(parent.stdout, "data");
    const identity = { pid: Number(String(chunk)), started: "" };
    identity.started = machine.startStamp(identity.pid) ?? "";
    expect(identity.started).not.toBe("");
    await expect.poll(() => machine.isRunning(identity), { timeout: 5000 }).toBe(false);
    expect(machine.startStamp(identity.pid)).toBe(identity.started);
    expect(machine.descendants(parent.pid ?? 0)).toEqual([]);
  });

  test("descendants are found through generations, and a group's members", async () => {
    const nested = `const { spawn } = require('child_process');
      const grandchild = spawn(process.execPath, ['-e', ${JSON.stringify(IDLE)}], { stdio: ['ignore', 'pipe', 'inherit'] });
      grandchild.stdout.once('data', () => console.log(grandchild.pid)); process.on('exit', () => grandchild.kill('SIGKILL'));
      process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 1000)`;
    const { child, pid, line } = await start(nested, true);
    expect(machine.descendants(process.pid)).toEqual(expect.arrayContaining([pid, Number(line)]));
    expect(machine.descendants(pid)).toEqual([Number(line)]);
    expect(machine.processGroup(pid).sort()).toEqual([pid, Number(line)].sort());

    child.kill("SIGTERM");
    await once(child, "exit");
    await expect.poll(() => machine.processGroup(pid), { timeout: 5000 }).toEqual([]);
  });

  test("this user may listen from some port on", async () => {
    const lowest = machine.unprivilegedFrom();
    expect(lowest).toBeGreaterThanOrEqual(0);
    expect(lowest).toBeLessThanOrEqual(1024);
  });
});

describe("a holder for people", () => {
  const holder = { pid: 812, command: "/usr/bin/node server.js", user: "ann", uid: 1000 };

  test("is short", () => {
    expect(describeHolder(holder)).toBe("node server.js (pid 812, user ann)");
    expect(
      describeHolder({ ...holder, command: '"C:\\Program Files\\nodejs\\node.exe" a.js', user: null, uid: null }),
    ).toBe("node.exe a.js (pid 812)");
  });

  test("shows no password", () => {
    expect(describeHolder({ ...holder, command: "psql postgres://ann:hush@db/x" })).toContain(
      "postgres://ann:•••@db/x",
    );
  });

  test("says what it can when the system tells little", () => {
    expect(describeHolder({ pid: null, command: null, user: null, uid: 33 })).toBe(
      "a process that this user may not see (uid 33)",
    );
    expect(describeHolder({ pid: null, command: null, user: null, uid: null })).toBe(
      "a process that this user may not see",
    );
  });
});
