import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fault, isFault } from "../fault/fault.ts";
import type { Calls } from "./worker-call.fixture.ts";
import { type WorkerOptions, workerCalls } from "./worker-call.ts";

const MODULE = new URL("./worker-call.fixture.ts", import.meta.url);

function calls(options: Partial<WorkerOptions> = {}) {
  const thread = workerCalls<Calls>({
    module: MODULE,
    name: "test",
    failed: (how, why) => fault("INTERNAL", `${how}: ${why}`),
    ...options,
  });
  onTestFinished(() => thread.close());
  return thread;
}

test("calls are answered, side by side, each with its own result", async () => {
  const thread = calls();
  const sums = await Promise.all(Array.from({ length: 50 }, (_, n) => thread.call("add", [n, n])));
  expect(sums).toEqual(Array.from({ length: 50 }, (_, n) => 2 * n));
  const [slow, quick] = await Promise.all([thread.call("pause", [50]), thread.call("thread", [])]);
  expect(slow).toBe(quick);
});

test("what a method throws is that call's failure alone", async () => {
  const thread = calls();
  const [thrown, sum] = await Promise.all([thread.call("throws", []), thread.call("add", [1, 2])]);
  expect(thrown).toMatchObject({ fault: "INTERNAL", message: "threw: not today" });
  expect(sum).toBe(3);
});

test("bytes are handed over both ways, not copied", async () => {
  const thread = calls();
  const bytes = new Uint8Array(1_000);
  expect(await thread.call("length", [bytes], { transfer: [bytes.buffer] })).toBe(1_000);
  expect(bytes.length).toBe(0);
  expect(await thread.call("buffer", [7])).toEqual(new Uint8Array(7));
});

test("a question at the very end of an idle thread is answered by another one", async () => {
  const thread = calls({ idle: 0 });
  const seen = new Set<unknown>();
  // The idle time is over at any moment of these: before, within and after the thread's end.
  for (let n = 0; n < 24; n++) {
    const id = await thread.call("thread", []);
    expect(isFault(id), JSON.stringify(id)).toBe(false);
    seen.add(id);
    await new Promise((resolve) => (n % 3 === 0 ? setImmediate(resolve) : setTimeout(resolve, n % 5)));
  }
  expect(seen.size).toBeGreaterThan(1);
});

test("a thread that is busy stays, however long nobody asks", async () => {
  let busy = true;
  const thread = calls({ idle: 5, busy: () => busy });
  const first = await thread.call("thread", []);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(await thread.call("thread", [])).toBe(first);
  busy = false;
  await expect.poll(() => thread.call("thread", []), { interval: 60 }).not.toBe(first);
});

test("a thread that ends by itself fails its calls, and the next call finds a new one", async () => {
  const deaths: string[] = [];
  const thread = calls({ died: (why) => deaths.push(why) });
  const [waiting, ended] = await Promise.all([thread.call("pause", [60_000]), thread.call("exit", [])]);
  for (const result of [waiting, ended]) expect(result).toMatchObject({ message: "gone: it ended by itself" });
  expect(deaths).toEqual(["it ended by itself"]);
  expect(await thread.call("add", [1, 1])).toBe(2);
});

test("calls that only read are made once more in a new thread, but not for ever", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cove-calls-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const thread = calls({ repeats: true });
  const file = join(folder, "calls");
  const [first, other] = await Promise.all([thread.call("exitOnce", [file]), thread.call("pause", [10])]);
  expect([typeof first, typeof other]).toEqual(["number", "number"]);
  expect(readFileSync(file, "latin1")).toBe("xx");
  expect(await thread.call("exit", [])).toMatchObject({ message: "gone: it ended by itself" });
});

test("a thread that hangs is ended at the deadline, and its other calls go on in another one", async () => {
  const thread = calls({ repeats: true });
  expect(await thread.call("add", [1, 1])).toBe(2);
  const [hung, other] = await Promise.all([thread.call("hang", [], { deadline: 100 }), thread.call("add", [2, 3])]);
  expect(hung).toMatchObject({ message: "late: it didn't answer within 100 ms" });
  expect(other).toBe(5);
});

test("what a method threw comes with its stack", async () => {
  const stacks: (string | undefined)[] = [];
  const thread = calls({
    failed: (_, why, thrown) => {
      stacks.push(thrown?.stack);
      return fault("INTERNAL", why);
    },
  });
  await thread.call("throws", []);
  expect(stacks).toEqual([expect.stringMatching(/^TypeError: not today\n.*worker-call.fixture/s)]);
});

test("close fails the calls under way; a later one starts another thread", async () => {
  const thread = calls();
  const open = thread.call("pause", [60_000]);
  await thread.close();
  expect(await open).toMatchObject({ message: "gone: it was closed" });
  expect(await thread.call("add", [1, 1])).toBe(2);
});

test.each([
  [false, ""],
  [true, "3\n"],
])("calls under way keep the process running: %s", (keepsAlive, said) => {
  const code = `const { workerCalls } = await import(${JSON.stringify(new URL("./worker-call.ts", import.meta.url).href)});
    const thread = workerCalls({ module: new URL(${JSON.stringify(MODULE.href)}), name: "t", keepsAlive: ${keepsAlive}, deadline: 20_000, failed: String });
    void thread.call("pause", [200]).then(() => thread.call("add", [1, 2])).then(console.log);`;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
  expect([status, stdout]).toEqual([0, said]);
});
