import type { Exchange } from "../../capture/exchange.ts";
import { spanIdOf } from "../../capture/ids.ts";
import type { Recorder } from "../../capture/recorder.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { split } from "./batch.ts";
import { type Feed, openFeed } from "./feed.ts";
import { nameFault } from "./name.ts";
import { rowReader } from "./row.ts";
import type { RecordingInfo } from "./store.ts";
import { linkStore, type StoreLink } from "./store-link.ts";

/** Bytes of their file that all recordings may fill by default: 512 MiB. */
const RECORDINGS_BUDGET = 512 * 1024 * 1024;
/** Bytes that may wait to be written; what comes then is dropped and counted. */
const QUEUE = 64 * 1024 * 1024;
/** How long a write waits for a locked file before recording ends, ms. */
const LOCK_TIMEOUT = 5_000;
/** Exchanges of a page by default. */
const PAGE = 500;

interface Recording extends RecordingInfo {
  readonly running: boolean;
}

interface RecordingStart {
  /** Which exchanges it takes; called as each one ends, with the door waiting. Default: all. */
  readonly matches?: (exchange: Exchange) => boolean;
  /** The filter as people typed it, to be shown. */
  readonly filter?: string;
  /** False: secrets are kept as they are. Default true. */
  readonly redact?: boolean;
}

/** What is recorded, and was. Everything but the look at each exchange is done away from the event loop. */
export interface Recordings {
  /**
   * Begins to record under a name, or goes on with the recording that has it. Faults: RECORDING_RUNNING, USAGE for a name
   * that can't be one, STATE_LOCKED, STATE_BROKEN.
   */
  readonly start: (name: string, options?: RecordingStart) => Promise<Recording | Fault>;
  /** Ends a recording once all of it is written. Faults: RECORDING_UNKNOWN where none runs under that name. */
  readonly stop: (name: string) => Promise<Recording | Fault>;
  /** Ordered by their last start. */
  readonly list: () => Promise<Recording[] | Fault>;
  /** Takes a recording away, after it was stopped if it runs. Faults: RECORDING_UNKNOWN. */
  readonly remove: (name: string) => Promise<Recording | Fault>;
  /**
   * Its exchanges in the order in which they ended, up to `limit` (default 500) from where `next` of the last page said.
   * They stand on edges of their own, where nothing is under way. Faults: RECORDING_UNKNOWN.
   */
  readonly read: (
    name: string,
    options?: { after?: number; limit?: number },
  ) => Promise<{ exchanges: Exchange[]; next: number | null } | Fault>;
  /** Stops what runs and ends the thread. */
  readonly close: () => Promise<void>;
}

export interface RecordingsOptions {
  /** The state folder. */
  readonly folder: string;
  readonly recorder: Pick<Recorder, "listen">;
  /** Of a module that exports `withoutCredentials(exchange)`, a copy without secrets: the thread loads it. */
  readonly redactor: URL;
  /** Recording had to end (RECORDING_STOPPED, with the reason): called once, whatever fails after it. */
  readonly stopped: (fault: Fault) => void;
  /** Bytes; default 512 MiB. */
  readonly budget?: number;
  /** Bytes; default 64 MiB. */
  readonly queue?: number;
  /** ms; default 5,000. */
  readonly lockTimeout?: number;
}

interface State {
  readonly link: StoreLink;
  readonly recorder: RecordingsOptions["recorder"];
  readonly stopped: RecordingsOptions["stopped"];
  readonly running: Map<string, Feed>;
  /** Names whose start is under way. */
  readonly starting: Set<string>;
  /** Bytes that wait to be written, of all recordings together: they share one thread. */
  readonly load: { held: number; readonly most: number };
  /** Null while nothing is recorded. */
  unlisten: (() => void) | null;
}

/** Opens the recordings of a state folder. Nothing is read and no thread started before it's needed. */
export function openRecordings(options: RecordingsOptions): Recordings {
  const { folder, recorder, redactor, stopped } = options;
  const { budget = RECORDINGS_BUDGET, queue = QUEUE, lockTimeout = LOCK_TIMEOUT } = options;
  const running = new Map<string, Feed>();
  const link = linkStore({
    ...{ folder, budget, lockTimeout, redactor: redactor.href },
    busy: () => running.size > 0,
    died: (why) => giveUp(all, why),
  });
  const all: State = {
    ...{ link, recorder, stopped, running, unlisten: null },
    ...{ starting: new Set(), load: { held: 0, most: queue } },
  };
  return {
    start: (name, how) => start(all, name, how),
    stop: (name) => stop(all, name),
    list: () => list(all),
    remove: async (name) => {
      if (running.has(name)) await stop(all, name);
      const info = await link.call("remove", [name]);
      return isFault(info) ? info : shown(all, info);
    },
    read: async (name, { after = 0, limit = PAGE } = {}) => {
      const page = await link.call("read", [name, after, limit]);
      if (isFault(page)) return page;
      const read = rowReader();
      const exchanges = [...split(page)].map(([text, bytes]) => read(text, bytes));
      return { exchanges, next: page.next };
    },
    close: async () => {
      await Promise.all([...running.keys()].map((name) => stop(all, name)));
      await link.close();
    },
  };
}

async function start(
  all: State,
  name: string,
  { matches = () => true, filter = "", redact = true }: RecordingStart = {},
): Promise<Recording | Fault> {
  const { link, load, running, starting } = all;
  const wrong = nameFault(name);
  if (wrong !== null) return wrong;
  if (running.has(name) || starting.has(name))
    return fault("RECORDING_RUNNING", `${name} is being recorded already`, "stop it first, or take another name");
  starting.add(name);
  const begun = await link.call("start", [name, filter, spanIdOf(0), Date.now()]);
  starting.delete(name);
  if (isFault(begun)) return begun;
  running.set(name, openFeed({ ...begun, matches, redact, load, link, failed: (why) => giveUp(all, why) }));
  all.unlisten ??= all.recorder.listen({ ended: (exchange) => takeIn(all, exchange) });
  const infos = await list(all);
  if (isFault(infos)) return infos;
  return infos.find((one) => one.name === name) ?? fault("RECORDING_UNKNOWN", `recording ${name} is gone`);
}

function takeIn(all: State, exchange: Exchange): void {
  for (const feed of all.running.values()) {
    try {
      feed.take(exchange);
    } catch (error) {
      // Any error: it must not reach the door.
      giveUp(all, fault("INTERNAL", error instanceof Error ? error.message : String(error)));
    }
  }
}

async function stop(all: State, name: string): Promise<Recording | Fault> {
  const { link, running } = all;
  const feed = running.get(name);
  if (feed === undefined) {
    const hint = running.size === 0 ? "no recording runs" : `these run: ${[...running.keys()].join(", ")}`;
    return fault("RECORDING_UNKNOWN", `nothing is recorded under ${name}`, hint);
  }
  feed.close();
  await feed.written();
  // It may have been given up meanwhile.
  if (running.get(name) !== feed)
    return fault("RECORDING_STOPPED", `recording ${name} was ended before all was written`);
  forget(all, name);
  const info = await link.call("stop", [feed.id, Date.now(), feed.dropped()]);
  return isFault(info) ? info : shown(all, info);
}

async function list(all: State): Promise<Recording[] | Fault> {
  const infos = await all.link.call("list", []);
  return isFault(infos) ? infos : infos.map((info) => shown(all, info));
}

function shown({ running }: State, info: RecordingInfo): Recording {
  const feed = running.get(info.name);
  return { ...info, running: feed !== undefined, dropped: info.dropped + (feed?.dropped() ?? 0) };
}

function forget(all: State, name: string): void {
  all.running.delete(name);
  if (all.running.size > 0) return;
  all.unlisten?.();
  all.unlisten = null;
}

/** Ends all recordings, since they share one file and one thread, with one warning. */
function giveUp(all: State, why: Fault): void {
  const { link, running } = all;
  if (running.size === 0) return;
  const names = [...running.keys()];
  let lost = 0;
  for (const [name, feed] of running) {
    forget(all, name);
    lost += feed.abandon();
    // As far as the file still takes it.
    if (why.fault !== "RECORDING_STOPPED") void link.call("stop", [feed.id, Date.now(), feed.dropped() + lost]);
  }
  const what = names.length === 1 ? `recording ${names[0]} was` : `recordings ${names.join(", ")} were`;
  const rest = lost === 0 ? "" : `; ${lost} exchanges could not be written`;
  const next = `${why.hint === undefined ? "" : `${why.hint}; then `}start it again: it continues where it ended`;
  const facts = { recordings: names, lost, cause: why.fault };
  all.stopped(fault("RECORDING_STOPPED", `${what} ended: ${why.message}${rest}`, next, facts));
}
