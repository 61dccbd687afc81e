// The home process: started detached by `ensureHome`, ends with `cove stop`. What it prints goes to home.log.
import { enableCompileCache } from "node:module";
import { isFault } from "../fault/fault.ts";
import { stateFolder } from "../state/folder.ts";
import { onlyOne } from "./client/only-one.ts";
import { clearStartFault, writeStartFault } from "./client/start-fault.ts";

process.title = "cove home";
enableCompileCache();

/** Codes of errors that a peer's bytes or its end can cause; they are never a reason for home to fall. */
const FROM_OUTSIDE = /^(E(CONN|PIPE|TIMEDOUT|HOST|NET|PROTO)|ERR_(STREAM|HTTP|SOCKET|TLS|SSL)|HPE_|WS_ERR)/;

const folder = stateFolder();
const lock = onlyOne(folder, "home");
// Another home is there, or is just ending; whoever started this one looks again.
if (lock === null) process.exit(0);

const log = (text: string) => console.error(`${new Date().toISOString()} ${text}`);
process.on("uncaughtException", (error: NodeJS.ErrnoException) => {
  log(`uncaught: ${error.stack ?? error}`);
  // Runners start a new home at once, which beats going on in a state that nobody thought of.
  if (!FROM_OUTSIDE.test(error.code ?? "")) process.exit(1);
});

const { openHome } = await import("./home.ts");
const home = await openHome(folder, () => {
  log("ended");
  process.exit(0);
});
if (isFault(home)) {
  log(`not started: ${home.message}`);
  writeStartFault(folder, home);
  process.exit(1);
}
clearStartFault(folder);
log(`answers at 127.0.0.1:${home.health().port}`);
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void home.stop());
