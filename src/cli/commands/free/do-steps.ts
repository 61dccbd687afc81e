import { execFile } from "node:child_process";
import { machine } from "../../../machine/machine.ts";
import type { ProcessIdentity } from "../../../machine/systems/system.ts";
import { printableWords } from "../../../text/printable.ts";
import type { Context } from "../../terminal/context.ts";
import { liveRegion } from "../../terminal/live-region.ts";
import { databaseServer } from "./database-servers.ts";
import { type Ending, type EndOptions, endProcess } from "./end-process.ts";
import type { PortHolder, Step } from "./verdict.ts";

/** What came of one step. */
export interface Done {
  readonly pid: number | null;
  readonly container: string | null;
  readonly ending: Ending | "stopped";
  /** For people: `node (pid 812) ended`. */
  readonly text: string;
  readonly error: string | null;
}

/** From the polite signal to the firm one, ms. */
const KILL_AFTER = 5_000;

/** Carries out what was decided, for all holders at the same time, and tells about those that take theirs. */
export async function doSteps(context: Context, steps: readonly Step[]): Promise<Done[]> {
  // Who is meant is settled before the first one ends: a freed pid may be anyone's.
  const plans = steps.map(({ holder, by }) => ({ holder, by, processes: identities(holder) }));
  const region = context.moves && process.stderr.isTTY ? liveRegion(process.stderr) : null;
  const lines = new Map<PortHolder, string>();
  const tell = (holder: PortHolder) => (text: string) => {
    lines.set(holder, context.paint("dim", text));
    region?.draw([...lines.values()]);
  };
  const done = await Promise.all(
    plans.map(({ holder, by, processes }) => (by === "engine" ? stop(holder) : end(holder, processes, tell(holder)))),
  );
  region?.clear();
  return done;
}

function identities({ pid, workers }: PortHolder): ProcessIdentity[] {
  return [...(pid === null ? [] : [pid]), ...workers].flatMap((one) => {
    const started = machine.startStamp(one);
    return started === null ? [] : [{ pid: one, started }];
  });
}

async function end(
  { pid, program, command }: PortHolder,
  [eldest, ...workers]: readonly ProcessIdentity[],
  tell: (text: string) => void,
): Promise<Done> {
  const name = `${printableWords(program ?? command?.split(" ")[0] ?? "it")} (pid ${pid})`;
  const options: EndOptions = {
    signal: databaseServer(program, command)?.signal ?? "SIGTERM",
    killAfter: KILL_AFTER,
    waiting: (left) => tell(`${name} is ending … ${Math.ceil(left / 1_000)} s`),
    killing: () => tell(`${name} didn't end within ${KILL_AFTER / 1_000} s: SIGKILL`),
  };
  const first = eldest === undefined ? "gone" : await endProcess(eldest, options);
  // Workers mostly end with their master; those that don't are ended as well, or the port wouldn't be free.
  const others = await Promise.all(workers.map((one) => endProcess(one, options)));
  const ending = others.find((result) => result === "survived" || result === "not allowed") ?? first;
  return { pid, container: null, ending, text: `${name} ${ENDINGS[ending]}`, error: ERRORS[ending] };
}

const ENDINGS: Record<Ending, string> = {
  gone: "had ended by itself",
  ended: "ended",
  killed: `was killed: it did not end within ${KILL_AFTER / 1_000} s`,
  survived: "did not even end on SIGKILL",
  "not allowed": "may not be ended by this user",
};

const ERRORS: Record<Ending, string | null> = {
  gone: null,
  ended: null,
  killed: null,
  survived: "the process did not end, not even on SIGKILL: it waits for the system, perhaps for a disk",
  "not allowed": "the system doesn't let this user end the process",
};

async function stop({ container }: PortHolder): Promise<Done> {
  const name = container?.name ?? "";
  const engine = container?.engine ?? null;
  const error =
    container === null || engine === null ? "its engine is not known" : await stopContainer(engine, container.id);
  const text =
    error === null
      ? `container ${printableWords(name)} has stopped`
      : `container ${printableWords(name)} could not be stopped`;
  return { pid: null, container: name, ending: error === null ? "stopped" : "survived", text, error };
}

/** Engines give a container 10 s before they kill it; a little more for themselves, ms. */
const STOP_TIME = 30_000;

/** Stops a container through its engine's own command, which knows how; null when done, else why not. */
export function stopContainer(engine: string, id: string): Promise<string | null> {
  return new Promise((resolve) => {
    // Without a shell, and behind `--`: an id is never an option.
    execFile(engine, ["stop", "--", id], { timeout: STOP_TIME }, (error, _, stderr) => {
      if (error === null) resolve(null);
      else if (error.code === "ENOENT") resolve(`${engine} is not on the PATH; stop it with: ${engine} stop ${id}`);
      else resolve(printableWords(String(stderr)) || printableWords(error.message));
    });
  });
}
