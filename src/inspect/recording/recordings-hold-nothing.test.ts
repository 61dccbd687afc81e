import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Worker } from "node:worker_threads";
import { describe, expect, onTestFinished, test } from "vitest";
import { program } from "../../../test/support/programs.ts";
import { scratch } from "../../../test/support/scratch.ts";
import type { HttpExchange } from "../../capture/exchange.ts";
import { orThrow } from "../../fault/fault.ts";
import { say } from "./exchanges.fixture.ts";
import { openFixture, type Page, readAll, run, until } from "./recordings.fixture.ts";

describe("what must not hold traffic", () => {
  test("100,000 exchanges are all written, in order, and read back in pages", async () => {
    const { recorder, recordings, warnings } = openFixture({ queue: 1024 * 1024 * 1024 });
    orThrow(await recordings.start("many"));
    for (let n = 0; n < 100_000; n++) {
      say(recorder, { target: `/orders/${n}` });
      if (n % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(orThrow(await recordings.stop("many"))).toMatchObject({ exchanges: 100_000, dropped: 0 });
    let [count, after]: [number, number | null] = [0, 0];
    while (after !== null) {
      const page: Page = orThrow(await recordings.read("many", { after, limit: 5_000 }));
      for (const exchange of page.exchanges as HttpExchange[])
        if (exchange.target !== `/orders/${count++}`) throw new Error(`${exchange.target} is number ${count - 1}`);
      after = page.next;
    }
    expect(count).toBe(100_000);
    expect(warnings).toEqual([]);
  }, 120_000);

  test("what the queue has no room for is dropped and counted", async () => {
    const { recorder, recordings, warnings } = openFixture({ queue: 10_000 });
    orThrow(await recordings.start("small"));
    for (let n = 0; n < 100; n++) say(recorder);
    const { exchanges, dropped } = orThrow(await recordings.stop("small"));
    expect(exchanges).toBeGreaterThan(0);
    expect(dropped).toBeGreaterThan(0);
    expect(exchanges + dropped).toBe(100);
    expect(warnings).toEqual([]);
  });

  test("beyond the budget the oldest recording gives way, and the running one keeps its newest", async () => {
    const budget = 4 * 1024 * 1024;
    const { recorder, recordings, folder } = openFixture({ budget });
    const fill = async (name: string, count: number) => {
      orThrow(await recordings.start(name));
      for (let n = 0; n < count; n++) {
        say(recorder, { target: `/${name}/${n}`, response: Buffer.alloc(50_000, n) });
        if (n % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 40));
      }
      return orThrow(await recordings.stop(name));
    };
    expect(await fill("old", 40)).toMatchObject({ exchanges: 40, evicted: 0 });
    const next = await fill("new", 70);
    expect(next).toMatchObject({ exchanges: 70, evicted: 0 });
    const old = orThrow(await recordings.list()).find(({ name }) => name === "old");
    expect(old?.exchanges).toBeLessThan(20);
    expect(old?.exchanges).toBe(40 - (old?.evicted ?? 0));
    const left = (await readAll(recordings, "old")) as HttpExchange[];
    expect(left.map(({ target }) => target)).toEqual(left.map((_, n) => `/old/${n + (old?.evicted ?? 0)}`));

    const full = await fill("full", 200);
    expect(full.evicted).toBeGreaterThan(0);
    const kept = (await readAll(recordings, "full")) as HttpExchange[];
    expect(kept.length).toBe(full.exchanges);
    expect(kept.at(-1)?.target).toBe("/full/199");
    expect(orThrow(await recordings.list()).map(({ exchanges }) => exchanges)).toEqual([0, 0, full.exchanges]);
    expect(statSync(join(folder, "recordings.sqlite")).size).toBeLessThan(budget + 4 * 1024 * 1024);
    orThrow(await recordings.remove("full"));
    expect(statSync(join(folder, "recordings.sqlite")).size).toBeLessThan(1024 * 1024);

    orThrow(await recordings.start("huge"));
    say(recorder, { response: Buffer.alloc(5 * 1024 * 1024), most: 5 * 1024 * 1024 });
    expect(orThrow(await recordings.stop("huge"))).toMatchObject({ exchanges: 1 });
  });

  test("a file that another process holds ends recording with one warning; it can be started again", async () => {
    const { recorder, recordings, folder, warnings } = openFixture({ lockTimeout: 300 });
    orThrow(await recordings.start("first"));
    orThrow(await recordings.start("second"));
    const holder = spawn(
      process.execPath,
      [
        "-e",
        `const db = new (require("node:sqlite").DatabaseSync)(process.argv[1]); db.exec("BEGIN EXCLUSIVE"); console.log("held"); setInterval(() => {}, 1000);`,
        join(folder, "recordings.sqlite"),
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    onTestFinished(() => void holder.kill("SIGKILL"));
    await once(holder.stdout, "data");
    const trafficGoesOn = await traffic();
    for (let n = 0; n < 10; n++) {
      say(recorder);
      expect(await trafficGoesOn()).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await until(() => warnings.length > 0);
    say(recorder);
    expect(warnings).toMatchObject([
      {
        fault: "RECORDING_STOPPED",
        message: expect.stringContaining("recordings first, second were ended"),
        hint: expect.stringContaining("fuser"),
        detail: { recordings: ["first", "second"], cause: "STATE_LOCKED" },
      },
    ]);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    expect(orThrow(await recordings.list()).map(({ running }) => running)).toEqual([false, false]);
    expect(orThrow(await recordings.start("first"))).toMatchObject({ running: true });
    say(recorder);
    expect(orThrow(await recordings.stop("first"))).toMatchObject({ exchanges: 1 });
    expect(warnings).toHaveLength(1);
  });

  test.skipIf(process.getuid?.() !== 0 || program("mount") === null)(
    "a full disk (a tmpfs of 1 MiB, needs root and mount) ends recording with one warning",
    async () => {
      const folder = scratch("full");
      await run("mount", ["-t", "tmpfs", "-o", "size=1m,mode=0700", "cove-test", folder]);
      try {
        const { recorder, recordings, warnings } = openFixture({ folder });
        orThrow(await recordings.start("full"));
        for (let n = 0; n < 40; n++) say(recorder, { response: Buffer.alloc(100_000, n) });
        await until(() => warnings.length > 0);
        say(recorder);
        expect(warnings).toMatchObject([
          {
            fault: "RECORDING_STOPPED",
            message: expect.stringMatching(/recording full was ended: .* full; \d+ exchanges could not be written/),
            hint: expect.stringContaining("disk"),
          },
        ]);
        expect(orThrow(await recordings.list())).toMatchObject([{ name: "full", running: false }]);
        await recordings.close();
        expect(warnings).toHaveLength(1);
      } finally {
        await run("umount", [folder]);
      }
    },
  );

  test("a thread that dies ends recording with one warning; the next start has another", async () => {
    const workers: Worker[] = [];
    const seen = (worker: Worker) => void workers.push(worker);
    process.on("worker", seen);
    onTestFinished(() => void process.off("worker", seen));
    const { recorder, recordings, warnings } = openFixture();
    orThrow(await recordings.start("killed"));
    say(recorder, { target: "/kept" });
    await expect.poll(async () => orThrow(await recordings.list())[0]?.exchanges).toBe(1);
    say(recorder);
    await workers.at(-1)?.terminate();
    await until(() => warnings.length > 0);
    say(recorder);
    expect(warnings).toMatchObject([
      {
        fault: "RECORDING_STOPPED",
        message: expect.stringContaining("recording killed was ended"),
        detail: { lost: 1 },
      },
    ]);
    orThrow(await recordings.start("killed"));
    say(recorder, { target: "/more" });
    orThrow(await recordings.stop("killed"));
    const targets = ((await readAll(recordings, "killed")) as HttpExchange[]).map(({ target }) => target);
    expect(targets).toEqual(["/kept", "/more"]);
    expect(warnings).toHaveLength(1);
  });

  test("a filter or a redaction that throws ends recording, not the exchange", async () => {
    const broken = () => {
      throw new Error("a bug");
    };
    const { recorder, recordings, warnings } = openFixture();
    orThrow(await recordings.start("a", { matches: broken }));
    expect(say(recorder).ended).not.toBeNull();
    orThrow(await recordings.start("b"));
    expect(say(recorder, { target: "/broken" }).ended).not.toBeNull();
    await until(() => warnings.length === 2);
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining("recording a was ended: a bug"),
      expect.stringContaining("recording b was ended: a bug"),
    ]);
  });

  test("a damaged file is a fault that says what is in it", async () => {
    const { recordings, folder } = openFixture();
    orThrow(await recordings.start("x"));
    orThrow(await recordings.stop("x"));
    await recordings.close();
    const db = new DatabaseSync(join(folder, "recordings.sqlite"));
    db.exec("PRAGMA user_version = 99");
    db.close();
    expect(await recordings.list()).toMatchObject({ fault: "STATE_BROKEN", message: expect.stringContaining("newer") });
  });
});

/** A real server of this process, to see that its event loop still serves. */
async function traffic(): Promise<() => Promise<number | undefined>> {
  const server = createServer((_, response) => response.end("ok"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  return async () => {
    const [response] = await once(request({ port, host: "127.0.0.1", agent: false }).end(), "response");
    response.resume();
    return response.statusCode;
  };
}
