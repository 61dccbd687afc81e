import { spawnSync } from "node:child_process";
import type { BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, test } from "vitest";
import { browser } from "../support/browser.ts";
import { program } from "../support/programs.ts";
import { checkRow } from "./check-row.ts";
import type { Results } from "./results.ts";
import { type Row, rowLimit } from "./row.ts";

/** No name but this machine's is resolved: what a page wants from elsewhere isn't fetched. */
const CHROMIUM = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *.localhost, EXCLUDE localhost, EXCLUDE 127.0.0.1"];

/** One test a row, one Chromium for all; `keep` gets what was seen once all have run, and the time that it took, ms. */
export function runRows(rows: readonly Row[], keep: (results: Results, took: number) => void): void {
  const hasChromium = program("chromium") !== null;
  const results: Results = {};
  const began = performance.now();
  let chromium: (BrowserContext & AsyncDisposable) | undefined;
  beforeAll(async () => {
    if (hasChromium) chromium = await browser({ args: CHROMIUM });
  });
  afterAll(async () => {
    await chromium?.[Symbol.asyncDispose]();
    keep(results, performance.now() - began);
  });

  describe.concurrent("behind the door, with live reload", () => {
    for (const row of rows) {
      const missing =
        !hasChromium || row.needs?.some((name) => program(name) === null) || row.needsToRun?.some(isUnable) === true;
      test.skipIf(missing)(row.name, { timeout: rowLimit(row) }, async ({ onTestFailed }) => {
        if (chromium === undefined) throw new Error("Chromium has not started");
        try {
          results[row.name] = await checkRow(row, chromium, onTestFailed);
        } catch (error) {
          const [failed = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
          results[row.name] = { title: row.title, failed };
          throw error;
        }
      });
    }
  });
}

/** Whether a command can't be run here, or says that something is missing. */
function isUnable([name = "", ...args]: readonly string[]): boolean {
  return spawnSync(name, args, { stdio: "ignore", timeout: 30_000 }).status !== 0;
}
