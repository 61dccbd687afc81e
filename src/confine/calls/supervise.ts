import { closeSync, readSync, writeSync } from "node:fs";
import * as kernel from "../system-calls.ts";
import { type Judgement, judgeBind, originOf, type Rules } from "./bind-verdict.ts";
import {
  ANSWER_SIZE,
  NOTIFICATION_SIZE,
  type Notification,
  RECEIVE,
  readNotification,
  SEND,
  STILL_WAITS,
  writeAnswer,
} from "./notification.ts";
import { trapped } from "./seccomp-filter.ts";

/** What a judgement did, with the caller's session and its ancestors. */
export type News = Pick<Judgement, "turn" | "alone"> & { readonly origin: readonly number[] };

export interface SuperviseOptions {
  /** The filter's notify descriptor; closed at the end, from when on the kernel refuses binds by itself. */
  readonly notify: number;
  readonly rules: Rules;
  readonly told: (news: News) => void;
  /** Nothing is answered any more. */
  readonly ended: () => void;
}

/** Answers the calls of all services of this process. */
export interface Supervision {
  /** A service is about to start: from now on its calls are answered at once, and this process stays. */
  readonly enter: () => void;
  /** One has ended. After the last one, calls of what it left behind are answered late, and this process may end. */
  readonly leave: () => void;
}

const { EACCES = 13, EINTR = 4 } = kernel.ERRNO;
const POLLIN = 1;
const EFD_CLOEXEC = 0o2000000;
/** A wait for calls is renewed after this, ms: a safety net should nobody end it at the process's end. */
const LONGEST_WAIT = 10_000;
/** Between looks for calls while no service runs, ms. */
const IDLE_PAUSE = 250;
const ONE = Buffer.from(BigUint64Array.of(1n).buffer);

interface State extends SuperviseOptions {
  readonly calls: ReturnType<typeof trapped>;
  /** Written to, it ends the wait. */
  readonly wake: number;
  /** Two `struct pollfd`: notify, wake (poll(2)). */
  readonly waiting: Buffer;
  readonly received: Buffer;
  readonly answer: Buffer;
  /** Services that run. */
  services: number;
  /** A wait is under way, on a thread of Node's pool. */
  waits: boolean;
  over: boolean;
  idle: NodeJS.Timeout | undefined;
}

/**
 * It waits on a thread of Node's pool, which was there before the filter, and judges on this thread, which must not have
 * the filter either: what it judged would wait for itself.
 */
export function supervise(options: SuperviseOptions): Supervision {
  const wake = kernel.eventfd(0, EFD_CLOEXEC);
  const waiting = Buffer.alloc(16);
  waiting.writeInt32LE(options.notify, 0);
  waiting.writeInt16LE(POLLIN, 4);
  waiting.writeInt32LE(wake, 8);
  waiting.writeInt16LE(POLLIN, 12);
  const state: State = {
    ...options,
    ...{ calls: trapped(process.arch), wake, waiting },
    ...{ received: Buffer.alloc(NOTIFICATION_SIZE), answer: Buffer.alloc(ANSWER_SIZE) },
    ...{ services: 0, waits: false, over: false, idle: undefined },
  };
  // Node's end waits for its pool.
  process.once("exit", () => endWait(state));
  return {
    enter: () => {
      state.services++;
      clearInterval(state.idle);
      wait(state);
    },
    leave: () => {
      state.services--;
      if (state.services === 0) endWait(state);
    },
  };
}

function wait(state: State): void {
  if (state.waits || state.over) return;
  state.waits = true;
  kernel.pollAsync(state.waiting, 2, LONGEST_WAIT, (error: unknown) => {
    state.waits = false;
    const goesOn = error === null && answerWaiting(state);
    if (!goesOn) end(state);
    else if (state.services > 0) wait(state);
    else lookNowAndThen(state);
  });
}

function endWait({ waits, wake }: State): void {
  if (waits) writeSync(wake, ONE);
}

function lookNowAndThen(state: State): void {
  clearInterval(state.idle);
  state.idle = setInterval(() => {
    if (!answerWaiting(state)) end(state);
  }, IDLE_PAUSE).unref();
}

function end(state: State): void {
  state.over = true;
  clearInterval(state.idle);
  closeSync(state.notify);
  closeSync(state.wake);
  state.ended();
}

/** Answers all calls that wait. False: nobody is left under the filter, not even the thread that starts services. */
function answerWaiting(state: State): boolean {
  for (;;) {
    const { waiting } = state;
    waiting.writeInt16LE(0, 6);
    waiting.writeInt16LE(0, 14);
    if (kernel.poll(waiting, 2, 0) === -1 && kernel.errno() !== EINTR) return false;
    if (waiting.readInt16LE(14) !== 0) readSync(state.wake, Buffer.alloc(8));
    const events = waiting.readInt16LE(6);
    if (events === 0) return true;
    if ((events & POLLIN) === 0) return false;
    answerOne(state);
  }
}

function answerOne(state: State): void {
  const { notify, received, answer, told } = state;
  received.fill(0);
  // ENOENT: the caller has gone by now.
  if (kernel.ioctl(notify, RECEIVE, received) === -1) return;
  const notification = readNotification(received);
  const stillWaits = () => kernel.ioctl(notify, STILL_WAITS, received.subarray(0, 8)) === 0;
  const outcome = judgeSafely(state, notification, stillWaits);
  if (outcome === null) return;
  const { answer: given, ...news } = outcome;
  const worthTelling = news.turn !== undefined || news.alone !== undefined;
  const origin = worthTelling ? originOf(notification.thread) : [];
  writeAnswer(answer, notification.id, given);
  kernel.ioctl(notify, SEND, answer);
  if (worthTelling) told({ ...news, origin });
}

function judgeSafely({ calls, rules }: State, notification: Notification, stillWaits: () => boolean): Judgement | null {
  try {
    return judgeBind(notification, notification.call === calls?.bind ? "bind" : "listen", rules, stillWaits);
  } catch {
    return { answer: { error: EACCES } };
  }
}
