import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { isLoopback, unmapped } from "../src/address/classify.ts";
import { formatAddress } from "../src/address/parse.ts";
import { callGuard } from "../src/confine/calls/launch.ts";
import { withPreload } from "../src/confine/calls/with-preload.ts";
import { isFault } from "../src/fault/fault.ts";
import { machine } from "../src/machine/machine.ts";
import { bench, until } from "../src/stack/run/runner.fixture.ts";
import { coveSandbox } from "./support/cove.ts";
import { ask, eventually } from "./support/door-request.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const linux = process.platform === "linux";
const python = program("python3");
const go = program("go");
const redis = program("redis-server");
const ip = program("ip");
const unshare = program("unshare");
const setpriv = program("setpriv");
const isRoot = process.geteuid?.() === 0;
const guarded = linux && !isFault(await callGuard());
const boxes = linux && unshare !== null && boxed();

/** Whole stacks, on a machine that others use as well. */
const BUSY = { timeout: 120_000 };

/** Whether this system gives its users a network of their own. */
function boxed(): boolean {
  const flags = isRoot ? ["--net"] : ["--map-current-user", "--keep-caps", "--net"];
  return spawnSync(unshare ?? "", [...flags, "--", "true"]).status === 0;
}

/** Where the processes of a stack's service listen. */
function listensAt(pid: number): string[] {
  const family = new Set([pid, ...machine.descendants(pid), ...machine.processGroup(pid)]);
  return machine
    .listeners()
    .filter((one) => one.pid !== null && family.has(one.pid))
    .map(({ address: { host, port } }) => formatAddress({ host: unmapped(host), port }))
    .sort();
}

const PYTHON = `
import http.server, os
http.server.HTTPServer(("0.0.0.0", int(os.environ["PORT"])), http.server.SimpleHTTPRequestHandler).serve_forever()
`;
const PYTHON_COMMAND = ["python3", "-u", "-c", PYTHON];
const NODE = `
import { createServer } from "node:http";
createServer((request, response) => response.end("hello from node")).listen(Number(process.env.PORT));
`;
// Without net/http, which takes long to build.
const GO = `package main
import ("bufio"; "net"; "os")
func main() {
  listener, err := net.Listen("tcp", "0.0.0.0:" + os.Getenv("PORT"))
  if err != nil { panic(err) }
  for {
    client, err := listener.Accept()
    if err != nil { panic(err) }
    go func() {
      defer client.Close()
      bufio.NewReader(client).ReadString('\\n')
      client.Write([]byte("HTTP/1.1 200 OK\\r\\nContent-Length: 13\\r\\nConnection: close\\r\\n\\r\\nhello from go"))
    }()
  }
}`;

let built: string | undefined;

afterAll(() => {
  if (built !== undefined) rmSync(dirname(built), { recursive: true });
});

/** A static binary, which no preloaded library would reach. */
function goServer(): string {
  if (built !== undefined) return built;
  const folder = mkdtempSync(join(tmpdir(), "cove-go-"));
  writeFileSync(join(folder, "main.go"), GO);
  const env = { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local", GO111MODULE: "off" };
  execFileSync(go ?? "", ["build", "-o", "server", "main.go"], { cwd: folder, env });
  built = join(folder, "server");
  return built;
}

describe("fix", () => {
  test.skipIf(!guarded || python === null)(
    "a python server on 0.0.0.0 ends up on loopback, and that is said once",
    async () => {
      const { stack, log, port } = bench().run({ web: { options: { command: PYTHON_COMMAND } } });
      expect(await stack.settled()).toBeNull();
      const { process: identity } = stack.status("web");
      expect(listensAt(identity?.pid ?? 0)).toEqual([`127.0.0.1:${port("web")}`]);
      await until(() => log().includes("turned"));
      const said = `web cove turned 0.0.0.0:${port("web")} to 127.0.0.1:${port("web")}`;
      expect(
        log()
          .split("\n")
          .filter((line) => line === said),
      ).toHaveLength(1);
      expect(await stack.restart("web")).toMatchObject([{ service: "web" }]);
      expect(
        log()
          .split("\n")
          .filter((line) => line === said),
      ).toHaveLength(1);
    },
  );

  test.skipIf(!guarded || python === null)(
    "node on ::, its workers and descendants, any free port, and listen without bind",
    async () => {
      const { stack, port } = bench().run({
        web: {
          node: `${NODE}
            import { spawn } from "node:child_process";
            import { createServer as plain } from "node:net";
            import { Worker } from "node:worker_threads";
            plain().listen({ port: 0, host: "0.0.0.0" });
            plain().listen({ port: 0, host: "::", ipv6Only: true });
            new Worker('require("node:net").createServer().listen(0)', { eval: true, env: {} });
            const listen = "import socket, time; s = socket.socket(); s.listen(); time.sleep(60)";
            spawn("python3", ["-c", listen], { detached: true, stdio: "ignore", env: { PATH: process.env.PATH } });`,
        },
      });
      expect(await stack.settled()).toBeNull();
      const pid = stack.status("web").process?.pid ?? 0;
      await until(() => listensAt(pid).length === 5);
      expect(listensAt(pid).filter((at) => !isLoopback(at.replace(/:\d+$/, "").replace(/^\[|\]$/g, "")))).toEqual([]);
      for (const host of ["127.0.0.1", "[::1]", "localhost"]) {
        const asked = await eventually(() => fetch(`http://${host}:${port("web")}/`));
        expect(await asked.text()).toBe("hello from node");
      }
      await stack.stop();
      expect(machine.listeners(port("web"))).toEqual([]);
    },
  );

  // A first build compiles Go's own library, too.
  test.skipIf(!guarded || go === null)("a static Go binary", { timeout: 180_000 }, async () => {
    const { stack, port } = bench().run({ web: { options: { command: [goServer()] } } });
    expect(await stack.settled()).toBeNull();
    expect(listensAt(stack.status("web").process?.pid ?? 0)).toEqual([`127.0.0.1:${port("web")}`]);
    expect(await (await fetch(`http://127.0.0.1:${port("web")}/`)).text()).toBe("hello from go");
  });

  test.skipIf(!guarded || redis === null)("redis, both families, behind a shell", async () => {
    const command = `redis-server --port $PORT --bind 0.0.0.0 :: --protected-mode no --save ""`;
    const { stack, port } = bench().run({ cache: { options: { command } } });
    expect(await stack.settled()).toBeNull();
    // It is ready by the first of them.
    await expect
      .poll(() => listensAt(stack.status("cache").process?.pid ?? 0))
      .toEqual([`127.0.0.1:${port("cache")}`, `[::1]:${port("cache")}`]);
  });

  test.skipIf(!guarded || python === null)(
    "what isn't turned stays as it was: UDP, Unix sockets, clients, errors",
    async () => {
      const { stack, log } = bench().run({
        job: {
          ready: { type: "exit" },
          options: {
            command: [
              "python3",
              "-u",
              "-c",
              `import errno, os, socket, tempfile
def tried(what):
    try: what(); return "fine"
    except OSError as error: return errno.errorcode[error.errno]
tcp = socket.socket
udp = socket.socket(type=socket.SOCK_DGRAM); udp.bind(("0.0.0.0", 0)); print("udp", udp.getsockname()[0])
path = os.path.join(tempfile.mkdtemp(), "s"); unix = tcp(socket.AF_UNIX); unix.bind(path); unix.listen(); os.unlink(path)
there = tcp(); there.bind(("127.0.0.1", 0)); there.listen()
client = tcp(); client.bind(("0.0.0.0", 0)); client.connect(there.getsockname()); print("client", client.getsockname()[0])
taken = there.getsockname()[1]
print("taken", tried(lambda: tcp().bind(("0.0.0.0", taken))))
twice = tcp(); twice.bind(("0.0.0.0", 0)); print("twice", tried(lambda: twice.bind(("0.0.0.0", 0))))
print("closed", tried(lambda: socket.socket(fileno=os.dup(os.open("/dev/null", 0))).listen()))
late = tcp(); late.bind(("0.0.0.0", 0)); before = late.getsockname(); late.listen(); after = late.getsockname()
print("late", before[0], after[0], before[1] == after[1])`,
            ],
          },
        },
      });
      expect(await stack.settled()).toBeNull();
      for (const line of [
        "udp 0.0.0.0",
        "client 127.0.0.1",
        "taken EADDRINUSE",
        "twice EINVAL",
        "closed ENOTSOCK",
        "late 0.0.0.0 127.0.0.1 True",
      ]) {
        expect(log()).toContain(`job stdout ${line}`);
      }
    },
  );
});

/** Binds and listens by io_uring (Linux 6.11), without a system call of either name; says what came of it. */
const IO_URING = `
import ctypes, errno, mmap, os, socket, struct, time
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def system(number, *args):
    result = libc.syscall(ctypes.c_long(number), *args)
    return result if result >= 0 else -ctypes.get_errno()
params = ctypes.create_string_buffer(120)
ring = system(425, ctypes.c_long(4), params)
if ring < 0:
    print("no ring:", errno.errorcode[-ring], flush=True)
    time.sleep(600)
number = lambda at: struct.unpack_from("I", params.raw, at)[0]
sq_head, sq_tail, sq_mask, _, _, _, sq_array = (number(40 + 4 * n) for n in range(7))
cq_head, cq_tail, cq_mask, _, _, cqes = (number(80 + 4 * n) for n in range(6))
rings = mmap.mmap(ring, sq_array + number(0) * 4, offset=0)
answers = mmap.mmap(ring, cqes + number(4) * 16, offset=0x8000000)
entries = mmap.mmap(ring, number(0) * 64, offset=0x10000000)
def at(memory, place): return struct.unpack_from("I", memory, place)[0]
def submit(operation, fd, address, length, offset):
    tail = at(rings, sq_tail)
    slot = tail & at(rings, sq_mask)
    struct.pack_into("<BBHiQQIIQ", entries, slot * 64, operation, 0, 0, fd, offset, address, length, 0, 7)
    struct.pack_into("I", rings, sq_array + 4 * slot, slot)
    struct.pack_into("I", rings, sq_tail, tail + 1)
    long = ctypes.c_long
    if system(426, long(ring), long(1), long(1), long(1), None, long(0)) < 0: return "unsubmitted"
    head = at(answers, cq_head)
    result = struct.unpack_from("i", answers, cqes + 16 * (head & at(answers, cq_mask)) + 8)[0]
    struct.pack_into("I", answers, cq_head, head + 1)
    return "fine" if result == 0 else errno.errorcode[-result]
one = socket.socket()
place = ctypes.create_string_buffer(struct.pack("=H", 2) + struct.pack(">H", int(os.environ["PORT"])) + bytes(12))
bound = submit(56, one.fileno(), ctypes.addressof(place), 0, 16)
print("ring:", bound, submit(57, one.fileno(), 0, 8, 0), flush=True)
time.sleep(600)`;

/** Whether a ring can bind here at all: io_uring may be switched off, and kernels before 6.11 have no such operation. */
function ringsBind(): boolean {
  const env = { ...process.env, PORT: "0" };
  const said = spawnSync("python3", ["-u", "-c", IO_URING.replaceAll("time.sleep(600)", "raise SystemExit")], { env });
  return String(said.stdout) === "ring: fine fine\n";
}

const rings = guarded && python !== null && ringsBind();

describe("a listener by io_uring", () => {
  test.skipIf(!rings)("can't be made under fix: there is no ring, and nothing listens", async () => {
    const { stack, log, port } = bench().run({
      web: { ready: { type: "log", pattern: "ring" }, options: { command: ["python3", "-u", "-c", IO_URING] } },
    });
    expect(await stack.settled()).toBeNull();
    expect(log()).toContain("web stdout no ring: ENOSYS");
    expect(machine.listeners(port("web"))).toEqual([]);
  });

  test.skipIf(!rings)("is found under warn as any other", async () => {
    const { stack, log, port } = bench().run({
      web: { bind: "warn", options: { command: ["python3", "-u", "-c", IO_URING] } },
    });
    expect(await stack.settled()).toBeNull();
    expect(log()).toContain("web stdout ring: fine fine");
    await until(() => stack.status("web").cause !== null);
    expect(stack.status("web").cause).toMatchObject({ fault: "BIND_EXPOSED" });
    expect(log()).toContain(`web cove web listens on 0.0.0.0:${port("web")}`);
  });

  test.skipIf(!guarded)("isn't missed by Node programs that asked for it", async () => {
    const { stack, port } = bench().run({
      web: {
        env: { UV_USE_IO_URING: "1" },
        node: `${NODE}
          import { readFile } from "node:fs/promises";
          await readFile(process.execPath);
          console.log("read");`,
      },
    });
    expect(await stack.settled()).toBeNull();
    expect(await (await fetch(`http://127.0.0.1:${port("web")}/`)).text()).toBe("hello from node");
  });
});

describe("privileged ports", () => {
  /** Tries to bind a port at loopback and everywhere; the kernel's answer, without the address. */
  const TRIES = `
import errno, os, socket
for host in ("127.0.0.1", "0.0.0.0"):
    one = socket.socket(); one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try: one.bind((host, int(os.environ["LOW"]))); one.listen(); print(host, "fine")
    except OSError as error: print(host, errno.errorcode[error.errno])
    one.close()`;
  const start = linux ? Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "latin1")) : 0;
  const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const plain = ["127.0.0.1 EACCES", "0.0.0.0 EACCES"];
  const fine = ["127.0.0.1 fine", "0.0.0.0 fine"];

  test.skipIf(!guarded || !isRoot || setpriv === null || python === null || start < 1_000).each([
    ["root", [], fine],
    ["nobody", nobody, plain],
    [
      "nobody with CAP_NET_BIND_SERVICE",
      [...nobody, "--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service"],
      fine,
    ],
    ["root without it", ["setpriv", "--bounding-set=-net_bind_service"], plain],
    ["root in a user namespace of its own", ["unshare", "--user", "--map-root-user"], plain],
  ] as const)("a service of %s gets what the kernel gives it without a guard", async (_, as, expected) => {
    const used = machine.listeningPorts();
    let low = start - 1;
    while (used.has(low)) low--;
    const command = [...as, "/usr/bin/env", "python3", "-u", "-c", TRIES];
    const env = { ...process.env, LOW: `${low}` };
    const [program = "", ...args] = command;
    const unguarded = spawnSync(program, args, { env, encoding: "utf8" });
    expect(unguarded.stdout.trim().split("\n"), unguarded.stderr).toEqual(expected);
    const { stack, log } = bench().run({
      web: { ready: { type: "exit" }, env: { LOW: `${low}` }, options: { command } },
    });
    expect(await stack.settled()).toBeNull();
    for (const line of expected) expect(log()).toContain(`web stdout ${line}`);
  });
});

describe("where nobody can do it for them", () => {
  test.skipIf(!guarded || python === null)(
    "without its supervisor a service can't listen at all, and doesn't hang",
    async () => {
      const folder = scratch("orphan");
      const said = join(folder, "said");
      const tries = `import errno, socket, sys, time
for _ in range(600):
    try: one = socket.socket(); one.bind(("0.0.0.0", 0)); one.listen(); word = one.getsockname()[0]
    except OSError as error: word = errno.errorcode[error.errno]
    open(${JSON.stringify(said)}, "w").write(word)
    time.sleep(0.05)`;
      const module = new URL("../src/confine/calls/launch.ts", import.meta.url).href;
      const order = {
        program: "python3",
        args: ["-c", tries],
        shell: false,
        cwd: folder,
        env: { PATH: process.env.PATH },
      };
      const runner = spawn(process.execPath, [
        "--input-type=module",
        "-e",
        `const guard = await (await import(${JSON.stringify(module)})).callGuard();
       console.log((await guard.start(${JSON.stringify(order)}, { turned: () => {} })).pid)`,
      ]);
      onTestFinished(() => void runner.kill("SIGKILL"));
      const pid = await new Promise<number>((resolve) => runner.stdout.once("data", (text) => resolve(Number(text))));
      onTestFinished(() => void process.kill(pid, "SIGKILL"));
      const word = () => (existsSync(said) ? readFileSync(said, "utf8") : "");
      await until(() => word() === "127.0.0.1");
      runner.kill("SIGKILL");
      await until(() => word() === "ENOSYS");
    },
  );

  test("Node programs are kept to loopback by a preload: http, both families, workers, clusters", async () => {
    const folder = scratch("preload");
    writeFileSync(
      join(folder, "server.cjs"),
      `const cluster = require("node:cluster");
       const net = require("node:net");
       const shown = [];
       const show = (address) => shown.push(address.address) === 6 && console.log(JSON.stringify(shown.sort()));
       const listen = (...where) => { const one = net.createServer().listen(...where, () => show(one.address())) };
       if (cluster.isPrimary) {
         listen(0); listen(0, "0.0.0.0"); listen({ port: 0, host: "::", ipv6Only: true }); listen(0, "127.0.0.9");
         const { Worker } = require("node:worker_threads");
         new Worker('const s = require("node:http").createServer().listen(0, () => require("node:worker_threads").parentPort.postMessage(s.address()))', { eval: true }).on("message", show);
         cluster.fork().on("message", (address) => address.address && show(address));
       } else { const one = net.createServer().listen(0, "0.0.0.0", () => process.send(one.address())) }`,
    );
    const child = spawn(process.execPath, ["server.cjs"], {
      cwd: folder,
      env: withPreload({ PATH: process.env.PATH ?? "" }),
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let said = "";
    child.stdout.on("data", (text) => {
      said += text;
    });
    await until(() => said.includes("\n"));
    expect(JSON.parse(said)).toEqual([
      "127.0.0.1",
      "127.0.0.1",
      "127.0.0.9",
      "::1",
      "::ffff:127.0.0.1",
      "::ffff:127.0.0.1",
    ]);
  });
});

describe("warn", () => {
  test.skipIf(!linux || python === null)(
    "an exposed service is reported with what to type, and no more once it is fixed",
    async () => {
      const { stack, log, port } = bench().run({
        web: { bind: "warn", options: { command: PYTHON_COMMAND } },
        docs: { bind: "warn", options: { command: "python3 -m http.server --bind 0.0.0.0" } },
      });
      expect(await stack.settled()).toBeNull();
      for (const name of ["web", "docs"]) {
        const { readyAt } = stack.status(name);
        await until(() => stack.status(name).cause !== null);
        console.log(`${name}: reported at most ${Date.now() - (readyAt ?? 0)} ms after it was ready`);
      }
      expect(stack.status("web")).toMatchObject({
        state: "ready",
        cause: { fault: "BIND_EXPOSED", hint: expect.stringContaining('guard: { bind: "fix" }') },
      });
      expect(log()).toContain(`web cove web listens on 0.0.0.0:${port("web")}`);
      expect(stack.status("docs").cause?.hint).toContain(`http.server ${port("docs")} --bind 127.0.0.1`);
      await stack.stopService("web");
      expect(stack.status("web").cause).toBeNull();
    },
  );
});

describe("box", () => {
  const project = () => {
    const folder = scratch("boxed");
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "web.mjs"), NODE);
    // Reaches its edges and nothing else.
    writeFileSync(
      join(folder, "api.mjs"),
      `import { createServer } from "node:http";
       import { connect } from "node:net";
       import pg from "pg";
       const reach = (host, port) => new Promise((done) => {
         const socket = connect({ host, port }, () => done("reached")).on("error", (error) => done(error.code));
         socket.on("close", () => done("closed"));
       });
       createServer(async (request, response) => {
         if (request.url !== "/db") return response.end(await reach("127.0.0.1", Number(request.url.slice(1))));
         const client = new pg.Client(process.env.DATABASE_URL);
         await client.connect();
         const { rows } = await client.query("select 40 + 2 as answer");
         await client.end();
         response.end("the answer is " + rows[0].answer);
       }).listen(Number(process.env.PORT), "0.0.0.0");`,
    );
    const services: Record<string, unknown> = {
      node: { command: ["node", "web.mjs"] },
      api: { command: ["node", "api.mjs"], needs: ["db"] },
      db: { postgres: {} },
    };
    if (python !== null) services.python = { command: PYTHON_COMMAND };
    if (go !== null) services.go = { command: [goServer()] };
    writeFileSync(join(folder, "cove.json"), JSON.stringify({ name: "boxed", guard: { bind: "box" }, services }));
    return folder;
  };

  test.skipIf(!boxes)(
    "services work by name and by their edges, without one listener on this machine",
    BUSY,
    async () => {
      await using sandbox = await coveSandbox();
      const folder = project();
      const up = await sandbox.cove(["up", "-d"], { cwd: folder });
      expect(up.code, up.stdout + up.stderr).toBe(0);
      const status = JSON.parse((await sandbox.cove(["status", "--json"], { cwd: folder })).stdout);
      const services: { name: string; pid: number; address: { port: number } }[] = status.stacks[0].services;
      for (const { pid, address } of services) {
        expect(listensAt(pid)).toEqual([]);
        expect(machine.listeners(address.port)).toEqual([]);
      }
      const get = async (name: string, path = "/") =>
        (await ask(sandbox.port, `${name}.boxed.localhost`, { path })).body;
      expect(await get("node")).toBe("hello from node");
      if (python !== null) expect(await get("python")).toContain("Directory listing");
      if (go !== null) expect(await get("go")).toBe("hello from go");
      expect(await get("api", "/db")).toBe("the answer is 42");
      // Offline but for its edges: not even the door is there.
      expect(await get("api", `/${sandbox.port}`)).toBe("ECONNREFUSED");

      const left = services
        .flatMap(({ pid }) => [pid, ...machine.descendants(pid)])
        .map((pid) => ({ pid, started: machine.startStamp(pid) ?? "" }));
      expect(left.length).toBeGreaterThan(services.length);
      process.kill(status.stacks[0].runner.pid, "SIGKILL");
      await until(() => !left.some((one) => machine.isRunning(one)));
    },
  );

  test.skipIf(!boxes)("signals, exit codes and ready probes are the service's own", BUSY, async () => {
    const { run } = bench();
    const { stack, log } = run({
      code: { bind: "box", restart: { when: "never", max: 1 }, ready: { type: "exit" }, node: "process.exit(7)" },
      polite: {
        bind: "box",
        ready: { type: "log", pattern: "^up$" },
        node: `process.on("SIGTERM", () => { console.log("bye"); process.exit(0) }); setInterval(() => {}, 1e6); console.log("up")`,
      },
      killed: {
        bind: "box",
        ready: { type: "none" },
        restart: { when: "never", max: 1 },
        node: `process.kill(process.pid, "SIGKILL")`,
      },
      elsewhere: {
        bind: "box",
        node: `import { createServer } from "node:http"; createServer().listen(3000, "0.0.0.0")`,
      },
      asked: {
        bind: "box",
        ready: {
          type: "command",
          command: `node -e 'fetch("http://127.0.0.1:" + process.env.PORT).catch(() => process.exit(1))'`,
        },
        node: NODE,
      },
      missing: { bind: "box", restart: { when: "never", max: 1 }, options: { command: ["no-such-program"] } },
    });
    await stack.settled();
    expect(stack.status("code").cause).toMatchObject({ detail: { exitCode: 7 } });
    await until(() => stack.status("killed").state === "failed");
    expect(stack.status("killed").cause).toMatchObject({ detail: { signal: "SIGKILL" } });
    await until(() => stack.status("elsewhere").state === "ready");
    expect(log()).toContain("it listens on port 3000 in its box");
    expect(stack.status("missing")).toMatchObject({ state: "failed", cause: { fault: "COMMAND_MISSING" } });
    expect(stack.status("asked").state).toBe("ready");
    await stack.stopService("polite");
    expect(log()).toContain("polite stdout bye");
  });
});

describe("a system that gives nobody a network", () => {
  test.skipIf(!linux || unshare === null)("says so, and what to do", () => {
    const module = new URL("../src/confine/box/box.ts", import.meta.url).href;
    const ask = `const { openBox } = await import(${JSON.stringify(module)});
      const place = { folder: "/nonexistent", inlet: "", outlet: () => "", order: "" };
      console.log(JSON.stringify(await openBox(place, { host: "127.0.0.1", port: 1 }, [], { command: [], cwd: "/", env: {} })));`;
    // A limit of this one user namespace, and so of all within it.
    const line = 'echo 0 > /proc/sys/user/max_net_namespaces && exec "$0" --input-type=module -e "$1"';
    const inside = ["--user", "--map-root-user", "sh", "-c", line, process.execPath, ask];
    const { stdout, stderr, status } = spawnSync(unshare ?? "", inside, { encoding: "utf8" });
    // Here even that one is forbidden: the same fault, without a limit of ours.
    const said =
      status === 0
        ? stdout
        : spawnSync(process.execPath, ["--input-type=module", "-e", ask], { encoding: "utf8" }).stdout;
    expect(JSON.parse(said || stderr)).toMatchObject({
      fault: "BOX_FAILED",
      hint: expect.stringContaining('bind: "fix"'),
    });
  });
});

/** The rest of the world: a network namespace with one cable to this one. */
function outside(): { readonly here: string; readonly accepted: (ports: readonly number[]) => number[] } {
  const id = `${process.pid % 65_536}`;
  const [name, near, far] = [`cove-${id}`, `cva${id}`, `cvb${id}`];
  const subnet = `10.${200 + (process.pid % 50)}.${(process.pid >> 6) % 250}`;
  const run = (...args: string[]) => execFileSync(ip ?? "", args, { stdio: "pipe" });
  onTestFinished(() => {
    spawnSync(ip ?? "", ["link", "del", near]);
    spawnSync(ip ?? "", ["netns", "del", name]);
  });
  run("netns", "add", name);
  run("link", "add", near, "type", "veth", "peer", "name", far, "netns", name);
  run("addr", "add", `${subnet}.1/24`, "dev", near);
  run("link", "set", near, "up");
  run("-n", name, "addr", "add", `${subnet}.2/24`, "dev", far);
  run("-n", name, "link", "set", far, "up");
  run("-n", name, "link", "set", "lo", "up");
  const script = `
    const { connect } = require("node:net");
    const [, host, ...ports] = process.argv;
    Promise.all(ports.map((port) => new Promise((done) => {
      const socket = connect({ host, port, timeout: 3000 }, () => { socket.destroy(); done([port]); });
      socket.on("error", () => done([])).on("timeout", () => { socket.destroy(); done([]); });
    }))).then((found) => console.log(JSON.stringify(found.flat().map(Number))));`;
  return {
    here: `${subnet}.1`,
    accepted: (ports) => {
      const args = ["netns", "exec", name, process.execPath, "-e", script, `${subnet}.1`, ...ports.map(String)];
      return JSON.parse(execFileSync(ip ?? "", args, { encoding: "utf8" }));
    },
  };
}

describe("from another machine", () => {
  test.skipIf(!guarded || !boxes || !isRoot || ip === null || python === null)(
    "not one port of a stack accepts a connection, but for one that is only warned of",
    BUSY,
    async () => {
      const world = outside();
      expect(
        Object.values(networkInterfaces())
          .flat()
          .some((one) => one?.address === world.here),
      ).toBe(true);
      await using sandbox = await coveSandbox();
      const folder = scratch("exposed");
      const web = (bind: string) => ({ command: PYTHON_COMMAND, guard: { bind }, needs: ["db"] });
      const services = { db: { postgres: {} }, fixed: web("fix"), boxed: web("box"), warned: web("warn") };
      writeFileSync(join(folder, "cove.json"), JSON.stringify({ name: "exposed", services }));
      const up = await sandbox.cove(["up", "-d"], { cwd: folder });
      expect(up.code, up.stdout + up.stderr).toBe(0);

      const read = async () => JSON.parse((await sandbox.cove(["status", "--json"], { cwd: folder })).stdout).stacks[0];
      const { services: all, edges } = await read();
      const portOf = (name: string): number => all.find((one: { name: string }) => one.name === name).address.port;
      const ports: number[] = [
        sandbox.port,
        ...all.map((one: { address: { port: number } }) => one.address.port),
        ...edges.map((one: { address: { port: number } }) => one.address.port),
      ];
      expect(new Set(ports).size).toBe(8);
      // The one that may shows that the cable works.
      expect(world.accepted([...new Set(ports)])).toEqual([portOf("warned")]);
      for (const name of ["fixed", "boxed", "warned"]) {
        expect((await ask(sandbox.port, `${name}.exposed.localhost`)).status).toBe(200);
      }
      const cause = await eventually(async () => {
        const { services: now } = await read();
        return now.find((one: { name: string }) => one.name === "warned").cause ?? undefined;
      });
      expect(cause).toMatchObject({ fault: "BIND_EXPOSED" });
    },
  );
});

const [sudo, setcap] = [program("sudo"), program("setcap")];

describe("programs with rights of their own (setuid, file capabilities), for a user without root", () => {
  test.skipIf(!guarded || !isRoot || setpriv === null || sudo === null || setcap === null)(
    "have none under fix: it is said, with the line that helps; under warn they have (needs sudo, setcap)",
    BUSY,
    async () => {
      const folder = scratch("rights");
      mkdirSync(join(folder, "home"));
      writeFileSync(join(folder, "secret"), "for root alone\n", { mode: 0o600 });
      for (const name of ["owned", "capable"]) copyFileSync("/bin/cat", join(folder, name));
      writeFileSync(join(folder, "asks.sh"), "sudo -n true\n");
      const once = { ready: "exit", restart: "never" };
      const peek = (name: string, bind: string) => ({ ...once, command: [`./${name}`, "secret"], guard: { bind } });
      const services = {
        owned: peek("owned", "fix"),
        capable: peek("capable", "fix"),
        asks: { ...once, command: "sh asks.sh" },
        free: peek("owned", "warn"),
      };
      writeFileSync(join(folder, "cove.json"), JSON.stringify({ name: "rights", services }));
      execFileSync("chown", ["-R", "65534:65534", folder]);
      for (const name of ["owned", "capable", "secret"]) execFileSync("chown", ["0:0", join(folder, name)]);
      chmodSync(join(folder, "owned"), 0o4755);
      execFileSync(setcap ?? "", ["cap_dac_read_search+ep", join(folder, "capable")]);
      await using sandbox = await coveSandbox();
      const env = { ...sandbox.env, HOME: folder, COVE_HOME: join(folder, "home") };
      const as = (...args: string[]) => {
        const user = ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, join(root, "bin/cove.js")];
        return spawnSync(setpriv ?? "", [...user, ...args], { cwd: folder, env, encoding: "utf8", timeout: 30_000 });
      };
      onTestFinished(() => void as("stop", "--yes"));
      for (const name of Object.keys(services)) {
        const { status, stdout, stderr } = as("up", "-d", name);
        const all = stdout + stderr + as("logs", name).stdout;
        as("down");
        if (name === "free") {
          expect(status, all).toBe(0);
          expect(all).toContain("for root alone");
          continue;
        }
        expect(status, all).not.toBe(0);
        expect(all, name).toContain("no_new_privs");
        expect(all, name).toContain('guard: { bind: "warn" }');
        expect(all, name).toMatch(
          { owned: /owned has its rights by setuid/, capable: /by file capabilities/ }[name] ??
            /a program that it starts/,
        );
      }
    },
  );
});

describe("another user, without root", () => {
  test.skipIf(!guarded || !isRoot || setpriv === null || python === null)(
    "fix and box need no privileges",
    BUSY,
    async () => {
      const folder = scratch("plain-user");
      mkdirSync(join(folder, "home"));
      const web = (bind: string) => ({ command: ["/usr/bin/env", ...PYTHON_COMMAND], guard: { bind } });
      const services = { fixed: web("fix"), ...(boxes && { boxed: web("box") }) };
      writeFileSync(join(folder, "cove.json"), JSON.stringify({ name: "plain", services }));
      execFileSync("chown", ["-R", "65534:65534", folder]);
      await using sandbox = await coveSandbox();
      const env = { ...sandbox.env, HOME: folder, COVE_HOME: join(folder, "home") };
      const as = (...args: string[]) =>
        spawnSync(
          setpriv ?? "",
          ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, join(root, "bin/cove.js"), ...args],
          { cwd: folder, env, encoding: "utf8" },
        );
      onTestFinished(() => void as("stop", "--yes"));
      const up = as("up", "-d");
      expect(up.status, up.stdout + up.stderr).toBe(0);
      const { services: all } = JSON.parse(as("status", "--json").stdout).stacks[0];
      for (const { name, pid, address } of all) {
        expect(listensAt(pid)).toEqual(name === "fixed" ? [`127.0.0.1:${address.port}`] : []);
        expect((await ask(sandbox.port, `${name}.plain.localhost`)).status).toBe(200);
      }
    },
  );
});
