import { sleep } from "../async/sleep.ts";
import { createRecorder } from "../capture/recorder.ts";
import { type Door, openDoor } from "../door/door.ts";
import { createRoutes, type Route } from "../door/upstream/routes.ts";
import { type Fault, fault, isFault } from "../fault/fault.ts";
import { createRefusals } from "../guard/refusals.ts";
import { openNotes } from "../inspect/notes/notes.ts";
import { startOtlp } from "../inspect/otlp/otlp.ts";
import { openLeases } from "../lease/leases.ts";
import { machine } from "../machine/machine.ts";
import { profilesIn } from "../stack/config/network.ts";
import { retryWhenLocked } from "../state/retry-when-locked.ts";
import { doorPort } from "../state/settings.ts";
import { openState, type State } from "../state/state.ts";
import { createAuth } from "./api/access/auth.ts";
import { dashboardOrigin, OWN_HOSTS } from "./api/access/dashboard-hosts.ts";
import type { HomeServices } from "./api/routes/home-services.ts";
import { openServer } from "./api/server.ts";
import { homeSocket } from "./client/socket.ts";
import { ensureToken } from "./client/token.ts";
import { nameCallers } from "./edges/captured-edges.ts";
import { edgeProxies } from "./edges/edge-proxies.ts";
import { createTraffic } from "./edges/edge-traffic.ts";
import { HOME_GUARD, openGuard } from "./edges/service-guards.ts";
import { createShaper } from "./edges/shaper.ts";
import { createToxiproxy } from "./edges/toxiproxy.ts";
import { openExchanges, whereOf } from "./exchanges/exchanges.ts";
import { openHomeRecordings } from "./exchanges/recordings.ts";
import { HIDE, warnAll } from "./exchanges/warnings.ts";
import { readHomeFile, removeHomeFile, writeHomeFile } from "./home-file.ts";
import { createLooks } from "./looks/looks.ts";
import { createModel } from "./model/model.ts";
import { takeSnapshot } from "./model/snapshot.ts";
import { openAliases } from "./names/aliases.ts";
import { createNames, type Names } from "./names/names.ts";
import { createLeftBehind } from "./sessions/orphan-cleanup.ts";
import { openProcessBook } from "./sessions/process-book.ts";
import { openSessions } from "./sessions/sessions.ts";
import { leaveStack } from "./sessions/stack-entry.ts";
import { version } from "./view/version.ts";
import type { HomeHealth } from "./view/view.ts";

/** How long runners get to take their stacks down when home ends, ms. */
const DOWN_TIME = 20_000;
/** The system may free a killed home's port a moment after its lock, ms. */
const PORT_TIME = 1_500;
/** The longest that closing doors and sockets may take after that, ms. */
const CLOSE_TIME = 2_000;
/** How long a write waits for the state file before it is tried again later: the door's bytes wait too, ms. */
const PATIENCE = 20;

export interface Home {
  readonly health: () => HomeHealth;
  /** Takes all stacks down, then the door, then the API; resolves when all is closed. The second call waits for the first. */
  readonly stop: () => Promise<void>;
}

/** Opens everything that home is. The caller holds the lock of `folder`; `ended` runs when a stop is over. */
export async function openHome(folder: string, ended: () => void): Promise<Home | Fault> {
  const state = await openHastily(folder);
  if (isFault(state)) return state;
  const model = createModel();
  const book = openProcessBook(state);
  const left = createLeftBehind(book);
  // Before anything else: what dead runners left may hold ports.
  left.endAll();

  const port = doorPort(state);
  if (isFault(port)) return port;
  const auth = createAuth(state, ensureToken(folder));
  const socket = homeSocket(folder);
  const routes = createRoutes();
  const names = createNames(routes);
  claimOwnNames(names, socket);
  const refusals = createRefusals(model.refused);
  const guard = openGuard(model, refusals);
  const recorder = createRecorder({ name: nameCallers() });
  const exchanges = openExchanges(recorder, openNotes(recorder).of, whereOf(model, port));
  const warn = (fault: Fault) => warnAll(model, fault);
  const recordings = openHomeRecordings(folder, recorder, warn);
  const otlp = startOtlp(recorder, process.env, warn, HIDE);
  const door = await doorAfter(folder, () =>
    openDoor({ port, routes, guard, recorder, breakpoints: exchanges.breakpoints }),
  );
  if (isFault(door)) return door;

  const started = machine.startStamp(process.pid) ?? "";
  const since = Date.now();
  const facts = {
    pid: process.pid,
    version: version(),
    since,
    door: { host: "127.0.0.1", port: door.port },
    url: dashboardOrigin(door.port),
  };
  const aliases = openAliases(state, names, door.port, model.changed);
  const shaper = createShaper(model, guard, ({ facts }) => profilesIn(facts.network ?? {}));
  const stacks = { model, names, book, shaper, guard, recorder, doorPort: door.port };
  const toxiproxy = createToxiproxy(guard, edgeProxies(model, shaper, facts.door));
  const sessions = openSessions(stacks, left, door.port);
  let stopping: Promise<void> | undefined;
  const health = (): HomeHealth => ({
    version: facts.version,
    pid: facts.pid,
    started,
    port: door.port,
    stopping: stopping !== undefined,
  });
  const stop = () => {
    stopping ??= end().then(ended);
    return stopping;
  };
  const snapshot = () => takeSnapshot(facts, model.stacks.values(), aliases.list());
  const leases = openLeases(state);
  const looks = createLooks(folder, () => ({ snapshot: snapshot(), leases: leases.list() }));
  const home: HomeServices = {
    auth,
    model,
    sessions,
    aliases,
    shaper,
    toxiproxy,
    refusals,
    exchanges,
    recordings,
    traffic: createTraffic(model),
    looks,
    health,
    snapshot,
    stop: () => void stop(),
  };
  const server = await openServer(home, socket);
  if (isFault(server)) {
    await door.close();
    return server;
  }
  writeHomeFile(folder, { pid: facts.pid, started, port: door.port, version: facts.version, socket });

  const end = async () => {
    await sessions.downAll(DOWN_TIME);
    removeHomeFile(folder);
    // What is still open after that falls with the process.
    setTimeout(ended, CLOSE_TIME);
    for (const stack of model.stacks.values()) await leaveStack(stacks, stack);
    await door.close();
    await toxiproxy.close();
    await Promise.all([recordings.close(), otlp?.stop()]);
    await server.close();
    await looks.close();
    await book.written();
    state.close();
  };

  return { health, stop };
}

/** The state, for writes that rather fail than wait. Made and migrated first, which may take longer. */
async function openHastily(folder: string): Promise<State | Fault> {
  const made = openState({ folder });
  if (isFault(made)) return made;
  made.close();
  return await retryWhenLocked(() => openState({ folder, patience: PATIENCE }));
}

/** The door leads to home's own socket as to any other service. */
function claimOwnNames(names: Names, socket: string): void {
  const route: Route = {
    id: "cove/home",
    upstream: { path: socket },
    state: "ready",
    whenReady: () => Promise.resolve(true),
    logTail: () => [],
    cause: () => null,
    guard: HOME_GUARD,
  };
  for (const name of OWN_HOSTS) names.claim(name, "home", route);
}

/** Opens the door; waits a moment for a port that only a home that was just killed can hold. */
async function doorAfter(folder: string, open: () => Promise<Door | Fault>): Promise<Door | Fault> {
  const earlier = readHomeFile(folder)?.pid;
  const deadline = performance.now() + PORT_TIME;
  for (;;) {
    const door = await open();
    if (!isFault(door) || door.fault !== "PORT_TAKEN") return door;
    const holder = door.detail?.pid ?? null;
    if ((holder !== null && holder !== earlier) || performance.now() > deadline) return withWayOut(door);
    await sleep(25);
  }
}

function withWayOut(taken: Fault): Fault {
  const hint = taken.hint ?? "end that process, or pick another port for the door: COVE_PORT=62894 cove …";
  return fault(taken.fault, taken.message, hint, { ...taken.detail });
}
