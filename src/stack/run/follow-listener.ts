import type { Address } from "../../address/address.ts";
import { formatAddress } from "../../address/parse.ts";
import { sleep } from "../../async/sleep.ts";
import { type Fault, fault } from "../../fault/fault.ts";
import { machine } from "../../machine/machine.ts";
import type { Family } from "../process/process-family.ts";
import { type Choice, choosePlace } from "./choose-place.ts";
import { describePlace, type Place, placesOf } from "./listening-places.ts";
import { askPlace, type PlaceAnswer } from "./place-answer.ts";
import { note, noteOnce, type Supervised } from "./supervised.ts";

/** Between looks, ms. Linux alone is asked without starting a program. */
const PAUSE = process.platform === "linux" ? { unready: 250, ready: 1_000 } : { unready: 1_000, ready: 3_000 };
/** While no port of this machine comes or goes, one look in so many is made all the same. */
const THOROUGH = 8;
/** A choice must stay the same for this long, ms: the service's real port may come after a helper's. */
const SETTLE = { answered: 750, silent: 2_500, question: 2_000 };
/**
 * A place must be there for this long before it is asked, ms: a program that tries ports opens each for a moment, and an
 * open connection would hold it up.
 */
const ASK_AFTER = 400;
/** A place that didn't answer is asked again so many times. */
const ASK_AGAIN = 4;

/** Where a service is reached, as its processes move. */
export interface Following {
  readonly at: () => Address;
  /** Why it can't be said where the service is; null: it can, or there is nothing to say yet. */
  readonly doubt: () => Fault | null;
}

interface State {
  readonly one: Supervised;
  readonly family: Family;
  readonly signal: AbortSignal;
  /** What places answered, by {@link keyOf}. */
  readonly answers: Map<string, { readonly answer: PlaceAnswer; readonly asked: number }>;
  /** When each place was first seen, by {@link keyOf}, performance.now(). */
  seen: ReadonlyMap<string, number>;
  /** The choice of the last looks, since when it is the same, performance.now(), and whether it was taken over. */
  choice: { readonly key: string; readonly since: number; taken: boolean };
  doubt: Fault | null;
  ports: ReadonlySet<number>;
  looks: number;
}

/**
 * Looks for where a service's processes listen until `signal` aborts: where its own address stays silent, it is followed
 * to what {@link choosePlace} chooses, and from there to wherever it moves.
 */
export function followListener(one: Supervised, family: Family, signal: AbortSignal): Following {
  const state: State = {
    ...{
      one,
      family,
      signal,
      answers: new Map(),
      seen: new Map(),
      choice: { key: "", since: 0, taken: true },
      doubt: null,
      ports: new Set(),
      looks: 0,
    },
  };
  void keepLooking(state);
  return { at: () => one.followed ?? one.service.address, doubt: () => state.doubt };
}

async function keepLooking(state: State): Promise<void> {
  const { one, signal } = state;
  while (!signal.aborted) {
    await sleep(one.status.state === "ready" ? PAUSE.ready : PAUSE.unready, signal);
    if (signal.aborted) return;
    try {
      if (mayHaveMoved(state)) await look(state);
    } catch (error) {
      // The processes came and went while they were looked at.
      noteOnce(
        one,
        `where it listens couldn't be looked up: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}

/** Costs one read of the kernel's table; a look at all processes is made only where this is true. */
function mayHaveMoved(state: State): boolean {
  const { one, ports: before } = state;
  const own = one.service.address;
  const now = machine.listeningPorts();
  const same = now.size === before.size && [...now].every((port) => before.has(port));
  state.ports = now;
  state.looks++;
  const thorough = state.looks % THOROUGH === 0;
  const reached = now.has((one.followed ?? own).port);
  if (one.status.state !== "ready" || !reached || !state.choice.taken) return !same || thorough || !state.choice.taken;
  // Followed, it may have opened a better place since, or its own, which may be somebody else's as well.
  return one.followed !== null && (!same || (thorough && now.has(own.port)));
}

async function look(state: State): Promise<void> {
  const { one, family, signal } = state;
  const { address: own, kind, options, fixedPort = false } = one.service;
  const places = placesOf(family);
  const onlyPort = fixedPort || kind.port === undefined ? own.port : null;
  const choose = (answerOf: (place: Place) => PlaceAnswer): Choice =>
    choosePlace(places, { own, onlyPort, http: kind.protocol(options) === "http", answerOf });
  // Nobody is asked where its own address is taken.
  const asked = choose(() => "page").is === "own" ? [] : places;
  const now = performance.now();
  state.seen = new Map(places.map((place) => [keyOf(place), state.seen.get(keyOf(place)) ?? now]));
  await Promise.all(asked.map((place) => ask(state, place)));
  // Before all have been asked, the first one that was would win.
  const unasked = asked.some((place) => !state.answers.has(keyOf(place)));
  if (unasked) state.choice = { key: "", since: now, taken: false };
  if (signal.aborted || unasked) return;
  settle(
    state,
    places,
    choose((place) => state.answers.get(keyOf(place))?.answer ?? "other"),
  );
}

async function ask({ answers, seen, signal }: State, place: Place): Promise<void> {
  const key = keyOf(place);
  if (performance.now() - (seen.get(key) ?? 0) < ASK_AFTER) return;
  const known = answers.get(key);
  if (known !== undefined && (known.answer !== "other" || known.asked >= ASK_AGAIN)) return;
  const answer = await askPlace(place, signal);
  answers.set(key, { answer, asked: (known?.asked ?? 0) + 1 });
}

/** Takes a choice over once it has stayed the same for long enough. */
function settle(state: State, places: readonly Place[], choice: Choice): void {
  const { one } = state;
  const key = choice.is === "elsewhere" ? `elsewhere ${keyOf(choice.place)}` : `${choice.is} ${places.map(keyOf)}`;
  const now = performance.now();
  if (state.choice.key !== key) state.choice = { key, since: now, taken: false };
  if (state.choice.taken || now - state.choice.since < settleTime(choice)) return;
  state.choice.taken = true;
  if (choice.is !== "none" && !one.serves) {
    one.serves = true;
    one.deps.moved();
  }
  state.doubt = choice.is === "own" || choice.is === "elsewhere" ? null : question(one, choice, places);
  if (choice.is === "elsewhere") follow(one, choice, places);
  else if (choice.is === "own" && one.followed !== null) moveTo(one, null);
}

function settleTime(choice: Choice): number {
  if (choice.is === "own") return 0;
  if (choice.is !== "elsewhere") return SETTLE.question;
  return choice.answered ? SETTLE.answered : SETTLE.silent;
}

function follow(
  one: Supervised,
  { place, sure }: Extract<Choice, { is: "elsewhere" }>,
  places: readonly Place[],
): void {
  const to = place.reach;
  const before = one.followed;
  if (to === null || (before?.host === to.host && before.port === to.port)) return;
  const others = places.filter((other) => other !== place);
  const listed = others.map(describePlace).join(" and ");
  const other = others[0] === undefined ? "" : saidPort(one, others[0]);
  const guess = sure ? "" : `; a guess, since it also listens on ${listed}: for that, say port: ${other}`;
  const from = formatAddress(before ?? one.service.address);
  const said = one.deps.chosenFor(to.port);
  const how =
    said === null
      ? `listens on ${formatAddress(to)} instead of ${from}: followed there`
      : `its code listens on ${said}, which is ${formatAddress(to)} in truth`;
  moveTo(one, to, `${how}${guess}`);
}

function moveTo(one: Supervised, to: Address | null, text?: string): void {
  one.followed = to;
  one.deps.moved();
  if (text !== undefined) noteOnce(one, text);
  else note(one, `listens on ${formatAddress(one.service.address)} now, as it was told to`);
}

/** The port of a place as its code says it, and as the config may: with that it is real. */
const saidPort = (one: Supervised, { port }: Place): number => one.deps.chosenFor(port) ?? port;

/** What to ask the user where nothing, or more than one, came into question. */
function question(one: Supervised, choice: Choice, places: readonly Place[]): Fault | null {
  const { name, address, fixedPort = false } = one.service;
  const shown = choice.is === "several" ? choice.places : places;
  const [first] = shown;
  if (first === undefined) return null;
  const detail = {
    wanted: address,
    listens: shown.map(({ reach, listeners }) => reach ?? listeners[0]?.address),
    pids: [...new Set(shown.flatMap(({ listeners }) => listeners.flatMap(({ pids }) => pids)))],
  };
  const listed = shown.map(describePlace).join(" and ");
  const message = `it listens on ${listed}, not on ${formatAddress(address)}`;
  if (fixedPort) {
    return fault(
      "NOT_READY",
      message,
      `let it listen on ${address.port}, or say the port that it has: port: ${saidPort(one, first)}`,
      detail,
    );
  }
  if (choice.is === "several") {
    const said = Math.min(...shown.map((place) => saidPort(one, place)));
    const hint = `say which one is meant: port: ${said} for ${name} in the config, or cove run --port ${said}`;
    return fault("NOT_READY", message, hint, detail);
  }
  return fault("NOT_READY", `${message}, and that looks like no server of its own`, NOT_A_SERVER, detail);
}

const NOT_A_SERVER = "let it listen on the port in PORT, or say the port that it has: port: 3000";

const keyOf = ({ port, reach, listeners }: Place): string =>
  `${reach?.host} ${port} ${listeners.flatMap(({ pids }) => pids).join()}`;
