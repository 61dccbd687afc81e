import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { browser, type Viewing } from "./browser.ts";
import { coveSandbox, type Result, type Sandbox } from "./cove.ts";
import { type Answer, ask } from "./door-request.ts";

/** Less than a test has, so that a failure names what it waited for, ms. */
const PAGE_TIMEOUT = 15_000;

export interface Visit {
  readonly page: Page;
  /** Errors and warnings of the browser's console. */
  readonly complaints: string[];
  /** URLs that the page requested elsewhere than at the dashboard. */
  readonly foreign: string[];
}

/** A stack that runs in a sandbox, and its dashboard. */
export interface Dashboard extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /** The dashboard's. */
  readonly origin: string;
  /** The stack's folder. */
  readonly project: string;
  /** What `cove up -d` said. */
  readonly up: Result;
  /** Opens a browser that `cove open` signed in, at a path of the dashboard (default: where the link leads). */
  readonly visit: (path?: string, viewing?: Viewing) => Promise<Visit>;
  /** Asks a service of the stack through the door. */
  readonly hit: (service: string, options?: Parameters<typeof ask>[2]) => Promise<Answer>;
}

/** Starts a stack from the text of its cove.yaml and of its `server.mjs`. Its end stops and deletes everything. */
export async function dashboardOf(config: string, server: string): Promise<Dashboard> {
  const sandbox = await coveSandbox();
  const origin = `http://cove.localhost:${sandbox.port}`;
  const project = realpathSync(mkdtempSync(join(tmpdir(), "cove-stack-")));
  const [, stack = ""] = /^name: (\S+)$/m.exec(config) ?? [];
  writeFileSync(join(project, "cove.yaml"), config);
  writeFileSync(join(project, "server.mjs"), server);
  const up = await sandbox.cove(["up", "-d"], { cwd: project });
  return {
    ...{ sandbox, origin, project, up },
    visit: async (path, viewing = {}) => {
      const context = await browser(viewing);
      onTestFinished(() => context[Symbol.asyncDispose]());
      const page = await context.newPage();
      page.setDefaultTimeout(PAGE_TIMEOUT);
      const complaints: string[] = [];
      const foreign: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("request", (request) => {
        if (new URL(request.url()).origin !== origin) foreign.push(request.url());
      });
      await page.goto((await sandbox.cove(["open", "--print"])).stdout.trim());
      if (path !== undefined) await page.goto(origin + path);
      return { page, complaints, foreign };
    },
    hit: (service, options) => ask(sandbox.port, `${service}.${stack}.localhost`, options),
    [Symbol.asyncDispose]: async () => {
      await sandbox[Symbol.asyncDispose]();
      rmSync(project, { recursive: true, force: true });
    },
  };
}
