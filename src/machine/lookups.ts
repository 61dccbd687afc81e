import type { Address } from "../address/address.ts";
import { workerCalls } from "../async/worker-call.ts";
import { fault, isFault } from "../fault/fault.ts";
import { ownProgram } from "../own-files/own-files.ts";
import type { Holder, SocketQuestion } from "./systems/system.ts";

/**
 * Look-ups that go through the files of all processes, which takes milliseconds: on a thread of their own, so that
 * connections don't wait for them. The thread starts with the first one and ends when nothing was asked for a while.
 */

/** A process that has a socket open. */
export interface SocketProcess {
  readonly pid: number;
  /** Its program's path; null where the system doesn't tell this user. */
  readonly executable: string | null;
}

/** What the thread does. */
export interface LookupMethods {
  /** One answer for each question, in their order; null: no process was found. */
  readonly socketProcesses: (questions: readonly SocketQuestion[]) => (SocketProcess | null)[];
  readonly holderAt: (at: Address) => Holder | null;
}

const IDLE = 30_000;
/** Thousands of processes are looked at within this, on a busy machine too, ms. */
const DEADLINE = 5_000;
/** Sockets whose process is remembered, found or not. */
const KNOWN_MOST = 4_096;

const thread = workerCalls<LookupMethods>({
  module: ownProgram("lookups-thread"),
  name: "cove lookups",
  limits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
  idle: IDLE,
  deadline: DEADLINE,
  repeats: true,
  // The caller often has nothing else under way, such as a command whose port is taken.
  keepsAlive: true,
  failed: (_, why) => fault("INTERNAL", `a process could not be looked up: ${why}`),
});

/** By inode. Linux gives an inode to another socket only after four billion of them. */
const known = new Map<number, SocketProcess | null>();

interface Waiting {
  readonly question: SocketQuestion;
  readonly found: PromiseWithResolvers<SocketProcess | null>;
}

/** Asked since the walk under way began: the next walk is for all of them. */
const waiting = new Map<number, Waiting>();
const asked = new Map<number, Waiting>();

/** What {@link findSocketProcess} found before; undefined: nobody asked yet, or it was forgotten for others. */
export function knownSocketProcess(inode: number): SocketProcess | null | undefined {
  return known.get(inode);
}

/**
 * A process that has the socket open: of its user if there is one, since a socket may be shared. Null: none was found, as
 * of a socket that is closed, or of another user's process where this user may not look into it, or not within 5 s.
 * Both answers are remembered, but not that it took too long.
 *
 * @example
 * const found = await findSocketProcess(peer.inode, peer.uid);
 * console.log(found?.executable); // /usr/bin/psql
 */
export function findSocketProcess(inode: number, uid: number | null): Promise<SocketProcess | null> {
  // A closed socket: no process has it open.
  if (inode === 0) return Promise.resolve(null);
  const before = known.get(inode);
  if (before !== undefined) return Promise.resolve(before);
  const same = waiting.get(inode) ?? asked.get(inode);
  if (same !== undefined) return same.found.promise;
  const found = Promise.withResolvers<SocketProcess | null>();
  waiting.set(inode, { question: { inode, uid }, found });
  if (asked.size === 0) void askForWaiting();
  return found.promise;
}

/** One walk after another, each for all that were asked for meanwhile: a flood of connections costs no more walks. */
async function askForWaiting(): Promise<void> {
  while (waiting.size > 0) {
    for (const [inode, one] of waiting) asked.set(inode, one);
    waiting.clear();
    const all = [...asked.values()];
    const answers = await thread.call("socketProcesses", [all.map(({ question }) => question)]);
    asked.clear();
    for (const [at, { question, found }] of all.entries()) {
      const answer = isFault(answers) ? null : (answers[at] ?? null);
      if (!isFault(answers)) remember(question.inode, answer);
      found.resolve(answer);
    }
  }
}

function remember(inode: number, answer: SocketProcess | null): void {
  // A map keeps its order: what was found longest ago goes.
  if (known.size >= KNOWN_MOST) known.delete(known.keys().next().value ?? 0);
  known.set(inode, answer);
}

/**
 * Who keeps others from listening at this address; null when nobody listens there or on all addresses, or when it could
 * not be found within 5 s.
 */
export async function findHolder(at: Address): Promise<Holder | null> {
  const holder = await thread.call("holderAt", [at]);
  return isFault(holder) ? null : holder;
}
