import { sleep } from "../../async/sleep.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { machine } from "../../machine/machine.ts";
import type { ServiceStatus } from "../session/messages.ts";
import { backoff, crashesInARow } from "./backoff.ts";
import { crashCause } from "./crash.ts";
import { shownCause } from "./shown.ts";
import { runOnce } from "./single-run.ts";
import { endProcess, note, type Supervised, setState } from "./supervised.ts";

/** What a crashed process left behind is given this long to end by itself, ms. */
const LEFTOVER_TIME = 2_000;
/** Lines that a crash's cause may be found in. */
const CRASH_LINES = 40;

/**
 * One start and all its restarts, until `signal` aborts or there is nothing left to try. `answer` is called when the service
 * is ready or completed (null), or has failed for good.
 */
export async function keepRunning(
  one: Supervised,
  signal: AbortSignal,
  answer: (outcome: Fault | null) => void,
): Promise<void> {
  const { service } = one;
  const end = (state: "failed" | "completed", why: Fault | null, more: Partial<ServiceStatus> = {}) => {
    one.life = null;
    const cause = shownCause(why);
    setState(one, state, { process: null, cause, ...more });
    answer(cause);
  };
  const fail = (cause: Fault) => end("failed", cause, { readyAt: null });
  for (let crashes = 0; !signal.aborted; ) {
    const began = performance.now();
    setState(one, "starting", { process: null, readyAt: null, readyMs: null, overdue: false });
    let late = false;
    const ready = () => {
      answer(null);
      if (late) one.deps.readyLate();
    };
    const outcome = await runOnce(one, began, signal, crashes, ready, (cause) => {
      late = true;
      answer(cause);
    });
    if (signal.aborted || outcome === null) return;
    if (isFault(outcome)) {
      await endProcess(one, service.stopTimeout);
      if (!signal.aborted) fail(outcome);
      return;
    }
    const { readyAt } = one.status;
    crashes = crashesInARow(crashes, readyAt === null ? null : Date.now() - readyAt);
    tellBackground(one);
    // Processes that it left behind would keep the port from the next start.
    await endProcess(one, Math.min(service.stopTimeout, LEFTOVER_TIME));
    if (signal.aborted) return;
    const { when, max } = service.restart;
    const clean = outcome.code === 0;
    if (clean && service.ready.type === "exit") {
      return end("completed", null, { readyMs: performance.now() - began, readyAt: Date.now() });
    }
    if (clean && when !== "always") {
      const missed = missedServer(one);
      return missed === null ? end("completed", null) : fail(missed);
    }
    const final = when === "never" || crashes >= max;
    const cause = crashCause(service, outcome, one.ring.last(CRASH_LINES), crashes, final);
    if (final || cause.fault === "COMMAND_MISSING") return fail(cause);
    setState(one, "restarting", { process: null, readyAt: null, restarts: one.status.restarts + 1, cause });
    const wait = backoff(crashes);
    note(one, `${cause.message.split("\n")[0]}; restarting in ${(wait / 1000).toFixed(1)} s`);
    await sleep(wait, signal);
  }
}

/** A program that goes to the background ends where Cove can see it: what it left there is named before it is ended. */
function tellBackground(one: Supervised): void {
  const { process } = one;
  process?.family.look();
  const left = (process?.family.left() ?? []).map(
    (pid) => `${machine.processDetails(pid)?.command ?? "a process"} (pid ${pid})`,
  );
  if (left.length === 0) return;
  note(one, `it ended and left ${left.join(", ")} running, which Cove ends: let the service stay in the foreground`);
}

/**
 * Why the end of one that ended with exit code 0 isn't fine: others need it as a server, or it was to answer at a port
 * and never did. Null: it is.
 */
function missedServer({ service: { name, ready }, status: { readyAt }, deps }: Supervised): Fault | null {
  const { consumers, alone } = deps;
  if (alone) return null;
  const serves =
    consumers.length > 0 ? `${consumers.join(", ")} need${consumers.length > 1 ? "" : "s"} it as a server` : "";
  const answers = readyAt === null && /^(tcp|http)$/.test(ready.type) ? "it never answered at its port" : "";
  const why = serves || answers;
  if (why === "") return null;
  return fault(
    "SERVICE_CRASHED",
    `${name} ended with exit code 0, though ${why}`,
    `if it is a job that ends, say so: ready: exit; if it is a server, see: cove logs ${name}`,
    { exitCode: 0, ...(consumers.length > 0 && { consumers }) },
  );
}
