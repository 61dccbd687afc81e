import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { eventually } from "./support/door-request.ts";
import { program } from "./support/programs.ts";

const redis = program("redis-server");
const missing = process.getuid?.() !== 0 || redis === null || ["ip", "python3"].some((name) => program(name) === null);
const java = program("java");
const BIN = fileURLToPath(new URL("../bin/cove.js", import.meta.url));

/** An HTTP server on every address. */
const HTTP = (port: number) => `require("http").createServer((_, r) => r.end("hi")).listen(${port}, "0.0.0.0")`;
/** A server whose first thread ends while another goes on. */
const LEADERLESS = `
import ctypes, socket, threading, time
s = socket.socket(); s.bind(("0.0.0.0", 18427)); s.listen()
threading.Thread(target=lambda: time.sleep(600)).start()
ctypes.CDLL(None).pthread_exit(None)
`;

interface Finding {
  readonly rule: string;
  readonly severity: string;
  readonly what: string;
  readonly why: string;
  readonly port?: number;
}

// A network of their own: they listen on every address, and nobody else is to reach them.
describe.skipIf(missing)(
  "real programs are known by more than their file's name (needs root, ip, redis-server, python3)",
  () => {
    const name = `cove-known-${process.pid}`;
    const folder = mkdtempSync(join(tmpdir(), "cove-known-"));
    const started: ChildProcess[] = [];
    let sandbox: Sandbox;
    let findings: Finding[] = [];

    const within = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
      started.push(
        spawn("ip", ["netns", "exec", name, command, ...args], {
          ...{ cwd: folder, stdio: "ignore" },
          env: { ...sandbox.env, ...env },
        }),
      );
    const cove = (...args: string[]) =>
      spawnSync("ip", ["netns", "exec", name, process.execPath, BIN, ...args], { env: sandbox.env, encoding: "utf8" });
    const listening = () =>
      new Set(
        execFileSync("ip", ["netns", "exec", name, "cat", "/proc/net/tcp", "/proc/net/tcp6"], { encoding: "utf8" })
          .split("\n")
          .flatMap((line) => {
            const [, local = "", , state] = line.trim().split(/\s+/);
            return state === "0A" ? [Number.parseInt(local.split(":")[1] ?? "", 16)] : [];
          }),
      );
    const at = (port: number) =>
      findings.filter((one) => one.port === port).map(({ severity, rule }) => `${severity} ${rule}`);

    beforeAll(async () => {
      sandbox = await coveSandbox();
      execFileSync("ip", ["netns", "add", name]);
      execFileSync("ip", ["-n", name, "link", "set", "lo", "up"]);
      const conf = ["--protected-mode", "no", "--save", "", "--bind", "0.0.0.0"];
      within(redis ?? "", ["--port", "18420", ...conf]);
      copyFileSync(redis ?? "", join(folder, "pantry"));
      within(join(folder, "pantry"), ["--port", "18421", ...conf]);
      symlinkSync(redis ?? "", join(folder, "valkey-server"));
      within(join(folder, "valkey-server"), ["--port", "18422", "--requirepass", "not-for-you", ...conf]);
      within(process.execPath, ["-e", HTTP(18_423)], { NODE_OPTIONS: "--inspect=0.0.0.0:18424" });
      within(process.execPath, ["--inspect=127.0.0.1:18425", "-e", HTTP(18_426)]);
      within("python3", ["-c", LEADERLESS]);
      within("python3", ["-m", "http.server", "18428", "--bind", "0.0.0.0"]);
      writeFileSync(join(folder, "straße-日本.cjs"), HTTP(18_429));
      within(process.execPath, ["straße-日本.cjs"]);
      const ports = [18_420, 18_421, 18_422, 18_423, 18_424, 18_425, 18_426, 18_427, 18_428, 18_429];
      if (java !== null) {
        writeFileSync(
          join(folder, "Wait.java"),
          "class Wait { public static void main(String[] a) throws Exception { Thread.sleep(600000); } }",
        );
        within(java, ["Wait.java"], {
          JAVA_TOOL_OPTIONS: "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:18430",
        });
        ports.push(18_430);
      }
      await eventually(async () => (ports.every((port) => listening().has(port)) ? true : undefined), 30_000);
      findings = JSON.parse(cove("audit", "--json").stdout).findings;
    }, 60_000);

    afterAll(async () => {
      for (const child of started) child.kill("SIGKILL");
      execFileSync("ip", ["netns", "del", name]);
      rmSync(folder, { recursive: true, force: true });
      await sandbox[Symbol.asyncDispose]();
    });

    test("Redis under the name of a link, under any name by its answer, and with a password", () => {
      expect(at(18_420)).toEqual(["critical exposed-database"]);
      expect(at(18_421)).toEqual(["critical exposed-database"]);
      expect(at(18_422)).toEqual(["high exposed-database"]);
      expect(findings.find(({ port }) => port === 18_420)?.what).toContain("Redis (redis-server, pid");
      expect(findings.find(({ port }) => port === 18_421)?.why).toContain("asks for no password");
    });

    test("an inspector by NODE_OPTIONS; and each of a process's ports by itself", () => {
      expect(at(18_424)).toEqual(["critical debugger"]);
      expect(at(18_423)).toEqual(["medium exposed-listener"]);
      expect(at(18_425)).toEqual([expect.stringMatching(/(low|medium) debugger-on-loopback/)]);
      expect(at(18_426)).toEqual(["medium exposed-listener"]);
      expect(at(18_428)).toEqual(["high dev-server"]);
    });

    test.skipIf(java === null)("Java's debugger by JAVA_TOOL_OPTIONS (needs java)", () => {
      expect(at(18_430)).toEqual(["critical debugger"]);
    });

    test("names are UTF-8, and stay when a process's first thread has ended", () => {
      const { listeners } = JSON.parse(cove("ports", "--json").stdout) as {
        listeners: { port: number; pids: number[]; process: { command: string; program: string } | null }[];
      };
      const named = (port: number) => listeners.find((one) => one.port === port);
      expect(named(18_429)?.process?.command).toContain("straße-日本.cjs");
      expect(named(18_427)?.process).toMatchObject({
        program: expect.stringMatching(/^python3/),
        command: expect.stringContaining("pthread_exit"),
      });
      expect(named(18_420)?.process?.program).toBe("redis-server");
    });
  },
);
