import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { describe, expect, onTestFinished, test } from "vitest";
import { program } from "../../../test/support/programs.ts";
import { scratch } from "../../../test/support/scratch.ts";
import { type Fault, orThrow } from "../../fault/fault.ts";
import { keptBytes } from "../body.ts";
import type { Exchange, HttpExchange, PostgresExchange } from "../exchange.ts";
import { spanIdOf, traceIdOf } from "../ids.ts";
import { createRecorder, type Recorder } from "../recorder.ts";
import { begin, CALLER, edgeTo, say } from "./exchanges.fixture.ts";
import { openRecordings, type Recordings, type RecordingsOptions } from "./recordings.ts";

const REDACTOR = new URL("./redactor.fixture.ts", import.meta.url);

interface Page {
  readonly exchanges: Exchange[];
  readonly next: number | null;
}

interface Setting {
  readonly recorder: Recorder;
  readonly recordings: Recordings;
  readonly folder: string;
  readonly warnings: Fault[];
}

function open(options: Partial<RecordingsOptions> = {}): Setting {
  const folder = options.folder ?? scratch("recordings");
  const recorder = createRecorder();
  const warnings: Fault[] = [];
  const recordings = openRecordings({
    redactor: REDACTOR,
    stopped: (fault) => warnings.push(fault),
    ...options,
    ...{ folder, recorder },
  });
  onTestFinished(() => recordings.close());
  return { recorder, recordings, folder, warnings };
}

async function readAll(recordings: Recordings, name: string): Promise<Exchange[]> {
  const all: Exchange[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page: Page = orThrow(await recordings.read(name, { after }));
    all.push(...page.exchanges);
    after = page.next;
  }
  return all;
}

const until = async (holds: () => boolean) => expect.poll(holds, { timeout: 20_000 }).toBe(true);

describe("a recording", () => {
  test("holds what ended while it ran, as it was, and nothing else", async () => {
    const { recorder, recordings, warnings } = open();
    say(recorder, { target: "/before" });
    expect(orThrow(await recordings.start("checkout"))).toMatchObject({
      name: "checkout",
      running: true,
      exchanges: 0,
    });
    const bytes = Buffer.from([0, 255, 10, 13, 128]);
    const sent = say(recorder, {
      method: "POST",
      target: "/orders?x=%C3%A9",
      body: bytes,
      status: 201,
      response: "né",
    });
    const cut = say(recorder, { target: "/big", response: "x".repeat(100), most: 10 });
    const info = orThrow(await recordings.stop("checkout"));
    say(recorder, { target: "/after" });
    expect(info).toMatchObject({ running: false, exchanges: 2, dropped: 0, evicted: 0, endedAt: expect.any(Number) });
    expect(orThrow(await recordings.list())).toEqual([info]);

    const [first, second, ...more] = (await readAll(recordings, "checkout")) as HttpExchange[];
    expect(more).toEqual([]);
    const { edge, clock, charged, trace, requestBody, responseBody, ...plain } = sent;
    expect(first).toMatchObject(plain);
    expect(keptBytes(first?.requestBody ?? null)).toEqual(bytes);
    expect(keptBytes(first?.responseBody ?? null).toString()).toBe("né");
    expect(first?.edge).toMatchObject({ id: "browser→api", stack: "shop", from: "browser", to: "api", origin: null });
    expect(first?.edge).toBe(second?.edge);
    expect(first && traceIdOf(first)).toBe(traceIdOf(sent));
    expect(first?.clock).toBeCloseTo(clock, 0);
    expect(second?.responseBody).toMatchObject({ size: 100, keptSize: 10 });
    expect(second?.target).toBe(cut.target);
    expect(warnings).toEqual([]);
  });

  test("keeps queries, messages and who is under whom", async () => {
    const { recorder, recordings } = open();
    orThrow(await recordings.start("one"));
    const api = edgeTo("api");
    const outer = begin(recorder, { edge: api, target: "/orders" });
    outer.messages = { total: 2, kept: [message("up", "hi"), message("down", "there")] };
    const opening = {
      sql: "SELECT 1",
      statement: null,
      params: ["1", null],
      columns: ["a"],
      rows: [["1"]],
      rowCount: 1,
    };
    const query = recorder.begin<PostgresExchange>(
      {
        ...{ protocol: "postgres", edge: edgeTo("db", api.place), caller: CALLER, tag: "SELECT 1", transaction: null },
        ...{ database: "shop", user: "cove", bytesUp: 10, bytesDown: 20, ...opening },
      },
      performance.now(),
    );
    recorder.end(query, performance.now(), { code: "23505", message: "duplicate" });
    recorder.end(outer, performance.now());
    expect(query.trace).toMatchObject({ how: "alone", parentId: spanIdOf(outer.seq) });
    orThrow(await recordings.stop("one"));
    const [inner, top] = await readAll(recordings, "one");
    expect(inner).toMatchObject({ protocol: "postgres", ...opening, error: { code: "23505" }, edge: { id: "api→db" } });
    expect(inner?.trace.parentId).toBe(spanIdOf(top?.seq ?? 0));
    expect(inner && traceIdOf(inner)).toBe(traceIdOf(outer));
    expect((top as HttpExchange).messages).toMatchObject({
      total: 2,
      kept: [
        { way: "up", data: Buffer.from("hi") },
        { way: "down", data: Buffer.from("there") },
      ],
    });
  });

  test("of another home keeps who is under whom, and goes on in this one", async () => {
    const { recorder, recordings, folder } = open();
    const fixture = fileURLToPath(new URL("./record-once.fixture.ts", import.meta.url));
    await run(process.execPath, [fixture, folder, "both"]);
    orThrow(await recordings.start("both"));
    const web = edgeTo("web");
    const outer = begin(recorder, { edge: web, target: "/page" });
    say(recorder, { edge: edgeTo("api", web.place), target: "/call" });
    recorder.end(outer, performance.now());
    orThrow(await recordings.stop("both"));
    const all = (await readAll(recordings, "both")) as HttpExchange[];
    expect(all.map(({ target }) => target)).toEqual(["/call", "/page", "/call", "/page"]);
    expect(new Set(all.map(({ seq }) => seq)).size).toBe(4);
    for (const n of [0, 2]) {
      const [call, page] = all.slice(n) as [HttpExchange, HttpExchange];
      expect(call.trace.parentId).toBe(spanIdOf(page.seq));
      expect(traceIdOf(call)).toBe(traceIdOf(page));
    }
    expect(new Set(all.map(traceIdOf)).size).toBe(2);
  });

  test("takes what its filter matches, without what its redaction hides, unless told to keep it", async () => {
    const { recorder, recordings } = open();
    orThrow(await recordings.start("hidden", { matches: ({ edge }) => edge.to === "api", filter: "to:api" }));
    orThrow(await recordings.start("open", { redact: false }));
    say(recorder, { headers: "Authorization: secret\r\n" });
    say(recorder, { edge: edgeTo("web") });
    orThrow(await recordings.stop("hidden"));
    orThrow(await recordings.stop("open"));
    const [hidden, ...rest] = (await readAll(recordings, "hidden")) as HttpExchange[];
    expect(rest).toEqual([]);
    expect(hidden?.requestHead).toContain("Authorization: hidden\r\n");
    const all = (await readAll(recordings, "open")) as HttpExchange[];
    expect(all.map(({ edge }) => edge.to)).toEqual(["api", "web"]);
    expect(all[0]?.requestHead).toContain("Authorization: secret\r\n");
    expect(orThrow(await recordings.list()).map(({ name, filter }) => [name, filter])).toEqual([
      ["hidden", "to:api"],
      ["open", ""],
    ]);
  });

  test("goes on where it ended, and is gone once it is removed", async () => {
    const { recorder, recordings } = open();
    for (const target of ["/one", "/two"]) {
      orThrow(await recordings.start("again"));
      expect(await recordings.start("again")).toMatchObject({ fault: "RECORDING_RUNNING" });
      say(recorder, { target });
      orThrow(await recordings.stop("again"));
    }
    const targets = ((await readAll(recordings, "again")) as HttpExchange[]).map(({ target }) => target);
    expect(targets).toEqual(["/one", "/two"]);
    expect(await recordings.stop("again")).toMatchObject({ fault: "RECORDING_UNKNOWN" });
    expect(orThrow(await recordings.remove("again"))).toMatchObject({ exchanges: 2 });
    expect(orThrow(await recordings.list())).toEqual([]);
    expect(await recordings.read("again")).toMatchObject({ fault: "RECORDING_UNKNOWN" });
    expect(await recordings.start("../x")).toMatchObject({ fault: "USAGE" });
    expect(await recordings.start("x.har")).toMatchObject({ fault: "USAGE" });
  });

  test("lies in a file that only this user reads", async () => {
    const { recordings, folder } = open();
    orThrow(await recordings.start("private"));
    const modes = readdirSync(folder).map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]);
    expect(modes).toContainEqual(["recordings.sqlite", "600"]);
    expect(modes.map(([, mode]) => mode)).toEqual(modes.map(() => "600"));
  });
});

describe("what must not hold traffic", () => {
  test("100,000 exchanges are all written, in order, and read back in pages", async () => {
    const { recorder, recordings, warnings } = open({ queue: 1024 * 1024 * 1024 });
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
    const { recorder, recordings, warnings } = open({ queue: 10_000 });
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
    const { recorder, recordings, folder } = open({ budget });
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
    const { recorder, recordings, folder, warnings } = open({ patience: 300 });
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
        const { recorder, recordings, warnings } = open({ folder });
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
    const { recorder, recordings, warnings } = open();
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
    const { recorder, recordings, warnings } = open();
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
    const { recordings, folder } = open();
    orThrow(await recordings.start("x"));
    orThrow(await recordings.stop("x"));
    await recordings.close();
    const db = new DatabaseSync(join(folder, "recordings.sqlite"));
    db.exec("PRAGMA user_version = 99");
    db.close();
    expect(await recordings.list()).toMatchObject({ fault: "STATE_BROKEN", message: expect.stringContaining("newer") });
  });
});

function message(way: "up" | "down", text: string) {
  return { way, at: 1, kind: "text" as const, size: text.length, data: Buffer.from(text) };
}

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

async function run(name: string, args: string[]): Promise<void> {
  const [code] = await once(spawn(name, args, { stdio: "inherit" }), "exit");
  if (code !== 0) throw new Error(`${name} ${args.join(" ")} ended with ${code}`);
}
