import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { ServiceView, Snapshot } from "../src/home/view/view.ts";
import { coveSandbox } from "./support/cove.ts";
import { ask, eventually } from "./support/door-request.ts";
import { scratch } from "./support/scratch.ts";

const ROUNDS = 50;
/** Services of the stack under fire; `web` reaches `api` over an edge and answers with what api said. */
const CONFIG = {
  name: "fire",
  services: {
    api: { command: "node api.js" },
    web: { command: "node web.js", needs: ["api"] },
    worker: { command: "node api.js", needs: ["api"] },
  },
};
const API = `require("node:http").createServer((_, res) => res.end("api " + process.env.PORT)).listen(process.env.PORT, "127.0.0.1");`;
const WEB = `const http = require("node:http");
http.createServer((_, res) => {
  http.get(process.env.API_URL, { agent: false }, (got) => got.pipe(res)).on("error", (e) => res.writeHead(502).end(e.message));
}).listen(process.env.PORT, "127.0.0.1");`;

/** A small seeded generator (mulberry32), so that a failing run can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Kills a process that a snapshot named; one that another round has killed meanwhile is as dead. */
function kill(pid: number | null): void {
  try {
    if (pid !== null) process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Pids whose environment carries the sandbox's state folder: whatever Cove started, directly or not. */
function pidsOf(home: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          pid !== process.pid &&
          readFileSync(`/proc/${pid}/environ`, "latin1").includes(`COVE_HOME=${home}\0`) &&
          !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "latin1"))
        );
      } catch {
        return false;
      }
    });
}

test.skipIf(process.platform !== "linux")(
  `${ROUNDS} rounds of kill -9 on home, runner and services leave the stack where it was`,
  { timeout: 400_000 },
  async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("fire");
    writeFileSync(join(cwd, "cove.json"), JSON.stringify(CONFIG));
    writeFileSync(join(cwd, "api.js"), API);
    writeFileSync(join(cwd, "web.js"), WEB);
    const seed = Number(process.env.COVE_TEST_SEED ?? Date.now() % 100_000);
    const random = seeded(seed);
    console.log(`chaos: COVE_TEST_SEED=${seed}`);

    const snapshot = async (): Promise<Snapshot> => JSON.parse((await sandbox.cove(["--json"])).stdout);
    const allReady = async () => {
      const now = await snapshot();
      const services = now.stacks.flatMap((stack) => stack.services);
      return services.length === 3 && services.every((service) => service.state === "ready") ? now : undefined;
    };
    const byName = () =>
      eventually(async () => {
        const got = await ask(sandbox.port, "web.fire.localhost");
        return got.status === 200 && got.body.startsWith("api ") ? got.body : undefined;
      }, 30_000);
    const addresses = (s: Snapshot) =>
      s.stacks
        .flatMap((stack) => [...stack.services, ...stack.edges].map((part) => `${JSON.stringify(part.address)}`))
        .sort();
    const service = (s: Snapshot, name: string): ServiceView => {
      const found = s.stacks[0]?.services.find((candidate) => candidate.name === name);
      if (!found) throw new Error(`no service ${name}`);
      return found;
    };

    await sandbox.cove(["open", "--print"]);
    let runner = await sandbox.start(["up"], { cwd });
    const before = await eventually(allReady, 30_000);
    const leases = (await sandbox.cove(["lease", "--list", "--json"])).stdout;
    const back: Record<string, number[]> = { home: [], runner: [], service: [] };

    for (let round = 0; round < ROUNDS; round++) {
      const now = await eventually(allReady, 30_000);
      expect(addresses(now)).toEqual(addresses(before));
      const victim = (["home", "runner", "service"] as const)[Math.floor(random() * 3)] ?? "home";
      // At a random moment: traffic may be under way.
      const traffic = ask(sandbox.port, "web.fire.localhost").catch(() => undefined);
      await sleep(random() * 60);
      const started = performance.now();
      if (victim === "home") {
        kill(now.home.pid);
        for (const name of ["api", "worker"]) {
          const { port } = service(now, name).address;
          expect((await ask(port, "127.0.0.1")).body).toBe(`api ${port}`);
        }
      } else if (victim === "runner") {
        const old = now.stacks.flatMap((stack) => stack.services.map((part) => part.pid));
        kill(now.stacks[0]?.runner.pid ?? null);
        await eventually(() => {
          const alive = pidsOf(sandbox.home);
          return old.every((one) => one === null || !alive.includes(one)) ? true : undefined;
        }, 30_000);
        runner = await sandbox.start(["up"], { cwd });
      } else {
        const name = ["api", "web", "worker"][Math.floor(random() * 3)] ?? "api";
        const { pid } = service(now, name);
        kill(pid);
        // Its end must have been noticed: until then the snapshot shows it as it was.
        await eventually(async () => (service(await snapshot(), name).pid === pid ? undefined : true), 30_000);
      }
      await traffic;
      await byName();
      back[victim]?.push(performance.now() - started);
    }

    const after = await eventually(allReady, 30_000);
    expect(addresses(after)).toEqual(addresses(before));
    expect((await sandbox.cove(["lease", "--list", "--json"])).stdout.length).toBe(leases.length);
    for (const [victim, times] of Object.entries(back)) {
      console.log(
        `chaos: ${victim} killed ${times.length} times, names back after at most ${Math.round(Math.max(0, ...times))} ms`,
      );
    }

    await runner.stop();
    const gone = await ask(sandbox.port, "web.fire.localhost");
    expect(gone.status).toBe(421);
    expect((await snapshot()).stacks).toEqual([]);
    await sandbox.cove(["stop", "--yes"]);
    await eventually(() => (pidsOf(sandbox.home).length === 0 ? true : undefined));
  },
);

test.skipIf(process.platform !== "linux")(
  "steady requests by name through eight kills of home: each is answered 200, or fell with the connection",
  { timeout: 240_000 },
  async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("steady");
    writeFileSync(join(cwd, "cove.json"), JSON.stringify({ ...CONFIG, name: "steady" }));
    writeFileSync(join(cwd, "api.js"), API);
    writeFileSync(join(cwd, "web.js"), WEB);
    const runner = await sandbox.start(["up"], { cwd });
    await runner.waitFor(/web .*ready/);
    const aside = createServer((_, response) => response.end("aside")).listen(0, "127.0.0.1");
    onTestFinished(() => void aside.close());
    await once(aside, "listening");
    const { port } = aside.address() as AddressInfo;
    expect((await sandbox.cove(["alias", "aside", String(port)])).code).toBe(0);

    const names = ["web.steady.localhost", "api.steady.localhost", "aside.localhost"];
    const statuses = new Map<string, number>();
    let over = false;
    const client = async (name: string) => {
      while (!over) {
        // Nothing listens, or what did was killed: the connection is what is lost, as with any server.
        const status = await ask(sandbox.port, name).then(
          (answer) => String(answer.status),
          (error: NodeJS.ErrnoException) => error.code ?? error.message,
        );
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        await sleep(2);
      }
    };
    const clients = [...names, ...names].map(client);
    const home = async (): Promise<number> => JSON.parse((await sandbox.cove(["--json"])).stdout).home.pid;
    for (let round = 0; round < 8; round++) {
      const pid = await home();
      kill(pid);
      await eventually(() => (pidsOf(sandbox.home).includes(pid) ? undefined : true));
      const served = statuses.get("200") ?? 0;
      await eventually(() => ((statuses.get("200") ?? 0) > served + 20 ? true : undefined), 30_000);
    }
    over = true;
    await Promise.all(clients);
    console.log("chaos: steady requests", Object.fromEntries(statuses));
    expect([...statuses.keys()].filter((status) => !["200", "ECONNREFUSED", "ECONNRESET"].includes(status))).toEqual(
      [],
    );
    await runner.stop();
  },
);
