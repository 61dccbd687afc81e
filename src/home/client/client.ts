import { join } from "node:path";
import type { Address } from "../../address/address.ts";
import { sleep } from "../../async/sleep.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import type { Action } from "../../stack/session/link.ts";
import type { LogLine, ServiceChange } from "../../stack/session/messages.ts";
import { stateFolder } from "../../state/folder.ts";
import { looksDamaged } from "../../state/quick-look.ts";
import { version } from "../view/version.ts";
import type { AliasView, GuardView, HomeEvent, HomeHealth, Played, Snapshot } from "../view/view.ts";
import { call, callIfRunning, type HomeAddress, unreachable } from "./call.ts";
import { follow } from "./follow.ts";
import { homeSocket, untrusted } from "./socket.ts";
import { readToken } from "./token.ts";

/** Home as the CLI and the library see it. Every answer is a value or a {@link Fault}; nothing is thrown. */
export interface HomeClient {
  /** The home that answered when this client was made. */
  readonly home: HomeHealth;
  /** Where the API listens and the token that opens it. */
  readonly address: HomeAddress;
  readonly snapshot: () => Promise<Snapshot | Fault>;
  /** How services are guarded, and what was refused. */
  readonly guard: () => Promise<GuardView | Fault>;
  /** The last lines of a service, or of the whole stack in order of time (null). Default limit 200, at most 2,000 a service. */
  readonly logs: (stack: string, service: string | null, options?: { limit?: number }) => Promise<LogLine[] | Fault>;
  /** Hands on events until `signal` aborts (then undefined) or home goes away (then the fault). */
  readonly follow: (
    onEvent: (event: HomeEvent) => void,
    signal: AbortSignal,
    options?: { logs?: boolean },
  ) => Promise<Fault | undefined>;
  /** Done when the runner has done it; `down` when the stack has ended. A stack is named by id or granted name. */
  readonly act: (stack: string, service: string | null, action: Action) => Promise<Fault | null>;
  /** The runner reads its config again and brings the stack to it, or only `services` and what they need; says what changed. */
  readonly apply: (stack: string, services: readonly string[]) => Promise<readonly ServiceChange[] | Fault>;
  /** Restarts one service, or all (null), with the config as it is now; done when ready again. Says what changed. */
  readonly restart: (stack: string, service: string | null) => Promise<readonly ServiceChange[] | Fault>;
  /** Leads the ports that the stack's services chose, such as localhost:3000, to it. Faults: SERVICE_UNKNOWN where they chose none. */
  readonly claim: (stack: string) => Promise<readonly { port: number; service: string }[] | Fault>;
  /** Where a client reaches a service, credentials included: `postgres://cove:…@127.0.0.1:61007/shop`. */
  readonly url: (stack: string, service: string) => Promise<string | Fault>;
  /** Puts conditions on edges: a profile's name or a text. Gives the edges' ids. */
  readonly shape: (stack: string, target: string, conditions: string) => Promise<readonly string[] | Fault>;
  readonly unshape: (stack: string, target: string) => Promise<readonly string[] | Fault>;
  /** What can be put on a stack's edges. */
  readonly shapes: (stack: string) => Promise<Shapes | Fault>;
  /** Plays a scenario: one of the config's by its name, or one with parts of its own. */
  readonly play: (stack: string, wanted: PlayRequest) => Promise<Played | Fault>;
  readonly setAlias: (name: string, address: Address) => Promise<AliasView | Fault>;
  readonly removeAlias: (name: string) => Promise<Fault | null>;
  /** Opens Toxiproxy's API in home, at 8474 or `port`; says where. Faults: PORT_TAKEN. */
  readonly openToxiproxy: (port?: number) => Promise<Address | Fault>;
  readonly closeToxiproxy: () => Promise<Fault | null>;
  /** A dashboard URL that logs one browser in, once, within 60 s. */
  readonly link: () => Promise<string | Fault>;
  /** Takes every stack down and ends home; done when its process is gone. */
  readonly stop: () => Promise<Fault | null>;
}

interface Shapes {
  readonly profiles: readonly { name: string; source: string; text: string; own: boolean }[];
  readonly scenarios: readonly string[];
}

interface PlayRequest {
  readonly target: string;
  readonly name: string;
  readonly parts?: readonly unknown[];
  readonly seed?: number;
}

/** These two are the same at a home of any version (`acrossVersions` in home/api/app.ts): such a one is recognised and ended. */
const HEALTH = "/api/health";
const STOP = "/api/stop";
/** Stops and restarts may take a stack's whole stop and ready time, ms. */
const ACTION_TIMEOUT = 180_000;
/** Home gives runners 20 s, then ends them and what they left; a little more for its own end, ms. */
const STOP_TIMEOUT = 40_000;

/**
 * Where a home of this state folder listens; null where none can. The socket is the truth whether one does: a home.json
 * that a dead home left behind can't mislead. Fault: HOME_UNREACHABLE, for a socket that another user could have made.
 */
export function homeAddress(): HomeAddress | null | Fault {
  const folder = stateFolder();
  const token = readToken(folder);
  if (token === null) return null;
  const socket = homeSocket(folder);
  const why = untrusted(socket, false);
  return why === null ? { socket, token } : unreachable(`home's socket is not to be trusted: ${why}`);
}

/**
 * The running home, or null where none runs; never starts one.
 * A home of another version gives HOME_MISMATCH unless `anyVersion` (for `cove stop` and `doctor`).
 */
export async function connectHome(options: { anyVersion?: boolean } = {}): Promise<HomeClient | null | Fault> {
  const address = homeAddress();
  if (isFault(address)) return address;
  if (address === null) return await brokenState();
  let home = await callIfRunning<HomeHealth>(address, "GET", HEALTH, { timeout: 5_000 });
  // A home that was killed this moment still takes connections, and breaks them off.
  for (let again = 0; again < 20 && isFault(home) && home.detail?.brokenOff === true; again++) {
    await sleep(10);
    home = await callIfRunning<HomeHealth>(address, "GET", HEALTH, { timeout: 5_000 });
  }
  if (isFault(home)) {
    // Loaded here: most commands meet no such home.
    const { describeHungHome } = await import("./hung-home.ts");
    return describeHungHome() ?? home;
  }
  if (home === null) return await brokenState();
  if (home.version !== version() && options.anyVersion !== true) {
    return fault(
      "HOME_MISMATCH",
      `the running home (pid ${home.pid}) is Cove ${home.version}, and this is ${version()}`,
      "end it with: cove stop (this also ends the stacks that it knows)",
      { running: home.version, wanted: version(), pid: home.pid },
    );
  }
  return client(address, home);
}

/** Nothing runs, as far as the state says; fault: it is damaged. */
async function brokenState(): Promise<Fault | null> {
  if (!looksDamaged(join(stateFolder(), "cove.sqlite"))) return null;
  // Loaded here: SQLite takes longer than everything else that a command does where nothing runs.
  const { checkState } = await import("../../state/state-fault.ts");
  return checkState();
}

function client(address: HomeAddress, home: HomeHealth): HomeClient {
  const stackPath = (stack: string, service: string | null) =>
    `/api/v1/stacks/${encodeURIComponent(stack)}${service === null ? "" : `/services/${encodeURIComponent(service)}`}`;
  const done = async (answer: Promise<unknown>): Promise<Fault | null> => {
    const value = await answer;
    return isFault(value) ? value : null;
  };

  return {
    home,
    address,
    snapshot: () => call<Snapshot>(address, "GET", "/api/v1/snapshot"),
    guard: () => call<GuardView>(address, "GET", "/api/v1/guard"),
    logs: async (stack, service, { limit = 200 } = {}) => {
      const answer = await call<{ lines: LogLine[] }>(
        address,
        "GET",
        `${stackPath(stack, service)}/logs?limit=${limit}`,
      );
      return isFault(answer) ? answer : answer.lines;
    },
    follow: (onEvent, signal, options) => follow(address, onEvent, signal, options),
    act: (stack, service, action) =>
      done(call(address, "POST", `${stackPath(stack, service)}/${action}`, { timeout: ACTION_TIMEOUT })),
    apply: (stack, services) =>
      changesIn(
        call(address, "POST", `${stackPath(stack, null)}/apply`, { timeout: ACTION_TIMEOUT, body: { services } }),
      ),
    restart: (stack, service) =>
      changesIn(call(address, "POST", `${stackPath(stack, service)}/restart`, { timeout: ACTION_TIMEOUT })),
    claim: async (stack) => {
      const answer = await call<{ ports: { port: number; service: string }[] }>(
        address,
        "POST",
        `${stackPath(stack, null)}/claim`,
      );
      return isFault(answer) ? answer : answer.ports;
    },
    url: async (stack, service) => {
      const answer = await call<{ url: string }>(address, "GET", `${stackPath(stack, service)}/url`);
      return isFault(answer) ? answer : answer.url;
    },
    shape: (stack, target, conditions) =>
      edgesIn(call(address, "PUT", `${stackPath(stack, null)}/shape`, { body: { target, conditions } })),
    unshape: (stack, target) =>
      edgesIn(call(address, "DELETE", `${stackPath(stack, null)}/shape?target=${encodeURIComponent(target)}`)),
    shapes: (stack) => call<Shapes>(address, "GET", `${stackPath(stack, null)}/shape`),
    play: (stack, wanted) => call<Played>(address, "POST", `${stackPath(stack, null)}/shape/play`, { body: wanted }),
    setAlias: (name, to) =>
      call<AliasView>(address, "PUT", `/api/v1/aliases/${encodeURIComponent(name)}`, { body: to }),
    removeAlias: (name) => done(call(address, "DELETE", `/api/v1/aliases/${encodeURIComponent(name)}`)),
    openToxiproxy: (port) =>
      call<Address>(address, "PUT", "/api/v1/toxiproxy", { body: { ...(port !== undefined && { port }) } }),
    closeToxiproxy: () => done(call(address, "DELETE", "/api/v1/toxiproxy")),
    link: async () => {
      const answer = await call<{ url: string }>(address, "POST", "/api/v1/links");
      return isFault(answer) ? answer : answer.url;
    },
    stop: async () => {
      const answer = await call(address, "POST", STOP);
      if (isFault(answer)) return answer;
      return (await gone(home))
        ? null
        : unreachable(
            `home (pid ${home.pid}) did not end within ${STOP_TIMEOUT / 1000} s`,
            `end it with: kill -KILL ${home.pid}`,
          );
    },
  };
}

async function changesIn(
  answer: Promise<{ changes: readonly ServiceChange[] } | Fault>,
): Promise<readonly ServiceChange[] | Fault> {
  const value = await answer;
  return isFault(value) ? value : value.changes;
}

async function edgesIn(answer: Promise<{ edges: readonly string[] } | Fault>): Promise<readonly string[] | Fault> {
  const value = await answer;
  return isFault(value) ? value : value.edges;
}

/** Waits until a home's process has ended; false after 40 s. */
export async function gone(home: HomeHealth): Promise<boolean> {
  // Loaded here: most commands wait for no process.
  const { machine } = await import("../../machine/machine.ts");
  const deadline = performance.now() + STOP_TIMEOUT;
  while (machine.isRunning(home)) {
    if (performance.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}
