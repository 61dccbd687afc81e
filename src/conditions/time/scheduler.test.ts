import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openScheduler } from "./scheduler.ts";

const SCHEDULER = new URL("./scheduler.ts", import.meta.url).href;

test("never early, in the order of their times, those of one time in the order in which they were added", async () => {
  const clock = openScheduler();
  const start = clock.now() + 5;
  const times = Array.from({ length: 300 }, (_, n) => start + ((n * 7919) % 97) * 0.4);
  const ran: { when: number; n: number; at: number }[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const [n, when] of times.entries()) {
    clock.at(when, () => {
      ran.push({ when, n, at: clock.now() });
      if (ran.length === times.length) resolve();
    });
  }
  await promise;
  for (const { when, at } of ran) expect(at).toBeGreaterThanOrEqual(when);
  expect(ran.map(({ n }) => n)).toEqual(
    times
      .map((when, n) => ({ when, n }))
      .sort((a, b) => a.when - b.when || a.n - b.n)
      .map(({ n }) => n),
  );
  expect(clock.waiting()).toBe(0);
});

test("what is cancelled never runs and leaves the heap at once, whichever it is; the others keep their order", async () => {
  const step = fc.record({ in: fc.nat(8), cancel: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 60 }),
      fc.infiniteStream(fc.nat()),
      async (steps, picks) => {
        const clock = openScheduler();
        const start = clock.now() + 1;
        const ran: number[] = [];
        const all = steps.map(({ in: ms }, n) => clock.at(start + ms, () => ran.push(n)));
        const doomed = steps.flatMap(({ cancel }, n) => (cancel ? [n] : []));
        for (const n of doomed.toSorted(() => ((picks.next().value ?? 0) % 3) - 1)) {
          all[n]?.cancel();
          all[n]?.cancel();
        }
        const kept = steps.map((one, n) => ({ ...one, n })).filter(({ cancel }) => !cancel);
        expect(clock.waiting()).toBe(kept.length);
        while (clock.waiting() > 0) await sleep(1);
        expect(ran).toEqual(kept.toSorted((a, b) => a.in - b.in || a.n - b.n).map(({ n }) => n));
      },
    ),
    { numRuns: 40 },
  );
});

test("a call may cancel one of the same time, and what it asks for runs later", async () => {
  const clock = openScheduler();
  const ran: string[] = [];
  const when = clock.now() + 2;
  const { promise, resolve } = Promise.withResolvers<void>();
  clock.at(when, () => {
    ran.push("first");
    doomed.cancel();
    clock.at(when, () => {
      ran.push("from within");
      resolve();
    });
  });
  const doomed = clock.at(when, () => ran.push("cancelled"));
  clock.at(when, () => ran.push("last"));
  await promise;
  expect(ran).toEqual(["first", "last", "from within"]);
});

test("a call at Infinity is never due and takes no place in the heap, nor does one at NaN", () => {
  const clock = openScheduler();
  for (const when of [Number.POSITIVE_INFINITY, Number.NaN]) clock.at(when, () => {}).cancel();
  clock.at(Number.POSITIVE_INFINITY, () => {});
  expect(clock.waiting()).toBe(0);
});

test("the heap holds what waits and no more, however often calls are put off", () => {
  const clock = openScheduler();
  const far = clock.now() + 60_000;
  let timers = Array.from({ length: 1_000 }, (_, n) => clock.at(far + n, () => {}));
  for (let toggle = 0; toggle < 100; toggle++) {
    for (const timer of timers) timer.cancel();
    timers = timers.map((_, n) => clock.at(far - toggle + n, () => {}));
    expect(clock.waiting()).toBe(1_000);
  }
  for (const timer of timers) timer.cancel();
  expect(clock.waiting()).toBe(0);
});

/** Runs `code` in a process of its own; false: it was still there after a while. */
function ends(code: string): { readonly ended: boolean; readonly output: string } {
  const program = `import { monotonic } from ${JSON.stringify(SCHEDULER)};\n${code}`;
  const flags = ["--input-type=module", "--disable-warning=ExperimentalWarning", "-e", program];
  const { status, stdout, stderr } = spawnSync(process.execPath, flags, { encoding: "utf8", timeout: 20_000 });
  return { ended: status === 0, output: stdout + stderr };
}

test.each([
  ["nothing waits", "monotonic.at(monotonic.now() + 60_000, () => {}).cancel();"],
  ["a call waits, but no socket for it", "monotonic.at(monotonic.now() + 60_000, () => {});"],
  ["a call is never due", "monotonic.at(Infinity, () => {});"],
])("a process ends by itself where %s", (_, code) => {
  expect(ends(code)).toEqual({ ended: true, output: "" });
});

test("a call that throws doesn't keep the others from running", () => {
  const { output } = ends(`
    process.on("uncaughtException", () => console.log("caught"));
    const when = monotonic.now() + 5;
    monotonic.at(when, () => { throw new Error("broken"); });
    monotonic.at(when, () => console.log("second"));
    monotonic.at(when + 20, () => console.log("third"));
    setTimeout(() => {}, 500);
  `);
  expect(output).toBe("caught\nsecond\nthird\n");
});
