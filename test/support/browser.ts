import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";
import { program } from "./programs.ts";

/** Chromium without its background requests, which would only fail on a machine without the internet. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface Viewing {
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
  /** More of Chromium's switches: `--host-resolver-rules=…`. */
  readonly args?: readonly string[];
  /** Its home folder: where its own store of certificates is. Default: this user's. */
  readonly home?: string;
}

/** A real Chromium with a profile of its own; its end closes it. */
export async function browser({
  width = 1440,
  colorScheme = "light",
  args = [],
  home,
}: Viewing = {}): Promise<BrowserContext & AsyncDisposable> {
  const executablePath = program("chromium");
  if (executablePath === null) throw new Error('Chromium is missing: skip the test with program("chromium")');
  const profile = mkdtempSync(join(tmpdir(), "cove-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: [...FLAGS, ...args],
    viewport: { width, height: 900 },
    colorScheme,
    ...(home !== undefined && { env: { ...process.env, HOME: home } as Record<string, string> }),
  });
  return Object.assign(context, {
    [Symbol.asyncDispose]: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  });
}
