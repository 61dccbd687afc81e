import { onTestFinished } from "vitest";
import { type InProcessRelay, type InProcessRelayOptions, relay } from "./relay.ts";

// cove/vitest. vitest is an optional peer dependency: only this module needs it.

/**
 * A relay for the running test: as `relay`, and closed when the test is over. Throws CoveError as `relay` does, and an Error
 * outside a test.
 *
 * @example
 * import { expect, test } from "vitest";
 * import { testRelay } from "cove/vitest";
 *
 * test("a late answer is waited for", async () => {
 *   const db = await testRelay({ to: 5432, conditions: "latency=200" });
 *   db.set("blackhole");
 *   expect(db.port).toBeGreaterThan(0);
 * });
 */
export async function testRelay(options: InProcessRelayOptions): Promise<InProcessRelay> {
  const opened = await relay(options);
  try {
    onTestFinished(opened.close);
  } catch (error) {
    await opened.close();
    throw error;
  }
  return opened;
}

/**
 * A fixture for `test.extend`: each test that takes it gets a relay of its own, which is closed after it.
 *
 * @example
 * import { expect, test as base } from "vitest";
 * import { relayFixture } from "cove/vitest";
 *
 * const test = base.extend({ db: relayFixture({ to: 5432 }) });
 *
 * test("queries survive a stall", ({ db }) => {
 *   db.set("blackhole");
 *   expect(db.stats().accepted).toBe(0);
 * });
 */
export function relayFixture(
  options: InProcessRelayOptions,
): (context: object, use: (relay: InProcessRelay) => Promise<void>) => Promise<void> {
  // Vitest reads from the first parameter's pattern which other fixtures this one needs: none.
  // biome-ignore lint/correctness/noEmptyPattern: see above
  return async ({}, use) => {
    const opened = await relay(options);
    try {
      await use(opened);
    } finally {
      await opened.close();
    }
  };
}
