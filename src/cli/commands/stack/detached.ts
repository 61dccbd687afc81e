import { spawn } from "node:child_process";
import { closeSync, fstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { sleep } from "../../../async/sleep.ts";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { ensureHome } from "../../../home/client/ensure.ts";
import type { ServiceView, StackView } from "../../../home/view/view.ts";
import { openState } from "../../../state/state.ts";
import { runnerFault } from "./runner-fault.ts";

const POLL_TIME = 50;
/**
 * A runner stays for days and carries no traffic but a files server's: it gets by with 1 MiB for objects that have just
 * been made, and without V8's optimizing compilers, whose code alone takes 10 MB. A file is served at two thirds the speed.
 */
const SMALL = ["--max-semi-space-size=1", "--optimize-for-size", "--no-opt", "--no-maglev"];
const SETTLED = /^(ready|completed|failed|stopped)$/;

/** Nothing more comes of it by itself, or its time for that is over. */
const hasSettled = ({ state, overdue = false }: ServiceView): boolean => SETTLED.test(state) || overdue;

/** It waits for a service that has failed or isn't ready in time, or that waits for one in its turn. */
function isBlocked(stack: StackView, { state, needs }: ServiceView): boolean {
  if (state !== "waiting") return false;
  return stack.services.some(
    (need) => needs.includes(need.name) && (need.state === "failed" || need.overdue === true || isBlocked(stack, need)),
  );
}

/** Starts the runner as a process of its own and waits until every service is ready, has failed, or waits in vain. */
export async function runDetached(cwd: string, key: string, services: readonly string[]): Promise<StackView | Fault> {
  const home = await ensureHome();
  if (isFault(home)) return home;
  const state = openState();
  if (isFault(state)) return state;
  const path = join(state.folder, "runner.log");
  state.close();
  const log = openSync(path, "a", 0o600);
  const logged = fstatSync(log).size;
  const child = spawn(process.execPath, [...SMALL, process.argv[1] ?? "", "up", ...services, "-C", cwd, "--json"], {
    cwd,
    detached: true,
    windowsHide: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  let ended: number | null | undefined;
  child.on("exit", (code) => {
    ended = code;
  });
  child.unref();
  for (;;) {
    await sleep(POLL_TIME);
    const snapshot = await home.snapshot();
    if (isFault(snapshot)) return snapshot;
    const stack = snapshot.stacks.find(({ id }) => id === key);
    if (stack?.services.every((service) => hasSettled(service) || isBlocked(stack, service))) return stack;
    if (ended !== undefined && stack === undefined) {
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
