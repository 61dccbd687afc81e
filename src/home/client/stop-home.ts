import { sleep } from "../../async/sleep.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { listProcesses, type ProcessRecord } from "../../state/processes.ts";
import { openState } from "../../state/state.ts";
import { connectHome, type HomeClient } from "./client.ts";
import { ensureHome } from "./ensure.ts";
import { endHungHome } from "./hung-home.ts";

/** How long a home that went on may take to answer, ms. */
const ANSWER_TIME = 10_000;
/** How long living runners may take to be back at a home that was started anew, ms. */
const RETURN_TIME = 10_000;

/**
 * The home to stop, with all that runs registered at it; null where nothing runs at all. A hung one is got out of the way.
 * Where home is dead and services live, a new one is started: it ends what dead runners left, and living runners return.
 */
export async function homeToStop(): Promise<HomeClient | null | Fault> {
  const first = await connectHome({ anyVersion: true });
  if (isFault(first) && first.detail?.hung !== true) return first;
  if (first !== null && !isFault(first)) return first;
  const again = isFault(first) ? await afterHung() : null;
  if (again !== null) return again;
  const records = await livingRecords();
  if (isFault(records)) return records;
  if (records.length === 0) return null;
  const home = await ensureHome();
  if (isFault(home)) return home;
  const { machine } = await import("../../machine/machine.ts");
  const deadline = performance.now() + RETURN_TIME;
  for (;;) {
    const snapshot = await home.snapshot();
    if (isFault(snapshot)) return snapshot;
    const back = new Set(snapshot.stacks.map(({ id }) => id));
    const waited = records.filter(({ stack, runner }) => machine.isRunning(runner) && !back.has(stack));
    if (waited.length === 0 || performance.now() > deadline) return home;
    await sleep(50);
  }
}

/** The home that answers after the hung one was told to go on; null: it is gone. */
async function afterHung(): Promise<HomeClient | null | Fault> {
  const failed = await endHungHome();
  if (failed !== null) return failed;
  const deadline = performance.now() + ANSWER_TIME;
  for (;;) {
    const home = await connectHome({ anyVersion: true });
    if (!isFault(home) || home.detail?.hung !== true) return home;
    if (performance.now() > deadline) {
      const ended = await endHungHome();
      if (ended !== null) return ended;
    }
  }
}

/** What still runs after a stop, and how to end it; null: nothing does. */
export async function leftRunning(): Promise<Fault | null> {
  const left = await livingRecords();
  if (isFault(left)) return left;
  if (left.length === 0) return null;
  const named = left.map(({ service, process }) => `${service} (pid ${process.pid})`);
  return fault(
    "STILL_RUNNING",
    `${named.join(", ")} ${left.length === 1 ? "still runs" : "still run"}`,
    `end ${left.length === 1 ? "it" : "them"} with: kill -KILL ${left.map(({ process }) => process.pid).join(" ")}`,
    { processes: left.map(({ stack, service, process }) => ({ stack, service, ...process })) },
  );
}

/** Processes of services on record that run. */
async function livingRecords(): Promise<ProcessRecord[] | Fault> {
  const { machine } = await import("../../machine/machine.ts");
  const state = openState();
  if (isFault(state)) return state;
  const records = listProcesses(state);
  state.close();
  return records.filter(({ process }) => machine.isRunning(process));
}
