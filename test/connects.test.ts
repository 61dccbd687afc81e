import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { sleep } from "../src/async/sleep.ts";
import { callGuard, type Leading } from "../src/confine/calls/launch.ts";
import type { Route } from "../src/confine/calls/routes.ts";
import { PIPES } from "../src/confine/child-stdio.ts";
import { isFault } from "../src/fault/fault.ts";
import { freePorts } from "./support/free-port.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";

const guard = process.platform === "linux" ? await callGuard() : null;
const guarded = guard !== null && !isFault(guard);
const python = program("python3");
const go = program("go");
const java = program("java");
const ruby = program("ruby");
const curl = program("curl");
const unshare = program("unshare");

const BUSY = { timeout: 120_000 };

/** An HTTP server that says its name and by whom it was asked for what. */
async function named(name: string, host = "127.0.0.1"): Promise<Server & { readonly port: number }> {
  const server = createServer((client) => {
    client.on("error", () => {});
    client.once("data", () => {
      client.end(`HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\nConnection: close\r\n\r\n${name}`);
    });
  });
  server.listen(0, host);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

interface Program {
  readonly write: (text: string) => void;
  readonly said: () => string;
  readonly exited: Promise<{ readonly code: number | null }>;
  readonly pid: number;
}

const NO_PORTS = { ports: () => null, chosen: () => {}, bound: () => {}, kept: () => {} };

const fixed = (routes: readonly Route[]): Leading => ({
  ...NO_PORTS,
  routes: () => routes,
  watch: () => () => {},
  wanted: () => {},
});

/** Starts a program whose connects are led. */
async function launch(
  command: readonly string[],
  leading: Leading,
  env: Record<string, string> = {},
): Promise<Program> {
  if (guard === null || isFault(guard)) throw new Error("no guard");
  const [name = "", ...args] = command;
  const order = {
    ...{ program: name, args, shell: false, cwd: "/", env: { PATH: process.env.PATH ?? "", ...env } },
    stdio: { ...PIPES, stdin: "pipe" as const },
  };
  const started = await guard.start(order, { turned: () => {}, leading });
  if (started instanceof Error) throw started;
  let said = "";
  started.stdout?.on("data", (bytes) => {
    said += bytes;
  });
  started.stderr?.on("data", (bytes) => {
    said += bytes;
  });
  onTestFinished(() => {
    try {
      process.kill(-started.pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  });
  const exited = started.exited.then(async (exit) => {
    await sleep(50);
    return exit;
  });
  return { write: (text) => void started.stdin?.write(text), said: () => said, exited, pid: started.pid };
}

async function output(command: readonly string[], leading: Leading, env?: Record<string, string>): Promise<string> {
  const { said, exited } = await launch(command, leading, env);
  await exited;
  return said();
}

/** A real place, a way to it, and a port that only code believes in: `real`, `led`, and nobody. */
async function places() {
  const [real, led, [believed = 0]] = await Promise.all([named("real"), named("led"), freePorts(1)]);
  const to = { host: "127.0.0.1", port: led.port };
  const routes: Route[] = [
    { host: "127.0.0.1", port: real.port, to, service: "api" },
    { host: null, port: believed, to, service: "api" },
  ];
  return { real, led, believed, routes, elsewhere: await named("elsewhere") };
}

const PYTHON = `
import asyncio, socket, sys, urllib.request
real, believed, elsewhere = sys.argv[1:4]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
get = lambda host, port: opener.open(f"http://{host}:{port}/", timeout=20).read().decode()
for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"):
    print(host, get(host, real), get(host, believed))
print("elsewhere", get("127.0.0.1", elsewhere))
async def asked(port):
    reader, writer = await asyncio.open_connection("localhost", port)
    writer.write(b"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
    answer = await reader.read()
    return answer.decode().split("\\r\\n\\r\\n")[1]
print("asyncio", asyncio.run(asked(real)), asyncio.run(asked(believed)))
one = socket.socket(socket.AF_INET6); one.setsockopt(41, 26, 1); one.connect(("::1", int(believed))); print("v6 alone", one.getpeername()[0])
`;

test.skipIf(!guarded || python === null)(
  "every way to say loopback is led: blocking, non-blocking, both families; all else goes on",
  BUSY,
  async () => {
    const { real, believed, elsewhere, routes } = await places();
    const args = [real.port, believed, elsewhere.port].map(String);
    const said = await output(["python3", "-u", "-c", PYTHON, ...args], fixed(routes));
    expect(said.trim().split("\n")).toEqual([
      "127.0.0.1 led led",
      "localhost led led",
      "[::1] led led",
      "[::ffff:127.0.0.1] led led",
      "0.0.0.0 led led",
      "[::] led led",
      "elsewhere elsewhere",
      "asyncio led led",
      "v6 alone ::ffff:127.0.0.1",
    ]);
  },
);

const NODE = `
const [real, believed, elsewhere] = process.argv.slice(2);
const said = [];
for (const at of [real, believed, elsewhere]) {
  for (const host of ["localhost", "127.0.0.1", "[::1]"]) {
    said.push(await fetch("http://" + host + ":" + at).then((answer) => answer.text(), (error) => error.cause?.code));
  }
}
console.log(said.join(" "));
`;
const GO = `package main
import ("fmt"; "io"; "net"; "os")
func ask(host string, port string) string {
  conn, err := net.Dial("tcp", net.JoinHostPort(host, port))
  if err != nil { return err.Error() }
  defer conn.Close()
  conn.Write([]byte("GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"))
  all, _ := io.ReadAll(conn)
  return string(all[len(all)-3:])
}
func main() {
  for _, port := range os.Args[1:3] { for _, host := range []string{"localhost", "127.0.0.1", "::1"} { fmt.Print(ask(host, port), " ") } }
  fmt.Println(ask("127.0.0.1", os.Args[3]))
}`;
const JAVA = `
import java.net.*; import java.io.*;
public class Ask {
  public static void main(String[] args) throws Exception {
    for (int at = 0; at < 2; at++) for (String host : new String[] {"localhost", "127.0.0.1"})
      System.out.print(new String(new URL("http://" + host + ":" + args[at] + "/").openStream().readAllBytes()) + " ");
    try (var channel = java.nio.channels.SocketChannel.open(new InetSocketAddress("localhost", Integer.parseInt(args[1])))) {
      System.out.println(channel.isConnected());
    }
  }
}`;
const RUBY = `require "net/http"
puts ARGV.flat_map { |port| ["localhost", "127.0.0.1"].map { |host| Net::HTTP.get(URI("http://#{host}:#{port}/")) } }.join(" ")`;

describe.skipIf(!guarded)("clients as people have them", () => {
  const ports = async () => {
    const there = await places();
    return { ...there, args: [there.real.port, there.believed, there.elsewhere.port].map(String) };
  };

  test("node: fetch, which tries both families", BUSY, async () => {
    const { args, routes } = await ports();
    const file = join(scratch("connects"), "ask.mjs");
    writeFileSync(file, NODE);
    const led = "led led led";
    // Nothing listens at ::1 there.
    expect(await output([process.execPath, file, ...args], fixed(routes))).toBe(
      `${led} ${led} elsewhere elsewhere ECONNREFUSED\n`,
    );
  });

  test.skipIf(curl === null)("curl", BUSY, async () => {
    const { args, routes } = await ports();
    const asked = (host: string, port = "") =>
      output(["curl", "-s", "--noproxy", "*", "-w", " %{remote_port}", `http://${host}:${port}/`], fixed(routes));
    expect(await asked("localhost", args[1])).toMatch(/^led \d+$/);
    expect(await asked("127.0.0.1", args[0])).toMatch(/^led \d+$/);
    expect(await asked("127.0.0.1", args[2])).toBe(`elsewhere ${args[2]}`);
    const fast = ["curl", "-s", "--noproxy", "*", "--tcp-fastopen", `http://localhost:${args[1]}/`];
    expect(await output(fast, fixed(routes))).toBe("led");
  });

  test.skipIf(go === null)("a static Go program", BUSY, async () => {
    const { args, routes } = await ports();
    const folder = mkdtempSync(join(tmpdir(), "cove-go-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "main.go"), GO);
    const env = { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local", GO111MODULE: "off" };
    execFileSync(go ?? "", ["build", "-o", "ask", "main.go"], { cwd: folder, env });
    expect(await output([join(folder, "ask"), ...args], fixed(routes))).toBe("led led led led led led ere\n");
  });

  test.skipIf(java === null)("Java: streams and channels, whose sockets are of both families", BUSY, async () => {
    const { args, routes } = await ports();
    const file = join(scratch("connects"), "Ask.java");
    writeFileSync(file, JAVA);
    expect(await output(["java", file, ...args], fixed(routes))).toContain("led led led led true\n");
  });

  test.skipIf(ruby === null)("Ruby", BUSY, async () => {
    const { args, routes } = await ports();
    expect(await output(["ruby", "-e", RUBY, ...args.slice(0, 2)], fixed(routes))).toBe("led led led led\n");
  });

  test.skipIf(python === null)(
    "what is no TCP to loopback isn't touched: Unix sockets, UDP, disconnects, errors",
    BUSY,
    async () => {
      const { believed, routes } = await places();
      const [nobody = 0] = await freePorts(1);
      const said = await output(
        [
          "python3",
          "-u",
          "-c",
          `import errno, os, socket, sys, tempfile
def tried(what):
    try: what(); return "fine"
    except OSError as error: return errno.errorcode[error.errno]
believed, nobody = map(int, sys.argv[1:])
path = os.path.join(tempfile.mkdtemp(), "s"); unix = socket.socket(socket.AF_UNIX); unix.bind(path); unix.listen()
print("unix", tried(lambda: socket.socket(socket.AF_UNIX).connect(path))); os.unlink(path)
udp = socket.socket(type=socket.SOCK_DGRAM); udp.connect(("127.0.0.1", believed)); print("udp", udp.getpeername()[1] == believed)
print("refused", tried(lambda: socket.socket().connect(("127.0.0.1", nobody))))
print("no socket", tried(lambda: socket.socket(fileno=os.open("/dev/null", 0)).connect(("127.0.0.1", believed))))
one = socket.socket(); one.connect(("127.0.0.1", believed)); print("twice", tried(lambda: one.connect(("127.0.0.1", believed))))
late = socket.socket(); late.setblocking(False); first = tried(lambda: late.connect(("127.0.0.1", believed)))
import select; select.select([], [late], [], 10)
print("late", first in ("fine", "EINPROGRESS"), late.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), tried(lambda: late.connect(("127.0.0.1", believed))) in ("fine", "EISCONN"), late.getblocking())
limited = socket.socket(); limited.settimeout(5); limited.connect(("127.0.0.1", believed)); print("limited", limited.gettimeout())
fast = socket.socket(); print("fast open", tried(lambda: fast.sendto(b"x", 0x20000000, ("127.0.0.1", believed))) in ("EOPNOTSUPP", "ENOTSUP"))
plain = socket.socket(); plain.connect(("127.0.0.1", believed)); print("send", tried(lambda: plain.sendmsg([b"x"])))`,
          `${believed}`,
          `${nobody}`,
        ],
        fixed(routes),
      );
      expect(said.trim().split("\n")).toEqual([
        "unix fine",
        "udp True",
        "refused ECONNREFUSED",
        "no socket ENOTSOCK",
        "twice EISCONN",
        "late True 0 True False",
        "limited 5.0",
        "fast open True",
        "send fine",
      ]);
    },
  );
});

describe.skipIf(!guarded || python === null)("nothing hangs, and nothing else waits", () => {
  const CONNECT = `import socket, sys, time
began = time.monotonic()
one = socket.socket(); one.settimeout(float(sys.argv[2]) if len(sys.argv) > 2 else None)
try: one.connect(("127.0.0.1", int(sys.argv[1]))); print("connected", flush=True)
except OSError as error: print(type(error).__name__, round(time.monotonic() - began, 1), flush=True)`;

  test("a place that accepts nothing any more holds up its own callers alone", BUSY, async () => {
    // Nobody accepts there: one connection fills it.
    const full = await launch(
      [
        "python3",
        "-u",
        "-c",
        `import socket, time
one = socket.socket(); one.bind(("127.0.0.1", 0)); one.listen(0); print(one.getsockname()[1], flush=True)
keep = []
for _ in range(3):
    c = socket.socket(); c.setblocking(False)
    try: c.connect(one.getsockname())
    except OSError: pass
    keep.append(c)
time.sleep(100)`,
      ],
      fixed([]),
    );
    await expect.poll(() => full.said()).toMatch(/^\d+\n/);
    const port = Number(full.said());
    const { led, believed } = await places();
    const [stuck = 0] = await freePorts(1);
    const routes: Route[] = [
      { host: null, port: stuck, to: { host: "127.0.0.1", port }, service: "full" },
      { host: null, port: believed, to: { host: "127.0.0.1", port: led.port }, service: "api" },
    ];
    const waiting = await launch(["python3", "-u", "-c", CONNECT, `${stuck}`], fixed(routes));
    const limited = launch(["python3", "-u", "-c", CONNECT, `${stuck}`, "1"], fixed(routes));
    await sleep(500);
    expect(await output(["python3", "-u", "-c", CONNECT, `${believed}`], fixed(routes))).toBe("connected\n");
    await (await limited).exited;
    expect((await limited).said()).toMatch(/^(TimeoutError|timeout) [12]\.\d\n$/);
    expect(waiting.said()).toBe("");
    process.kill(-full.pid, "SIGKILL");
    await waiting.exited;
    // The kernel tries again in a second or two, and hears that nobody is there.
    expect(waiting.said()).toMatch(/^ConnectionRefusedError/);
  });

  test("whatever this process is busy with", BUSY, async () => {
    const { believed, routes } = await places();
    const file = join(scratch("connects"), "said");
    const code = `import socket, sys
input()
socket.create_connection(("127.0.0.1", int(sys.argv[1]))); open(sys.argv[2], "w").write("connected")`;
    const started = await launch(["python3", "-u", "-c", code, `${believed}`, file], fixed(routes));
    started.write("now\n");
    await sleep(100);
    // From here on nothing of this thread's event loop runs.
    const here = new Int32Array(new SharedArrayBuffer(4));
    let said = "";
    for (let n = 0; n < 500 && said === ""; n++) {
      Atomics.wait(here, 0, 0, 20);
      said = readFileSync(file, { encoding: "utf8", flag: "a+" });
    }
    expect(said).toBe("connected");
  });

  test("without the process that judges: callers that wait get an error at once", BUSY, async () => {
    const module = new URL("../src/confine/calls/launch.ts", import.meta.url).href;
    const code = `import socket, time
n = 0
try:
    while True:
        one = socket.socket()
        try: one.connect(("127.0.0.1", 1))
        except ConnectionRefusedError: pass
        one.close(); n += 1
        if n % 100 == 0: print("connects", flush=True)
except OSError as error: print("ended:", error.errno, flush=True)
time.sleep(100)`;
    const order = {
      program: "python3",
      args: ["-u", "-c", code],
      shell: false,
      cwd: "/",
      env: { PATH: process.env.PATH },
    };
    const script = `const guard = await (await import(${JSON.stringify(module)})).callGuard();
      const started = await guard.start(${JSON.stringify(order)}, { turned: () => {} });
      console.log(started.pid);
      started.stdout.on("data", (bytes) => process.stderr.write(bytes));`;
    const runner = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let pid = "";
    let said = "";
    runner.stdout.on("data", (bytes) => (pid += bytes));
    runner.stderr.on("data", (bytes) => (said += bytes));
    await expect.poll(() => said, { timeout: 30_000 }).toContain("connects");
    onTestFinished(() => void process.kill(-Number(pid), "SIGKILL"));
    // One of them waits now.
    runner.kill("SIGSTOP");
    await sleep(200);
    runner.kill("SIGKILL");
    await once(runner, "exit");
    const files = () => readFileSync(`/proc/${Number(pid)}/syscall`, "utf8").split(" ")[0];
    // ENOSYS ended its loop: it sleeps (clock_nanosleep), and connects no more.
    await expect.poll(files, { timeout: 10_000 }).not.toBe(process.arch === "arm64" ? "203" : "42");
  });

  test(
    "a way that is opened when it is wanted: the connect waits for it, and goes on as it was where none comes",
    BUSY,
    async () => {
      const { real, led } = await places();
      const none: Route = { host: "127.0.0.1", port: real.port, to: null, service: "cache" };
      let routes: Route[] = [none];
      const wanted: string[] = [];
      const code = `import urllib.request, sys
for _ in range(2): print(urllib.request.urlopen("http://127.0.0.1:" + sys.argv[1]).read().decode())`;
      const command = ["python3", "-u", "-c", code, `${real.port}`];
      const env = { no_proxy: "*" };
      expect(await output(command, { ...fixed(routes), wanted: (service) => wanted.push(service) }, env)).toBe(
        "real\nreal\n",
      );
      expect(wanted).toEqual(["cache"]);
      let changed = () => {};
      const opening: Leading = {
        ...NO_PORTS,
        routes: () => routes,
        watch: (tell) => {
          changed = tell;
          return () => {};
        },
        wanted: async () => {
          await sleep(50);
          routes = [{ ...none, to: { host: "127.0.0.1", port: led.port } }];
          changed();
        },
      };
      expect(await output(command, opening, env)).toBe("led\nled\n");
    },
  );

  test("a process in a network of its own reaches what is there", BUSY, async () => {
    if (unshare === null || spawnSync(unshare, ["--net", "true"]).status !== 0) return;
    const { believed, routes } = await places();
    expect(await output(["unshare", "--net", "python3", "-u", "-c", CONNECT, `${believed}`], fixed(routes))).toMatch(
      /^OSError|^ConnectionRefusedError/,
    );
  });

  test("10,000 led and 10,000 other connects: each one arrives", { timeout: 240_000 }, async () => {
    const { led, elsewhere, believed, routes } = await places();
    const code = `import socket, sys
def each(port):
    done = 0
    for _ in range(10000):
        one = socket.socket(); one.connect(("127.0.0.1", port)); one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\1\\0\\0\\0\\0\\0\\0\\0"); one.close(); done += 1
    return done
print(*(each(int(port)) for port in sys.argv[1:]))`;
    const counts = { led: 0, elsewhere: 0 };
    led.on("connection", () => counts.led++);
    elsewhere.on("connection", () => counts.elsewhere++);
    expect(await output(["python3", "-u", "-c", code, `${believed}`, `${elsewhere.port}`], fixed(routes))).toBe(
      "10000 10000\n",
    );
    await expect.poll(() => counts).toEqual({ led: 10_000, elsewhere: 10_000 });
  });
});
