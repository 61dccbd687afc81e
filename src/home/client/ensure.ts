import { spawn } from "node:child_process";
import { closeSync, openSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sleep } from "../../async/sleep.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { ownProgram } from "../../own-files/own-files.ts";
import { stateFolder } from "../../state/folder.ts";
import { onlyOne } from "../../state/only-one.ts";
import { openState } from "../../state/state.ts";
import { connectHome, gone, type HomeClient } from "./client.ts";
import { clearStartFault, readStartFault } from "./start-fault.ts";

/** MiB for objects that have just been made, a third of what node takes: the door's pauses under load are shorter, and home is smaller. */
const YOUNG = "--max-semi-space-size=4";

/** How long a home may take to answer, ms. */
const START_TIMEOUT = 10_000;
/** home.log begins anew beyond this, bytes. */
const LOG_LIMIT = 1 << 20;
/** What home needs of the caller's environment; the rest may hold secrets that it doesn't need. */
const PASSED_ON = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "USERPROFILE",
  "LOCALAPPDATA",
  "XDG_STATE_HOME",
  "SystemRoot",
  "TMPDIR",
  "TEMP",
  "TMP",
  "LANG",
  "LC_ALL",
  "TZ",
];

/** The running home, started first where none runs. Any number of processes may call this at the same moment. */
export async function ensureHome(): Promise<HomeClient | Fault> {
  const began = Date.now();
  let deadline = performance.now() + START_TIMEOUT;
  for (let pause = 10; ; pause = Math.min(50, pause * 1.5)) {
    const present = await connectHome();
    if (isFault(present)) return present;
    if (present !== null && !present.home.stopping) return present;
    if (present !== null) {
      await gone(present.home);
      deadline = performance.now() + START_TIMEOUT;
      continue;
    }
    const started = await startOnce(began, deadline);
    if (started !== null) return started;
    if (performance.now() > deadline) return tooSlow();
    await sleep(pause);
  }
}

/** Starts home if no one else is doing so. Null: look again. */
async function startOnce(began: number, deadline: number): Promise<HomeClient | Fault | null> {
  const folder = preparedFolder();
  if (isFault(folder)) return folder;
  // One start at a time; later callers find the home that was started.
  const lock = onlyOne(folder, "start");
  if (lock === null || isFault(lock)) return lock;
  try {
    // The starter before this one may have failed already, for a reason that is as true for this one.
    const failed = readStartFault(folder);
    if (failed !== null && failed.time >= began) return failed.fault;
    const present = await connectHome();
    if (present !== null) return isFault(present) || !present.home.stopping ? present : null;
    // A home that doesn't answer yet, or any more: another one couldn't start beside it.
    const alone = onlyOne(folder, "home");
    if (alone === null || isFault(alone)) return alone;
    alone.release();
    clearStartFault(folder);
    return await start(folder, deadline);
  } finally {
    lock.release();
  }
}

async function start(folder: string, deadline: number): Promise<HomeClient | Fault | null> {
  const child = launch(folder);
  let ended = false;
  child.on("exit", () => {
    ended = true;
  });
  child.on("error", () => {
    ended = true;
  });
  child.unref();
  for (let pause = 10; performance.now() < deadline; pause = Math.min(50, pause * 1.5)) {
    await sleep(pause);
    const over = ended;
    const present = await connectHome();
    if (isFault(present) || (present !== null && !present.home.stopping)) return present;
    if (!over) continue;
    const failed = readStartFault(folder);
    // It found another home that is on its way up or down: look again.
    if (failed?.fault === undefined && child.exitCode === 0) return null;
    return (
      failed?.fault ??
      fault(
        "HOME_UNREACHABLE",
        `home ended while starting (exit ${child.exitCode ?? child.signalCode})`,
        `see ${join(folder, "home.log")}`,
      )
    );
  }
  return tooSlow();
}

function launch(folder: string) {
  const main = fileURLToPath(ownProgram("home"));
  const path = join(folder, "home.log");
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT) truncateSync(path);
  const log = openSync(path, "a", 0o600);
  const env: NodeJS.ProcessEnv = { COVE_HOME: folder };
  for (const [name, value] of Object.entries(process.env)) {
    const isOwn = name.startsWith("COVE_") && name !== "COVE_HOME";
    // Where exchanges are sent to as spans, with what headers: OpenTelemetry's own variables.
    if (PASSED_ON.includes(name) || isOwn || name.startsWith("OTEL_")) env[name] = value;
  }
  try {
    // Otherwise the log would hold only node:sqlite's experimental warning.
    return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", YOUNG, main], {
      cwd: process.platform === "win32" ? folder : "/",
      detached: true,
      windowsHide: true,
      stdio: ["ignore", log, log],
      env,
    });
  } finally {
    closeSync(log);
  }
}

/** The state folder, where a home can open its state: one that can't is best told here, at once. */
function preparedFolder(): string | Fault {
  const folder = stateFolder();
  const state = openState();
  if (isFault(state)) return state;
  state.close();
  return folder;
}

function tooSlow(): Fault {
  return fault(
    "HOME_UNREACHABLE",
    `home did not answer within ${START_TIMEOUT / 1000} s`,
    `see ${join(stateFolder(), "home.log")}, or run: cove doctor`,
  );
}
