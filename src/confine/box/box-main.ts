import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Address } from "../../address/address.ts";
import { HELPER_PORTS } from "../../address/ports.ts";
import { sleep } from "../../async/sleep.ts";
import { startListening } from "../../machine/start-listening.ts";
import { joinStreams } from "../join-streams.ts";
import type { BoxOrder } from "./box.ts";
import { listeningHere } from "./listening-here.ts";
import { loopbackUp } from "./loopback-up.ts";

/**
 * Runs in a network namespace of its own: starts the service there, as a member of its own group, and carries bytes
 * between it and the Unix sockets outside. Ends as the service does.
 */

/** Between looks for the service's listener, ms. */
const PAUSE = { first: 10, factor: 1.1, longest: 200 };
/** A service that listens on one other port alone by then ignores PORT, and within a box that port does as well, ms. */
const ELSEWHERE_TIME = 1_500;
/** Between looks for another port, once it had one, ms. */
const FOLLOW_PAUSE = 500;
/** sysexits.h's EX_OSERR: the box, not the service. */
const NO_BOX = 71;

const [, , file = ""] = process.argv;
const order = JSON.parse(readFileSync(file, "utf8")) as BoxOrder;
rmSync(file);
const down = loopbackUp();
if (down !== null) {
  console.error(
    `the loopback interface of the service's network namespace can't be brought up (${down}): this system restricts user namespaces`,
  );
  process.exit(NO_BOX);
}
await Promise.all(order.outlets.map(({ at, path }) => openOutlet(at, path)));
const child = start(order);
child.on("error", (error) => {
  // As a shell has it for what it can't start (POSIX XCU §2.8.2).
  const missing = "code" in error && error.code === "ENOENT";
  console.error(missing ? `${child.spawnfile}: not found` : error.message);
  process.exit(missing ? 127 : 126);
});
// Those are for the service, which gets them as well: they go to the group.
const told: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2"];
const ignore = () => {};
for (const signal of told) process.on(signal, ignore);
child.once("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 0);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
void openInlet(order.inlet);

function start({ command, cwd, env, uid, gid }: BoxOrder) {
  const options = {
    cwd,
    env,
    stdio: "inherit" as const,
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  };
  if (typeof command === "string") return spawn(command, { ...options, shell: true });
  const [program = "", ...args] = command;
  return spawn(program, args, options);
}

/** Listens at an edge's address in the box. */
async function openOutlet(at: Address, path: string): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    joinStreams(socket, connect({ path, allowHalfOpen: true }));
  });
  const error = await startListening(server, { host: at.host, port: at.port });
  if (error !== null) throw error;
}

/** Opens the inlet once the service listens: a successful connection means that it is ready. It follows the service's port. */
async function openInlet({ to, path }: BoxOrder["inlet"]): Promise<void> {
  const began = performance.now();
  const place: Place = { wanted: to.port, port: null, told: new Set() };
  for (let pause = PAUSE.first; place.port === null; pause = Math.min(pause * PAUSE.factor, PAUSE.longest)) {
    await sleep(pause);
    findPort(place, performance.now() - began > ELSEWHERE_TIME);
  }
  const server = createServer({ allowHalfOpen: true }, (outer) => {
    // Some listen on ::1 alone: whichever takes it.
    const both = [
      { address: to.host, family: 4 },
      { address: "::1", family: 6 },
    ];
    const port = place.port ?? to.port;
    const inner = connect({ host: "localhost", port, lookup: (_, __, give) => give(null, both), allowHalfOpen: true });
    joinStreams(outer, inner);
  });
  const error = await startListening(server, { path });
  if (error !== null) console.error(`the box's inlet can't be opened: ${error.message}`);
  for (;;) {
    await sleep(FOLLOW_PAUSE);
    findPort(place, true);
  }
}

/** Where the service listens in its box. */
interface Place {
  readonly wanted: number;
  port: number | null;
  readonly told: Set<string>;
}

/** The port that it was given; else the one it had; else, where it may be another by now, the only one that it has. */
function findPort(place: Place, mayBeElsewhere: boolean): void {
  // Of this namespace alone: the outlets, and what the service opened.
  const ours = order.outlets.map(({ at }) => at);
  const ports = listeningHere(ours).filter((one) => !HELPER_PORTS.has(one) || one === place.wanted);
  if (ports.includes(place.wanted)) place.port = place.wanted;
  else if (mayBeElsewhere && (place.port === null || !ports.includes(place.port))) {
    if (ports.length === 1) place.port = ports[0] ?? null;
    else if (ports.length > 1)
      tell(place, `it listens on ports ${ports.join(", ")} in its box: say which is meant: port: ${ports[0]}`);
  }
  const { port, wanted } = place;
  if (port !== null && port !== wanted)
    tell(place, `it listens on port ${port} in its box, not on ${wanted}: connections are passed on to ${port}`);
}

function tell({ told }: Place, text: string): void {
  if (!told.has(text)) console.error(text);
  told.add(text);
}
