import { stripVTControlCharacters } from "node:util";
import type { Address } from "../../address/address.ts";
import { formatAddress } from "../../address/parse.ts";
import { sleep } from "../../async/sleep.ts";
import type { Upstream } from "../../door/upstream/upstream.ts";
import { type Fault, fault } from "../../fault/fault.ts";
import { holderAt, listenersAt } from "../../machine/holder-at.ts";
import { describeHolder } from "../../machine/machine.ts";
import type { Holder } from "../../machine/systems/system.ts";
import type { ReadyProbe } from "../../services/kind/kind.ts";
import { compilePattern } from "../../text/pattern.ts";
import type { Family } from "../process/process-family.ts";
import { accepts, answers, exitsWell, type ProbeResult } from "./probes.ts";
import type { OnText } from "./supervised.ts";

/** Short at first, so that a service that starts in 100 ms is ready in 100 ms; longer later, so that probes cause little load. */
const PAUSE = { first: 25, factor: 1.5, longest: 2_000 };
/** A line without its end for this long is all that is to be seen for now, ms. */
const UNFINISHED_TIME = 100;
/** The longest that one probe may take, ms. */
const PROBE_TIME = 5_000;
/** Another process on the port gets this long to end, and the service to fail with its own message or to take another port, ms. */
const STRANGER_TIME = 5_000;
/** By then a bad answer is told, ms. */
const SUSPECT_TIME = 3_000;

export interface ProbeTarget {
  readonly address: Address;
  /** Where to probe it at this moment: its address, where it listens instead, or its box's inlet. */
  readonly at: () => Upstream;
  /** What stands before a probe's command, so that it runs where the service is. */
  readonly beside: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** The processes started for the service; null for `external`. */
  readonly family: Family | null;
  /** Calls back for each line of this run, those so far included, and for what isn't one yet; returns the end of it. */
  readonly lines: (onLine: OnText) => () => void;
  /** Why it can't be said where it listens; null: it can, or there is nothing to say. */
  readonly doubt: () => Fault | null;
  /** Called for each new doubt, or once if it answers something else; the wait goes on. */
  readonly suspect: (cause: Fault) => void;
  /** Called once if it runs, but isn't ready in time: it is left running, and the wait goes on. Null: nothing runs. */
  readonly late: ((cause: Fault) => void) | null;
}

/**
 * Waits until a service is ready: null. A fault (NOT_READY, PORT_TAKEN) means it never will be; one that runs is told
 * to {@link ProbeTarget.late} instead, since it may become ready yet. `signal` ends the wait with null. `timeout` in ms. A
 * probe of type `exit` is the caller's to wait for.
 */
export async function whenReady(
  probe: ReadyProbe,
  target: ProbeTarget,
  timeout: number,
  signal: AbortSignal,
): Promise<Fault | null> {
  if (probe.type === "none" || probe.type === "exit") return null;
  if (probe.type === "log") return await lineSeen(probe.pattern, target, timeout, signal);
  const began = performance.now();
  let strangerSince: number | null = null;
  /** What it had got when it was late; null: it isn't yet. */
  let late: string | null = null;
  let doubt: Fault | null = null;
  for (let pause = PAUSE.first; !signal.aborted; pause = Math.min(pause * PAUSE.factor, PAUSE.longest)) {
    const got = await tryOnce(probe, target, signal);
    if (signal.aborted) return null;
    const answered = got === null;
    const now = performance.now();
    const stranger = answered ? strangerAt(target) : null;
    if (answered && stranger === null) return null;
    strangerSince = stranger === null ? null : (strangerSince ?? now);
    const held = stranger !== null && now - (strangerSince ?? now) >= STRANGER_TIME ? stranger : null;
    const left = late === null ? began + timeout - now : PAUSE.longest;
    if (late === null && (held !== null || left <= 0)) {
      const cause = held === null ? tooSlow(probe, target, timeout, got ?? "") : taken(target.address, held);
      if (target.late === null) return cause;
      late = got ?? "";
      target.late(cause);
    }
    // Of one that is late, what it says by now counts: it may not have listened when that was told.
    const isTold = now - began > SUSPECT_TIME || (late !== null && got !== late);
    const doubts = target.doubt() ?? (isTold ? soFar(probe, got ?? "", late) : null);
    if (doubts !== null && doubts.message !== doubt?.message) target.suspect(doubts);
    doubt = doubts;
    await sleep(Math.max(0, Math.min(pause, left)), signal);
  }
  return null;
}

function tryOnce(probe: ReadyProbe, target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
  const { beside, cwd, env } = target;
  const at = target.at();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIME)]);
  if (probe.type === "http") return answers(at, probe.path, probe.status, limit);
  if (probe.type === "command") return exitsWell(probe.command, { beside, cwd, env }, limit);
  return accepts(at, limit);
}

function lineSeen(pattern: string, target: ProbeTarget, timeout: number, signal: AbortSignal): Promise<Fault | null> {
  const wanted = compilePattern(pattern);
  // The config's check refuses it before.
  if (typeof wanted === "string") {
    return Promise.resolve(fault("CONFIG_INVALID", `ready.log ${wanted}`, "fix the pattern", { pattern }));
  }
  return new Promise((resolve) => {
    let pause: NodeJS.Timeout | undefined;
    const done = (outcome: Fault | null) => {
      clearTimeout(timer);
      clearTimeout(pause);
      signal.removeEventListener("abort", aborted);
      // Later, since a line of the past calls back before the end of it is known.
      queueMicrotask(() => off());
      resolve(outcome);
    };
    const aborted = () => done(null);
    const late = () => {
      const message = `no line of its log matched /${pattern}/ within ${timeout / 1000} s`;
      const cause = fault("NOT_READY", message, "check the pattern, or give it more time: readyTimeout", { pattern });
      if (target.late === null) done(cause);
      else target.late(cause);
    };
    const timer = setTimeout(late, timeout);
    signal.addEventListener("abort", aborted);
    const test = (text: string) => {
      if (wanted.matches(stripVTControlCharacters(text))) done(null);
    };
    // The beginning of a line counts only where nothing follows: a prompt, not a line that came in two reads.
    const off = target.lines((text, whole) => {
      clearTimeout(pause);
      if (whole) test(text);
      else pause = setTimeout(test, UNFINISHED_TIME, text);
    });
    if (signal.aborted) done(null);
  });
}

/** Ports published for containers are held by helpers of the engine, which are not children of the process that asked for them. */
const ENGINE_HELPER =
  /(^|\/)(docker-proxy|com\.docker\.\S+|rootlesskit|rootlessport|slirp4netns|pasta|conmon|gvproxy)\b/;

/** The port answers, but it is certainly someone else who does. */
function strangerAt({ address, at, family }: ProbeTarget): Holder | null {
  // Where it was followed to is its own.
  if (family === null || at() !== address) return null;
  const owners = listenersAt(address).map(({ pid }) => pid);
  if (owners.length === 0 || owners.includes(null)) return null;
  const members = family.members();
  if (owners.some((owner) => owner !== null && members.has(owner))) return null;
  const holder = holderAt(address);
  return holder === null || ENGINE_HELPER.test(holder.command ?? "") ? null : holder;
}

function taken({ port }: Address, holder: Holder): Fault {
  return fault(
    "PORT_TAKEN",
    `port ${port} is held by ${describeHolder(holder)}, not by this service`,
    "end that process, then: cove restart",
    { port, holder },
  );
}

/**
 * What a probe got so far that isn't what makes it ready: null where that is nothing, or a command's, which says no by design
 * until it is `late`, and is told then if it is something new.
 */
function soFar(probe: ReadyProbe, got: string, late: string | null): Fault | null {
  if (got === "") return null;
  if (probe.type === "command" && late !== null && got !== late) {
    return fault("NOT_READY", `\`${probe.command}\` ${got}`, "see its log: cove logs");
  }
  if (probe.type !== "http") return null;
  return fault("NOT_READY", `GET ${probe.path} ${got}, not ${wantedStatus(probe)}`, WHEN_IT_IS_FINE);
}

const WHEN_IT_IS_FINE = "if that is its way to be ready, say so: ready: { http: path, status }; see its log: cove logs";

function wantedStatus({ status }: ReadyProbe & { type: "http" }): string {
  return status === undefined ? "a status below 400" : String(status);
}

function tooSlow(probe: ReadyProbe, target: ProbeTarget, timeout: number, got: string): Fault {
  const doubt = target.doubt();
  if (doubt !== null) return doubt;
  const { address } = target;
  const what =
    probe.type === "http"
      ? got === ""
        ? `GET ${probe.path} at ${formatAddress(address)} had no answer`
        : `GET ${probe.path} at ${formatAddress(address)} ${got}${got.startsWith("answered ") ? `, not ${wantedStatus(probe)},` : ""}`
      : probe.type === "command"
        ? `\`${probe.command}\` ${got === "" ? "did not succeed" : `${got},`}`
        : `nothing answered at ${formatAddress(address)}`;
  return fault(
    "NOT_READY",
    `${what} within ${timeout / 1000} s`,
    "see its log: cove logs; more time: readyTimeout; no port at all: ready: none",
    { address },
  );
}
