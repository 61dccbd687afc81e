import { sleep } from "../async/sleep.ts";
import { type Door, openDoor } from "../door/door.ts";
import { type Fault, isFault } from "../fault/fault.ts";
import { machine } from "../machine/machine.ts";
import { retryWhenLocked } from "../state/retry-when-locked.ts";
import { doorPort } from "../state/settings.ts";
import { openState, type State } from "../state/state.ts";
import { type HomeServer, openServer } from "./api/server.ts";
import { removeHomeFile, writeHomeFile } from "./client/home-file.ts";
import { homeSocket } from "./client/socket.ts";
import { openDoorAfterLast } from "./door-opening.ts";
import { type HomeParts, openParts } from "./parts.ts";
import { version } from "./view/version.ts";
import type { HomeHealth } from "./view/view.ts";

/** How long runners get to take their stacks down when home ends, ms. */
const DOWN_TIME = 20_000;
/** The longest that closing doors and sockets may take after that, ms. */
const CLOSE_TIME = 2_000;
/** The longest that a home that had an uncaught error may take to close, ms. */
const HAND_OVER_TIME = 1_000;
/** How long a write waits for the state file before it is tried again later: the door's bytes wait too, ms. */
const LOCK_TIMEOUT = 20;

export interface Home {
  readonly health: () => HomeHealth;
  /** Takes all stacks down, then the door, then the API; resolves when all is closed. The second call waits for the first. */
  readonly stop: () => Promise<void>;
  /** Closes without taking stacks down: their runners start the next home. Resolves within a second. */
  readonly handOver: () => Promise<void>;
}

/** Opens everything that home is. The caller holds the lock of `folder`; `ended` runs when a stop is over. */
export async function openHome(folder: string, ended: () => void): Promise<Home | Fault> {
  const state = await openWithShortWait(folder);
  if (isFault(state)) return state;
  const port = doorPort(state);
  if (isFault(port)) return port;
  const socket = homeSocket(folder);
  const parts = openParts(folder, state, port, socket);
  const { routes, guard, recorder, certificates, services } = parts;
  const { breakpoints } = services.exchanges;
  const door = await openDoorAfterLast(folder, () =>
    openDoor({ port, routes, guard, recorder, breakpoints, certificateFor: certificates.certificateFor }),
  );
  if (isFault(door)) return door;

  const identity = { pid: process.pid, started: machine.startStamp(process.pid) ?? "" };
  let stopping: Promise<void> | undefined;
  const health = () => ({ ...identity, version: version(), port, stopping: stopping !== undefined });
  const stop = () => {
    stopping ??= end({ folder, state, parts, door, server }, ended).then(ended);
    return stopping;
  };
  const handOver = async () => {
    const late = sleep(HAND_OVER_TIME);
    await Promise.race([close({ folder, state, parts, door, server }), late]);
  };
  const server = await openServer({ ...services, health, stop: () => void stop() }, socket);
  if (isFault(server)) {
    await door.close();
    return server;
  }
  writeHomeFile(folder, { ...identity, port, version: version(), socket });
  return { health, stop, handOver };
}

/** Opens the state for writes that fail instead of waiting. It is created and migrated first, which may take longer. */
async function openWithShortWait(folder: string): Promise<State | Fault> {
  const made = openState({ folder });
  if (isFault(made)) return made;
  made.close();
  return await retryWhenLocked(() => openState({ folder, lockTimeout: LOCK_TIMEOUT }));
}

/** All that is open. */
interface OpenHome {
  readonly folder: string;
  readonly state: State;
  readonly parts: HomeParts;
  readonly door: Door;
  readonly server: HomeServer | Fault;
}

/** Stacks first, then whatever they used. What is still open when its time is over ends with the process. */
async function end(open: OpenHome, late: () => void): Promise<void> {
  const { sessions } = open.parts.services;
  await sessions.downAll(DOWN_TIME);
  removeHomeFile(open.folder);
  setTimeout(late, CLOSE_TIME);
  await sessions.close();
  await close(open);
}

async function close({ folder, state, parts, door, server }: OpenHome): Promise<void> {
  removeHomeFile(folder);
  await door.close();
  if (!isFault(server)) await server.close();
  await parts.close();
  state.close();
}
