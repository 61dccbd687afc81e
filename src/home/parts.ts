import { createRecorder, type Recorder } from "../capture/recorder.ts";
import { shownScheme } from "../certificates/trust/trust-record.ts";
import { createRoutes, type Route, type Routes } from "../door/upstream/routes.ts";
import type { Fault } from "../fault/fault.ts";
import type { Guard } from "../guard/guard.ts";
import { createRefusals } from "../guard/refusals.ts";
import { openNotes } from "../inspect/notes/notes.ts";
import { startOtlp } from "../inspect/otlp/otlp.ts";
import { openLeases } from "../lease/leases.ts";
import { profilesIn } from "../stack/config/network.ts";
import type { State } from "../state/state.ts";
import { createTelemetry } from "../telemetry/store.ts";
import { createAuth } from "./api/access/auth.ts";
import { DASHBOARD_HOST, dashboardOrigin, OWN_HOSTS } from "./api/access/dashboard-hosts.ts";
import type { HomeServices } from "./api/routes/home-services.ts";
import { ensureToken } from "./client/token.ts";
import { nameCallers } from "./edges/captured-edges.ts";
import { openChosenPorts } from "./edges/chosen-ports.ts";
import { edgeProxies } from "./edges/edge-proxies.ts";
import { createTraffic } from "./edges/edge-traffic.ts";
import { HOME_GUARD, logRefusal, openGuard } from "./edges/service-guards.ts";
import { createShaper } from "./edges/shaper.ts";
import { createToxiproxy } from "./edges/toxiproxy.ts";
import { openExchanges, whereOf } from "./exchanges/exchanges.ts";
import { openHomeRecordings } from "./exchanges/recordings.ts";
import { HIDE, warnAll } from "./exchanges/warnings.ts";
import { createLooks } from "./looks/looks.ts";
import { guardView } from "./model/guard-view.ts";
import { createModel } from "./model/model.ts";
import { type HomeFacts, takeSnapshot } from "./model/snapshot.ts";
import { openAliases } from "./names/aliases.ts";
import { type Certificates, openCertificates } from "./names/certificates.ts";
import { createNames, type Names } from "./names/names.ts";
import { createOrphanCleanup } from "./sessions/orphan-cleanup.ts";
import { openProcessBook } from "./sessions/process-book.ts";
import { openSessions, type Sessions } from "./sessions/sessions.ts";
import { openStackBook } from "./sessions/stack-book.ts";
import { collectorEnv, openForward } from "./telemetry/forward.ts";
import { senderOf, telemetryUrl } from "./telemetry/keys.ts";
import { openReceiver } from "./telemetry/receiver.ts";
import { unnamedClients } from "./view/unnamed-clients.ts";
import { version } from "./view/version.ts";

/** What home is made of, besides its door and its server. */
export interface HomeParts {
  readonly routes: Routes;
  readonly guard: Guard;
  readonly recorder: Recorder;
  readonly certificates: Certificates;
  /** What the API uses; health and stop are home's own. */
  readonly services: Omit<HomeServices, "health" | "stop">;
  /** Resolves when all of them are closed and all pending writes are done. Stacks must have left before. */
  readonly close: () => Promise<void>;
}

/** Opens them: aliases and the stacks that the last home knew have their names when this returns. */
export function openParts(folder: string, state: State, port: number, socket: string): HomeParts {
  const model = createModel();
  const book = openProcessBook(state);
  const cleanup = createOrphanCleanup(book);
  // Before anything else: what dead runners left may hold ports.
  cleanup.endAll();

  const routes = createRoutes();
  const names = createNames(routes);
  claimOwnNames(names, socket);
  const refusals = createRefusals(model.refused, { refused: (refusal) => logRefusal(model, refusal) });
  const guard = openGuard(model, refusals);
  const recorder = createRecorder({ name: nameCallers() });
  const telemetry = createTelemetry();
  const exchanges = openExchanges(recorder, openNotes(recorder).of, whereOf(model, port), telemetry);
  const warn = (fault: Fault) => warnAll(model, fault);
  const certificates = openCertificates(folder, model, routes, warn);
  const recordings = openHomeRecordings(folder, recorder, warn);
  const collector = collectorEnv(process.env);
  const otlp = startOtlp(recorder, collector, warn, HIDE);
  const token = ensureToken(folder);
  const receiver = openReceiver({
    telemetry,
    sender: (key, service) => senderOf(model, token, key, service),
    forward: openForward(collector, warn),
  });
  const facts = homeFacts(port);
  const nameUrl = (name: string) => `${shownScheme(folder)(name)}://${name}:${port}`;
  const shaper = createShaper(model, guard, ({ facts }) => profilesIn(facts.network ?? {}));
  const toxiproxy = createToxiproxy(guard, edgeProxies(model, shaper, facts.door));
  const aliases = openAliases(state, names, port, nameUrl, model.changed);
  const stackBook = openStackBook(state);
  const { breakpoints } = exchanges;
  const note = (stack: string, service: string, text: string) => sessions.note(stack, service, text);
  const chosenPorts = openChosenPorts({ model, guard, recorder, breakpoints, routes, doorPort: port, note });
  const sessions: Sessions = openSessions(
    {
      ...{ model, names, book, stackBook, shaper, guard, recorder, chosenPorts, doorPort: port },
      telemetryUrl: (stack) => telemetryUrl(port, token, stack),
    },
    cleanup,
  );
  const snapshot = () => {
    const url = dashboardOrigin(port, shownScheme(folder)(DASHBOARD_HOST));
    return takeSnapshot({ ...facts, url }, model.stacks.values(), aliases.list(), nameUrl);
  };
  const leases = openLeases(state);
  const looks = createLooks(folder, () => ({
    snapshot: snapshot(),
    leases: leases.list(),
    unnamed: unnamedClients(guardView(model, refusals)),
  }));
  const auth = createAuth(state, token);
  const traffic = createTraffic(model);
  return {
    ...{ routes, guard, recorder, certificates },
    services: {
      ...{
        auth,
        model,
        sessions,
        aliases,
        chosenPorts,
        shaper,
        toxiproxy,
        refusals,
        exchanges,
        recordings,
        traffic,
        telemetry,
        receiver,
        looks,
        snapshot,
      },
    },
    close: async () => {
      await Promise.all([toxiproxy.close(), chosenPorts.close()]);
      await certificates.close();
      await Promise.all([recordings.close(), otlp?.stop()]);
      await Promise.all([looks.close(), receiver.close()]);
      await Promise.all([book.written(), stackBook.written()]);
    },
  };
}

function homeFacts(port: number): HomeFacts {
  return {
    pid: process.pid,
    version: version(),
    startedAt: Date.now(),
    door: { host: "127.0.0.1", port },
    url: dashboardOrigin(port),
  };
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
