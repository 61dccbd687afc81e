import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { callGuard } from "../src/confine/calls/launch.ts";
import { privateHosts } from "../src/confine/names/private-hosts.ts";
import { isFault } from "../src/fault/fault.ts";
import { coveSandbox } from "./support/cove.ts";
import { ask } from "./support/door-request.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";

const BIN = fileURLToPath(new URL("../bin/cove.js", import.meta.url));
const linux = process.platform === "linux";
const possible = linux && !isFault(await privateHosts());
const led = linux && !isFault(await callGuard());
const isRoot = process.geteuid?.() === 0;
const setpriv = program("setpriv");
const unshare = program("unshare");
/** Whole stacks, on a machine that others use as well. */
const BUSY = { timeout: 180_000 };

const API = `
import { createServer } from "node:http";
createServer((request, response) => response.end("hello from api")).listen(process.env.PORT);
`;
/** Enough of Redis for PING and INFO; a client may say HELLO or CLIENT before. */
const REDIS = `
import { createServer } from "node:net";
createServer((socket) => socket.on("data", (data) => socket.write(/PING/i.test(data) ? "+PONG\\r\\n" : "+OK\\r\\n")))
  .listen(process.env.PORT, process.env.HOST);
`;
const GO = `package main
import ("fmt"; "io"; "net")
func main() {
  addresses, err := net.LookupHost("db")
  if err != nil { panic(err) }
  socket, err := net.Dial("tcp", "api:3001")
  if err != nil { panic(err) }
  fmt.Fprint(socket, "GET / HTTP/1.0\\r\\n\\r\\n")
  answer, _ := io.ReadAll(socket)
  fmt.Println(addresses, string(answer))
}`;
const JAVA = `import java.net.*;
class Ask {
  public static void main(String[] given) throws Exception {
    System.out.println(InetAddress.getByName("db").getHostAddress());
    System.out.println(new String(new URL("http://api:3001/").openStream().readAllBytes()));
  }
}`;
const PYTHON = `
import socket, urllib.request
print(socket.gethostbyname("db"), urllib.request.urlopen("http://api:3001/").read().decode())
print(urllib.request.urlopen(__import__("os").environ["COVE_URL"].replace("python3.", "api.")).read().decode())
`;
const NODE = `
const answer = await fetch("http://api:3001/");
console.log(await answer.text());
console.log(await (await fetch("http://api.named.localhost:" + new URL(process.env.COVE_URL).port)).text());
console.log((await (await import("node:dns/promises")).lookup("db")).address);
`;
const RUBY = `require "net/http"; puts Addrinfo.tcp("db", 5432).ip_address, Net::HTTP.get(URI("http://api:3001/"))`;
const PHP = `<?php echo gethostbyname("db"), " ", file_get_contents("http://api:3001/"), "\\n";`;

interface Client {
  readonly command: string | readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly says: RegExp;
}

const HELLO = /127\.62\.[\s\S]*hello from api|hello from api[\s\S]*127\.62\./;

/** Programs of every way to look a name up, each a job that ends well. */
const CLIENTS: Readonly<Record<string, Client>> = {
  node: { command: ["node", "ask.mjs"], files: { "ask.mjs": NODE }, says: HELLO },
  python3: { command: ["python3", "ask.py"], files: { "ask.py": PYTHON }, says: HELLO },
  go: { command: "./ask", files: { "ask.go": GO }, says: HELLO },
  java: { command: ["java", "Ask.java"], files: { "Ask.java": JAVA }, says: HELLO },
  ruby: { command: ["ruby", "ask.rb"], files: { "ask.rb": RUBY }, says: HELLO },
  php: { command: ["php", "ask.php"], files: { "ask.php": PHP }, says: HELLO },
  curl: { command: "curl -sS http://api:3001/", says: /hello from api/ },
  psql: { command: `psql -h db -p 5432 -Atc "select 'it is ' || 40 + 2"`, says: /it is 42/ },
  "redis-cli": { command: "redis-cli -h redis ping", says: /PONG/ },
};

function project(clients: readonly string[], more: Readonly<Record<string, unknown>> = {}): string {
  const folder = scratch("named");
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write("api.mjs", API);
  write("redis.mjs", REDIS);
  const jobs = clients.flatMap((name) => {
    const { command, files = {} } = CLIENTS[name] ?? { command: "false" };
    for (const [file, text] of Object.entries(files)) write(file, text);
    const needs = ["db", "api", "redis"];
    return [
      [
        name.replace("redis-cli", "rediscli"),
        { command, needs, ready: "exit", restart: "never", readyTimeout: "120s" },
      ],
    ];
  });
  if (clients.includes("go")) {
    const env = { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local", GO111MODULE: "off" };
    execFileSync(program("go") ?? "", ["build", "-o", "ask", "ask.go"], { cwd: folder, env });
  }
  const services = {
    db: { postgres: {} },
    redis: { command: "node redis.mjs", protocol: "redis" },
    api: { command: "node api.mjs", expects: 3001 },
    ...Object.fromEntries(jobs),
  };
  write("cove.json", JSON.stringify({ name: "named", names: true, services, ...more }));
  return folder;
}

describe("names as in compose", () => {
  const there = Object.keys(CLIENTS).filter((name) => program(name) !== null);

  test.skipIf(!possible)("are found by programs of every language", BUSY, async () => {
    const hosts = readFileSync("/etc/hosts", "utf8");
    await using sandbox = await coveSandbox();
    const cwd = project(there);
    const up = await sandbox.cove(["up", "-d"], { cwd });
    for (const name of there) {
      const { stdout } = await sandbox.cove(["logs", name.replace("redis-cli", "rediscli")], { cwd });
      expect(stdout, name).toMatch(CLIENTS[name]?.says ?? /^$/);
    }
    expect(up.code, up.stdout + up.stderr).toBe(0);
    expect(readFileSync("/etc/hosts", "utf8")).toBe(hosts);
    const { stdout } = await sandbox.cove(["status", "--json"], { cwd });
    const edges: { id: string; bytesDown: number }[] = JSON.parse(stdout).stacks[0].edges;
    for (const name of there.filter((one) => /^(node|python3|go|java|ruby|php|curl)$/.test(one))) {
      expect(edges.find(({ id }) => id === `${name}→api`)?.bytesDown, name).toBeGreaterThan(10);
    }
    const watched = await sandbox.cove(["watch", "--no-follow", "--json", "-n", "100"], { cwd });
    expect(watched.stdout).toContain("it is");
  });

  for (const name of Object.keys(CLIENTS).filter((one) => !there.includes(one))) {
    test.skip(`are found by ${name}`, () => {});
  }

  test.skipIf(!possible || !isRoot || setpriv === null)(
    "take no rights: another user stays who they are, and the guard still sees which program connects",
    BUSY,
    async () => {
      const who =
        "id -u; id -g; grep Cap /proc/self/status; curl -sS http://api:3001/ && curl -sS --retry 3 --retry-connrefused http://api/";
      const api = { command: "node api.mjs", expects: 3001, guard: { programs: ["curl"] } };
      const open = { command: "node api.mjs", expects: 3002 };
      const job = { ready: "exit", restart: "never", needs: ["api", "open"] };
      const boxed = { ...job, command: who.replace(/api:3001.*/, "open:3002/"), guard: { bind: "box" } };
      const services = { api, open, boxed, who: { ...job, command: `${who}; python3 ask.py` } };
      const folder = project([], { services });
      writeFileSync(join(folder, "ask.py"), 'import urllib.request as r; r.urlopen("http://api:3001/").read()');
      mkdirSync(join(folder, "home"));
      execFileSync("chown", ["-R", "65534:65534", folder]);
      await using sandbox = await coveSandbox();
      const env = { ...sandbox.env, HOME: folder, COVE_HOME: join(folder, "home") };
      const as = (...args: string[]) => {
        const user = ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, BIN];
        return spawnSync(setpriv ?? "", [...user, ...args], { cwd: folder, env, encoding: "utf8", timeout: 60_000 });
      };
      onTestFinished(() => void as("stop", "--yes"));
      const up = as("up", "-d");
      for (const name of ["who", "boxed"]) {
        const { stdout } = as("logs", name);
        expect(stdout, up.stdout + up.stderr).toMatch(/^\S* *65534\n.*65534\n/);
        expect(stdout).toMatch(/CapEff:\s+0{16}/);
        expect(stdout).toMatch(/CapAmb:\s+0{16}/);
        // Port 80 needs rights, or a connect that is led.
        expect(stdout).toContain(name === "who" ? "hello from apihello from api" : "hello from api");
        // Of the two programs one may connect.
        if (name === "who") expect(stdout).toMatch(/ConnectionResetError|RemoteDisconnected|URLError/);
      }
    },
  );

  test.skipIf(!possible || !led || program("curl") === null)(
    "lead to their service though a stranger has its port on all addresses",
    BUSY,
    async () => {
      const stranger = createServer((socket) => socket.end("a stranger")).listen(0, "0.0.0.0");
      onTestFinished(() => void stranger.close());
      await once(stranger, "listening");
      const { port } = stranger.address() as AddressInfo;
      const api = { command: "node api.mjs", expects: port };
      const ask = { command: `curl -sS http://api:${port}/`, needs: ["api"], ready: "exit", restart: "never" };
      const cwd = project([], { services: { api, ask } });
      await using sandbox = await coveSandbox();
      const up = await sandbox.cove(["up", "-d"], { cwd });
      expect(up.code, up.stdout + up.stderr).toBe(0);
      expect((await sandbox.cove(["logs", "ask"], { cwd })).stdout).toMatch(/^hello from api$/m);
    },
  );

  test.skipIf(!possible || unshare === null || program("python3") === null)(
    "in a box a service may listen at a port that one of its edges has",
    BUSY,
    async () => {
      const serves = "python3 -u -m http.server --bind 127.0.0.1 3001";
      const api = { command: "node api.mjs", expects: 3001 };
      const cwd = project([], { services: { api, web: { command: serves, needs: ["api"], guard: { bind: "box" } } } });
      await using sandbox = await coveSandbox();
      const up = await sandbox.cove(["up", "-d"], { cwd });
      expect(up.code, up.stdout + up.stderr).toBe(0);
      const listing = await ask(sandbox.port, "web.named.localhost");
      expect(listing.body).toContain("cove.json");
    },
  );

  test.skipIf(!linux || unshare === null || program("python3") === null)(
    "are known to Node and Python where no namespace is to be had, and the log says how to allow it",
    BUSY,
    async () => {
      const folder = project(["node", "python3"]);
      const config = JSON.parse(readFileSync(join(folder, "cove.json"), "utf8"));
      delete config.services.db;
      config.services.db = { command: "node redis.mjs", protocol: "postgres", expects: 5432 };
      writeFileSync(join(folder, "cove.json"), JSON.stringify(config));
      const script = join(folder, "none-left.sh");
      // Both limits hold in this namespace of users and below.
      const limits = ["user", "mnt"].map((kind) => `echo 0 > /proc/sys/user/max_${kind}_namespaces`);
      writeFileSync(script, [...limits, 'exec "$@"'].join("\n"));
      await using sandbox = await coveSandbox();
      const run = (...args: string[]) => {
        const within = ["--user", "--map-root-user", "sh", script, process.execPath, BIN];
        return spawnSync(unshare ?? "", [...within, ...args], { cwd: folder, env: sandbox.env, encoding: "utf8" });
      };
      onTestFinished(() => void run("stop", "--yes"));
      const up = run("up", "-d");
      for (const name of ["node", "python3"]) {
        const { stdout } = run("logs", name);
        expect(stdout, up.stdout + up.stderr).toMatch(HELLO);
        expect(stdout).toMatch(/only Node and Python programs find .*db \(127\.62\.[\d.]+\).* by name: .*sysctl/);
      }
      expect(up.status).toBe(0);
    },
  );

  test.skipIf(!possible)("cove env tells them, and runs a command that finds them", BUSY, async () => {
    await using sandbox = await coveSandbox();
    const cwd = project(["node"]);
    const shown = await sandbox.cove(["env", "node"], { cwd });
    expect(shown.stdout).toMatch(/^ {2}api:3001(, api:80)? by name, at 127\.62\./m);
    expect(shown.stdout).toMatch(/^ {2}db:5432 by name, at 127\.62\./m);
    const json = JSON.parse((await sandbox.cove(["env", "node", "--json"], { cwd })).stdout);
    expect(json.services[0].names).toContainEqual({ name: "redis", host: expect.any(String), ports: [6379] });
    const looked = await sandbox.cove(["env", "node", "--", "getent", "hosts", "db"], { cwd });
    expect(looked.stdout).toMatch(/^127\.62\.\d+\.\d+\s+db/);
    expect((await sandbox.cove(["env", "node", "--", "no-such-program"], { cwd })).stderr).toContain("no-such-program");
  });
});
