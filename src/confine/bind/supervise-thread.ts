import { isMainThread, type MessagePort, parentPort } from "node:worker_threads";
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

/** What this thread is given once there is a filter. */
export interface Supervised {
  /** The filter's notify descriptor. */
  readonly notify: number;
  readonly rules: Rules;
}

/** Its messages: first the descriptor that ends it, then each redirect and who made the call. */
export type Told =
  | { readonly wake: number }
  /** `origin`: the caller's session and its ancestors. */
  | (Pick<Judgement, "turn" | "alone"> & { readonly origin: readonly number[] });

const { EACCES = 13, EINTR = 4 } = kernel.ERRNO;
const POLLIN = 1;
const EFD_CLOEXEC = 0o2000000;
/** Wakes up this often in case nobody ended it, ms. */
const LONGEST_SLEEP = 1_000;

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  port.once("message", (given: Supervised) => supervise(given, port));
}

/**
 * Answers the calls of all services of this process. It blocks between them, which is why it has a thread of its own; it
 * must never bind or listen on a thread with the filter.
 */
function supervise({ notify, rules }: Supervised, port: MessagePort): void {
  const calls = trapped(process.arch);
  const wake = kernel.eventfd(0, EFD_CLOEXEC);
  const tell = (what: Told) => port.postMessage(what);
  tell({ wake });
  const waiting = Buffer.alloc(16);
  waiting.writeInt32LE(notify, 0);
  waiting.writeInt16LE(POLLIN, 4);
  waiting.writeInt32LE(wake, 8);
  waiting.writeInt16LE(POLLIN, 12);
  const received = Buffer.alloc(NOTIFICATION_SIZE);
  const answer = Buffer.alloc(ANSWER_SIZE);

  function once(): void {
    received.fill(0);
    // ENOENT: the caller has gone by now.
    if (kernel.ioctl(notify, RECEIVE, received) === -1) return;
    const notification = readNotification(received);
    const stillWaits = () => kernel.ioctl(notify, STILL_WAITS, received.subarray(0, 8)) === 0;
    const outcome = judgeSafely(notification, stillWaits);
    if (outcome === null) return;
    const { answer: given, ...news } = outcome;
    const worthTelling = news.turn !== undefined || news.alone !== undefined;
    const origin = worthTelling ? originOf(notification.thread) : [];
    writeAnswer(answer, notification.id, given);
    kernel.ioctl(notify, SEND, answer);
    if (worthTelling) tell({ ...news, origin });
  }

  function judgeSafely(notification: Notification, stillWaits: () => boolean): Judgement | null {
    try {
      return judgeBind(notification, notification.call === calls?.bind ? "bind" : "listen", rules, stillWaits);
    } catch {
      return { answer: { error: EACCES } };
    }
  }

  for (;;) {
    waiting.writeInt16LE(0, 6);
    waiting.writeInt16LE(0, 14);
    const ready = kernel.poll(waiting, 2, LONGEST_SLEEP);
    if (ready === -1 && kernel.errno() !== EINTR) break;
    if (waiting.readInt16LE(14) !== 0) break;
    const events = waiting.readInt16LE(6);
    if ((events & POLLIN) !== 0) once();
    // Nobody is left under the filter, not even the thread that starts services.
    else if (events !== 0) break;
  }
}
