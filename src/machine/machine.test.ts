import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { realpathSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { userInfo } from "node:os";
import { describe, expect, onTestFinished, test } from "vitest";
import { program } from "../../test/support/programs.ts";
import { holderAt } from "./holder-at.ts";
import { findSocketProcess } from "./lookups.ts";
import { describeHolder, machine } from "./machine.ts";
import { procPeer } from "./systems/linux/proc-sockets.ts";

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
    const { pid } = process;
    const mine = { address: { host, port }, pid, pids: [pid], uid: userInfo().uid, reusePort: false };
    expect(machine.listeners().filter((listener) => listener.address.port === port)).toMatchObject([mine]);
    expect(machine.listeners(port)).toMatchObject([mine]);

    server.close();
    await once(server, "close");
    expect(machine.listeningPorts().has(port)).toBe(false);
    expect(holderAt({ host: "127.0.0.1", port })).toBeNull();
  });

  test("the holder of a port is named with pid, command and user", async () => {
    const { pid, line } = await start(
      "const s = require('net').createServer().listen(0, '127.0.0.1', () => console.log(s.address().port))",
    );
    const holder = holderAt({ host: "127.0.0.1", port: Number(line) });
    expect(holder).toMatchObject({ pid, uid: userInfo().uid, user: userInfo().username });
    expect(holder?.command).toContain("createServer");
    expect(holder && describeHolder(holder)).toMatch(
      new RegExp(`^node\\S* -e const s .*… \\(pid ${pid}, user \\w+\\)$`),
    );
  });
});

describe("sockets", () => {
  test.runIf(process.platform === "linux")(
    "IPv6 alone, both families, and several sockets at one address are told apart",
    async () => {
      const servers = await Promise.all(
        [{ ipv6Only: true }, { ipv6Only: false }, { reusePort: true }].map(async (options) => {
          const server = createServer().listen({ host: "::", port: 0, ...options });
          await once(server, "listening");
          onTestFinished(() => void server.close());
          return server;
        }),
      );
      const [alone = 0, both = 0, shared = 0] = servers.map((server) => (server.address() as AddressInfo).port);
      const again = createServer().listen({ host: "::", port: shared, reusePort: true });
      await once(again, "listening");
      onTestFinished(() => void again.close());
      expect(machine.listeners(alone)).toMatchObject([{ v6only: true, reusePort: false }]);
      expect(machine.listeners(both)).toMatchObject([{ v6only: false, reusePort: false }]);
      expect(machine.listeners(shared)).toMatchObject([{ reusePort: true }, { reusePort: true }]);
    },
  );

  test("workers that share a socket are all its holders", async () => {
    const script = `
      const s = require('net').createServer().listen(0, '127.0.0.1', () => {
        const c = require('child_process').spawn(process.execPath, ['-e', "process.stdout.write('up'); setInterval(() => {}, 1000)"],
          { stdio: ['ignore', 'pipe', 'inherit', s._handle] });
        c.stdout.once('data', () => console.log(s.address().port + ' ' + c.pid));
        process.on('SIGTERM', () => { c.kill(); process.exit(); });
      });`;
    const { pid, line, child } = await start(script);
    const [port, worker] = line.split(" ").map(Number);
    expect(machine.listeners(port)[0]?.pids.toSorted()).toEqual([pid, worker].toSorted());
    child.kill("SIGTERM");
    await once(child, "exit");
  });

  test.runIf(process.platform === "linux")("UDP sockets are seen, with their process", async () => {
    const { createSocket } = await import("node:dgram");
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    onTestFinished(() => void socket.close());
    const { port } = socket.address();
    expect(machine.udpSockets().filter(({ address }) => address.port === port)).toMatchObject([
      { address: { host: "127.0.0.1" }, pid: process.pid },
    ]);
  });

  test("both ends of a connection are seen, with their processes", async () => {
    const { port } = await listen("127.0.0.1");
    const { pid, line } = await start(
      `const s = require('net').connect(${port}, '127.0.0.1', () => console.log(s.localPort))`,
    );
    const found = machine.connections(port).map(({ local, remote, pids }) => [local.port, remote.port, pids[0]]);
    expect(found.toSorted()).toEqual(
      [
        [port, Number(line), process.pid],
        [Number(line), port, pid],
      ].toSorted(),
    );
  });
});

describe.runIf(process.platform === "linux")("the peer of a connection", () => {
  const ends = (socket: Socket) =>
    [
      { host: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 },
      { host: socket.localAddress ?? "", port: socket.localPort ?? 0 },
    ] as const;

  async function accepted(server: Server): Promise<Socket> {
    const [socket] = (await once(server, "connection")) as [Socket];
    socket.on("error", () => {});
    onTestFinished(() => void socket.destroy());
    return socket;
  }

  test.each([
    ["127.0.0.1", "127.0.0.1"],
    ["127.9.9.9", "127.9.9.9"],
    ["::1", "::1"],
    ["::", "127.0.0.1"],
    ["127.0.0.1", "::ffff:127.0.0.1"],
  ])("is named: a listener at %s, reached at %s", async (at, to) => {
    const { server, port } = await listen(at);
    const client = connect(port, to);
    onTestFinished(() => void client.destroy());
    const both = ends(await accepted(server));
    const peer = machine.peer?.(...both);
    expect(peer?.uid).toBe(userInfo().uid);
    const socket = { inode: peer?.inode ?? 0, uid: peer?.uid ?? null };
    expect(machine.processesOfSockets([socket])).toEqual([process.pid]);
    // Where netlink can't be had, /proc says the same.
    expect(procPeer(...both)).toEqual(peer);
    client.destroy();
    await expect.poll(() => procPeer(...both)).toBeNull();
  });

  test.skipIf(process.getuid?.() !== 0 || program("python3") === null)("is the user who made the socket", async () => {
    const { server, port } = await listen("127.0.0.1");
    // Any program that connects will do; node itself lies where others may not enter.
    const other = spawn(
      "python3",
      ["-c", `import socket,time; s=socket.create_connection(("127.0.0.1",${port})); time.sleep(20)`],
      {
        uid: 65_534,
        gid: 65_534,
        stdio: "ignore",
        cwd: "/",
      },
    );
    onTestFinished(() => void other.kill("SIGKILL"));
    expect(machine.peer?.(...ends(await accepted(server)))?.uid).toBe(65_534);
  });

  test("has a process until that one ends; several are found in one walk", async () => {
    const { server, port } = await listen("127.0.0.1");
    const connected = accepted(server);
    const { child, pid } = await start(`require('net').connect(${port}, '127.0.0.1', () => console.log('up'))`);
    const peer = machine.peer?.(...ends(await connected));
    expect(peer).not.toBeNull();
    const inode = peer?.inode ?? 0;
    const closed = { inode: 0, uid: null };
    for (const uid of [null, 0, peer?.uid ?? null]) {
      expect(machine.processesOfSockets([closed, { inode, uid }, { inode, uid: null }])).toEqual([null, pid, pid]);
    }
    expect(await findSocketProcess(inode, null)).toEqual({ pid, executable: realpathSync(process.execPath) });
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(machine.processesOfSockets([{ inode, uid: null }])).toEqual([null]);
  });

  test.skipIf(process.getuid?.() !== 0 || program("python3") === null)(
    "is the other user or nobody, never root, when thousands of connections are closed at once",
    { timeout: 60_000 },
    async () => {
      const uids = new Map<number | undefined, number>();
      let count = 0;
      const server = createServer((socket) => {
        socket.on("error", () => {});
        const uid = machine.peer?.(...ends(socket))?.uid;
        uids.set(uid, (uids.get(uid) ?? 0) + 1);
        count++;
        socket.destroy();
      }).listen({ port: 0, host: "127.0.0.1", backlog: 128 });
      await once(server, "listening");
      onTestFinished(() => void server.close());
      const { port } = server.address() as AddressInfo;
      const racer = `
import socket, struct
for n in range(3000):
    s = socket.socket()
    if n % 3 == 0: s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.connect(("127.0.0.1", ${port}))
    s.send(b"x")
    s.close()`;
      const other = spawn("python3", ["-c", racer], { uid: 65_534, gid: 65_534, stdio: "ignore", cwd: "/" });
      await once(other, "exit");
      await expect.poll(() => count, { timeout: 20_000 }).toBeGreaterThan(1_500);
      uids.delete(undefined);
      expect([...uids.keys()].filter((uid) => uid !== 65_534)).toEqual([]);
    },
  );

  test("is nobody once it is gone, also where something listens on its old port", async () => {
    const { server, port } = await listen("127.0.0.1");
    const client = connect(port, "127.0.0.1");
    const at = ends(await accepted(server));
    client.resetAndDestroy();
    await expect.poll(() => machine.peer?.(...at)).toBeNull();
    expect(machine.peer?.({ host: "127.0.0.1", port }, { host: "127.0.0.1", port: 1 })).toBeNull();
    expect(machine.peer?.({ host: "not an address", port }, { host: "127.0.0.1", port })).toBeNull();
  });

  test("is itself or nobody, when thousands come and go at once", { timeout: 60_000 }, async () => {
    const uid = userInfo().uid;
    let [named, unknown] = [0, 0];
    const server = createServer((socket) => {
      socket.on("error", () => {});
      const peer = machine.peer?.(...ends(socket));
      if (peer === null || peer === undefined) unknown++;
      else {
        expect(peer.uid).toBe(uid);
        expect(peer.inode).toBeGreaterThan(0);
        named++;
      }
      socket.destroy();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    for (let round = 0; round < 50; round++) {
      await Promise.all(
        Array.from({ length: 60 }, (_, n) => {
          const socket = connect(port, "127.0.0.1", () => (n % 2 === 0 ? socket.resetAndDestroy() : socket.end()));
          socket.on("error", () => {});
          return once(socket, "close");
        }),
      );
    }
    await expect.poll(() => named + unknown).toBeGreaterThan(2_900);
    expect(named).toBeGreaterThan(0);
  });
});

describe("processes", () => {
  test("one's details: command, program, user, folder, start", async () => {
    const { pid } = await start(IDLE);
    const details = machine.processDetails(pid);
    expect(details).toMatchObject({
      pid,
      parent: process.pid,
      uid: userInfo().uid,
      user: userInfo().username,
      container: null,
    });
    expect(details?.command).toContain("setInterval");
    expect(details?.cwd).toBe(process.cwd());
    expect(details?.executable).toMatch(/node/);
    expect(Math.abs((details?.startedAt ?? 0) - Date.now())).toBeLessThan(20_000);
    expect(machine.processDetails(0x7ffffffe)).toBeNull();
  });

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
