import { sleep } from "../../async/sleep.ts";
import { type Fault, fault } from "../../fault/fault.ts";
import { machine } from "../../machine/machine.ts";
import { signalProcess } from "../../stack/process/process-family.ts";
import { stateFolder } from "../../state/folder.ts";
import { readHomeFile } from "./home-file.ts";

/** How long a home that was suspended may take to answer once it goes on, or to end, ms. */
const REACT_TIME = 3_000;

/** What to say of a home that takes connections and doesn't answer; null where none runs that could be one. */
export function describeHungHome(): Fault | null {
  const record = readHomeFile(stateFolder());
  if (record === null || !machine.isRunning(record)) return null;
  const suspended = machine.isSuspended?.(record.pid) === true;
  return fault(
    "HOME_UNREACHABLE",
    `home (pid ${record.pid}) runs but does not answer${suspended ? ": it is suspended" : ""}`,
    suspended ? `let it go on: kill -CONT ${record.pid}; or end it: cove stop` : "end it with: cove stop",
    { pid: record.pid, suspended, hung: true },
  );
}

/**
 * Gets a hung home out of the way: a suspended one may go on, anything else is ended by pid and start time. Resolves once
 * it may answer again or is gone; a fault says what is left.
 */
export async function endHungHome(): Promise<Fault | null> {
  const record = readHomeFile(stateFolder());
  if (record === null || !machine.isRunning(record)) return null;
  if (machine.isSuspended?.(record.pid) === true) {
    signalProcess(record, "SIGCONT");
    return null;
  }
  signalProcess(record, "SIGKILL");
  const deadline = performance.now() + REACT_TIME;
  while (machine.isRunning(record) && performance.now() < deadline) await sleep(20);
  if (!machine.isRunning(record)) return null;
  return fault(
    "HOME_UNREACHABLE",
    `home (pid ${record.pid}) could not be ended`,
    `end it with: kill -KILL ${record.pid}`,
  );
}
