import type { Address } from "../../address/address.ts";
import { formatAddress } from "../../address/parse.ts";
import { type Fault, fault } from "../../fault/fault.ts";
import { machine } from "../../machine/machine.ts";
import type { Family } from "../process/process-family.ts";
import { note, type Supervised, setState } from "./supervised.ts";

/**
 * A process that runs is no server that answers: what nodemon, tsx or air started may have died while they wait for the
 * next change. So a ready service is watched, and once nothing listens at its address any more it isn't ready.
 */
export interface Answering {
  /** Called every half second with the ports that something on this machine listens on. */
  readonly look: (listening: ReadonlySet<number>) => void;
}

/** Looks in a row that must find nothing: a server that restarts inside its process is mostly back before. */
const MISSES = 2;
/** A new server in place of one that ended is started within this time, ms; after it nothing seems to come. */
const SETTLE_TIME = 3_000;
/** A process that was started after the old server's end and never listens isn't the new server, ms. */
const START_TIME = 60_000;

interface Watch {
  readonly one: Supervised;
  readonly family: Family;
  /** Probes it as at its start: null once it answers. */
  readonly probe: () => Promise<Fault | null>;
  readonly signal: AbortSignal;
  /** Something has listened at its address since it was ready. */
  listened: boolean;
  /** Looks in a row that found nothing. */
  misses: number;
  /** When the present state of waiting began, `performance.now()`. */
  since: number;
  /** Its processes when that began: a new one among them may be the server on its way. */
  before: ReadonlySet<number>;
  probing: boolean;
  /** Its log says that it doesn't answer. */
  told: boolean;
}

/** Where it is expected to listen: followed elsewhere, or at its own address. */
const placeOf = ({ followed, service }: Supervised): Address => followed ?? service.address;

/** Watches a service from when it is ready; `signal` ends that. `probe` gets no end of its own: `signal` is its, too. */
export function watchAnswers(
  one: Supervised,
  family: Family,
  probe: () => Promise<Fault | null>,
  signal: AbortSignal,
): Answering {
  const before = family.members();
  // What was probed well but can't be seen to listen (a port that an engine forwards in the kernel) isn't watched.
  const listened = machine.listeningPorts().has(placeOf(one).port);
  const watch: Watch = {
    one,
    family,
    probe,
    signal,
    listened,
    misses: 0,
    since: 0,
    before,
    probing: false,
    told: false,
  };
  return { look: (listening) => look(watch, listening.has(placeOf(one).port)) };
}

function look(watch: Watch, listens: boolean): void {
  const { one, signal } = watch;
  if (signal.aborted) return;
  const { state } = one.status;
  if (state === "ready") {
    watch.listened ||= listens;
    watch.misses = listens ? 0 : watch.misses + 1;
    if (watch.listened && watch.misses >= MISSES) becomeRestarting(watch);
  } else if (state === "restarting" || state === "unready") {
    if (listens) void regain(watch);
    else if (state === "restarting") giveUpWhenDue(watch);
    else if (startsSomething(watch)) becomeRestarting(watch);
  }
}

function becomeRestarting(watch: Watch): void {
  watch.since = performance.now();
  setState(watch.one, "restarting", { readyAt: null, cause: nothingAnswers(watch) });
}

function giveUpWhenDue(watch: Watch): void {
  const { one, family, since } = watch;
  const limit = startsSomething(watch) ? START_TIME : SETTLE_TIME;
  if (performance.now() - since < limit) return;
  watch.before = family.members();
  const cause = nothingAnswers(watch);
  watch.told = true;
  note(one, `${cause.message}; ${cause.hint}`);
  setState(one, "unready", { readyAt: null, cause });
}

/** Whether there is a process that wasn't there before. */
function startsSomething({ family, before }: Watch): boolean {
  return [...family.members()].some((pid) => !before.has(pid));
}

/** Something listens again: is it the service, and does it answer? */
async function regain(watch: Watch): Promise<void> {
  const { one, family, probe, signal } = watch;
  if (watch.probing) return;
  watch.probing = true;
  const cause = await probe();
  watch.probing = false;
  if (signal.aborted) return;
  if (cause !== null) {
    setState(one, "unready", { readyAt: null, cause });
    return;
  }
  if (watch.told) note(one, `answers again at ${formatAddress(placeOf(one))}`);
  watch.told = false;
  // It has just answered, though it may be gone by the next look.
  watch.listened = true;
  watch.before = family.members();
  watch.misses = 0;
  family.look();
  setState(one, "ready", { readyAt: Date.now(), cause: one.exposure });
}

function nothingAnswers({ one }: Watch): Fault {
  const { name, kind, options } = one.service;
  const address = placeOf(one);
  return fault(
    "NOT_READY",
    `nothing listens at ${formatAddress(address)} any more, though ${kind.label(options)} (pid ${one.process?.identity?.pid}) runs`,
    `a watcher waits for the next change of a file; see its log: cove logs ${name}, or: cove restart ${name}`,
    { address },
  );
}
