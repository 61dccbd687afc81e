import { spawn } from "node:child_process";
import { closeSync, fstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { sleep } from "../../../async/sleep.ts";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import type { HomeClient } from "../../../home/client/client.ts";
import { ensureHome } from "../../../home/client/ensure.ts";
import type { StackView } from "../../../home/view/view.ts";
import type { ServiceChange } from "../../../stack/session/messages.ts";
import { openState } from "../../../state/state.ts";
import { updateProgress } from "../../terminal/progress.ts";
import { applyConfig, runningStack } from "./apply-config.ts";
import { runnerFault } from "./runner-fault.ts";
import { hasSettled, settlingText } from "./settled.ts";

const POLL_TIME = 50;
/**
 * A runner stays for days and carries no traffic but a files server's: it gets by with 1 MiB for objects that have just
 * been made, and without V8's optimizing compilers, whose code alone takes 10 MB. A file is served at two thirds the speed.
 */
const SMALL = ["--max-semi-space-size=1", "--optimize-for-size", "--no-opt", "--no-maglev"];
/** A stack that is up in the background. */
export interface UpStack {
  readonly stack: StackView;
  /** What applying the config changed; null: it was started. */
  readonly changes: readonly ServiceChange[] | null;
}

/**
 * Starts the runner as a process of its own, or has the one that runs apply the config; then waits until every service is ready,
 * has failed, or waits in vain.
 */
export async function runDetached(cwd: string, key: string, services: readonly string[]): Promise<UpStack | Fault> {
  const home = await ensureHome();
  if (isFault(home)) return home;
  const running = await runningStack(home, key);
  const applied = running === null || isFault(running) ? running : await applyAndWait(home, key, services);
  return applied ?? (await startRunner(home, cwd, key, services));
}

async function startRunner(
  home: HomeClient,
  cwd: string,
  key: string,
  services: readonly string[],
): Promise<UpStack | Fault> {
  const state = openState();
  if (isFault(state)) return state;
  const path = join(state.folder, "runner.log");
  state.close();
  const log = openSync(path, "a", 0o600);
  const logged = fstatSync(log).size;
  const child = spawn(
    process.execPath,
    [...SMALL, process.argv[1] ?? "", "up", "--runner", ...services, "-C", cwd, "--json"],
    {
      cwd,
      detached: true,
      windowsHide: true,
      stdio: ["ignore", log, log],
    },
  );
  closeSync(log);
  let ended: number | null | undefined;
  child.on("exit", (code) => {
    ended = code;
  });
  child.unref();
  for (;;) {
    await sleep(POLL_TIME);
    const stack = await runningStack(home, key);
    if (isFault(stack)) return stack;
    if (stack !== null && stack.runner.pid !== child.pid && ended !== undefined) {
      // Another one started it at the same moment.
      return (await applyAndWait(home, key, services)) ?? gone(key);
    }
    if (stack !== null && stack.runner.pid === child.pid) {
      if (hasSettled(stack)) return { stack, changes: null };
      updateProgress(settlingText(stack));
    }
    if (ended !== undefined && stack === null) {
      const said = runnerFault(path, logged);
      if (said !== null) return said;
      return fault(
        "SERVICE_CRASHED",
        `the runner ended while starting (exit ${ended})`,
        `run it in the foreground to see why: cove up; its log: ${path}`,
      );
    }
  }
}

/** Null: the stack isn't up any more. */
async function applyAndWait(
  home: HomeClient,
  key: string,
  services: readonly string[],
): Promise<UpStack | Fault | null> {
  const changes = await applyConfig(home, key, services);
  if (changes === null || isFault(changes)) return changes;
  for (;;) {
    const stack = await runningStack(home, key);
    if (isFault(stack)) return stack;
    if (stack === null) return gone(key);
    if (hasSettled(stack)) return { stack, changes };
    updateProgress(settlingText(stack));
    await sleep(POLL_TIME);
  }
}

function gone(key: string): Fault {
  return fault("STACK_UNKNOWN", "the stack was taken down meanwhile", "start it with: cove up -d", { stack: key });
}
