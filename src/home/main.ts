// The home process: started detached by `ensureHome`, ends with `cove stop`. What it prints goes to home.log.
import { enableCompileCache } from "node:module";
import { type Fault, isFault } from "../fault/fault.ts";
import { stateFolder } from "../state/folder.ts";
import { onlyOne } from "../state/only-one.ts";
import { stateFault } from "../state/state-fault.ts";
import { clearStartFault, writeStartFault } from "./client/start-fault.ts";

const log = (text: string) => console.error(`${new Date().toISOString()} ${text}`);

process.title = "cove home";
enableCompileCache();

const folder = stateFolder();
const lock = onlyOne(folder, "home");
if (isFault(lock)) notStarted(lock);
// Another home runs, or is just ending; the process that started this one looks again.
if (lock === null) process.exit(0);

let handOver: (() => Promise<void>) | null = null;
// A socket's errors are dealt with where it is used. What comes here is a fault of Cove's own, whatever its code is: runners
// start a new home at once, which is safer than going on in an unknown state.
process.on("uncaughtException", (error: unknown) => {
  log(`uncaught: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const close = handOver;
  // A second fault meanwhile ends home at once.
  handOver = null;
  if (close === null) process.exit(1);
  void close().finally(() => process.exit(1));
});

const { openHome } = await import("./home.ts");
const home = await openHome(folder, () => {
  log("ended");
  process.exit(0);
}).catch((error: unknown) => {
  const known = stateFault(error);
  if (known === null) throw error;
  return known;
});
if (isFault(home)) notStarted(home);
handOver = home.handOver;
clearStartFault(folder);
log(`answers at 127.0.0.1:${home.health().port}`);
function notStarted(reason: Fault): never {
  log(`not started: ${reason.message}`);
  writeStartFault(folder, reason);
  process.exit(1);
}

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void home.stop());
