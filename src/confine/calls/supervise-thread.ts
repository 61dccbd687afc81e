import { readSync } from "node:fs";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import * as kernel from "../system-calls.ts";
import { type Judgement, judgeBind } from "./bind-verdict.ts";
import { type Callers, callersOf } from "./callers.ts";
import { judgeConnect } from "./connect-verdict.ts";
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
import { type Route, type RouteTable, routeTable } from "./routes.ts";
import { trapped } from "./seccomp-filter.ts";
import { type PortPlan, portInstead } from "./virtual-ports.ts";

/** What the thread starts with. */
export interface SuperviseData {
  /** Set to 1 when it makes no system calls any more. */
  readonly left: Int32Array;
  /** The filter's notify descriptor. The thread's parent closes it, once the thread has ended. */
  readonly notify: number;
  /** An eventfd: written to, it tells of an order. */
  readonly wake: number;
  /** See the rules for binds. */
  readonly repeats: boolean;
}

/** What the thread is told, in order: before its next answer. */
export type Order =
  /** A start of a service, by its mark, and where its connects are led; null: it has ended. */
  | {
      readonly type: "routes";
      readonly run: string;
      readonly routes: readonly Route[] | null;
      /** Null: it binds the ports that it says. */
      readonly ports: PortPlan | null;
    }
  /** Whoever had `::1` at this port for a service has given it up. */
  | { readonly type: "free"; readonly port: number }
  | { readonly type: "end" };

/** What the thread tells. */
export type News =
  | ({ readonly type: "bind"; readonly run: string | null } & Pick<Judgement, "turn" | "alone">)
  /** A service is about to take `::1` at this port: `free` answers. */
  | { readonly type: "takes"; readonly port: number }
  /** A service is about to bind a port of its own choosing: new ports answer. */
  | { readonly type: "chosen"; readonly run: string; readonly port: number }
  /** A service wants to reach another one to which no way leads yet: new routes answer. */
  | { readonly type: "wanted"; readonly run: string; readonly service: string };

const { EACCES = 13, EINTR = 4 } = kernel.ERRNO;
const POLLIN = 1;
/** A wait is renewed after this, ms: handles on processes that have ended are closed then. */
const LONGEST_WAIT = 10_000;
/**
 * How long a call may have to wait for this process, ms, and how many calls may. A connect goes on without an edge; a bind
 * would be another port's for as long as its service runs, and nobody minds when a server begins.
 */
const PATIENCE = { connect: 300, bind: 10_000, calls: 64 };

/** A call that is to be judged again. */
interface Held {
  readonly notification: Notification;
  /** performance.now(); then it is judged as it is. */
  readonly until: number;
}

interface State {
  readonly data: SuperviseData;
  readonly calls: ReturnType<typeof trapped>;
  readonly callers: Callers;
  /** By mark. */
  readonly tables: Map<string, RouteTable>;
  /** By mark. */
  readonly plans: Map<string, PortPlan>;
  /** Every port that a route leads from. */
  ports: ReadonlySet<number>;
  /** Ports at which this process serves `::1` for a service. */
  readonly mirrored: Set<number>;
  /** `run service`: a way was asked for, and didn't come in time. */
  readonly refused: Set<string>;
  held: Held[];
  /** Two `struct pollfd`: notify, wake (poll(2)). */
  readonly waiting: Buffer;
  readonly received: Buffer;
  readonly id: Buffer;
  readonly answer: Buffer;
}

/**
 * Answers the calls of all services of this process, on a thread that does nothing else: a service's connect waits for it,
 * whatever the process's main thread is busy with. It never returns to its event loop: it waits in poll(2). It must not have
 * the filter: what it called would wait for itself.
 */
function answerCalls(data: SuperviseData): void {
  const waiting = Buffer.alloc(16);
  waiting.writeInt32LE(data.notify, 0);
  waiting.writeInt16LE(POLLIN, 4);
  waiting.writeInt32LE(data.wake, 8);
  waiting.writeInt16LE(POLLIN, 12);
  const state: State = {
    ...{
      data,
      calls: trapped(process.arch),
      callers: callersOf(),
      tables: new Map(),
      plans: new Map(),
      ports: new Set(),
    },
    ...{ mirrored: new Set(), refused: new Set(), held: [], waiting },
    ...{ received: Buffer.alloc(NOTIFICATION_SIZE), id: Buffer.alloc(8), answer: Buffer.alloc(ANSWER_SIZE) },
  };
  while (answerNext(state)) {}
  state.callers.close();
  Atomics.store(data.left, 0, 1);
  Atomics.notify(data.left, 0);
}

/** Waits for a call or an order. False: this is over; nobody is left under the filter, or the process ends. */
function answerNext(state: State): boolean {
  const { waiting, held, data } = state;
  const next = Math.min(...held.map(({ until }) => until)) - performance.now();
  const limit = Math.max(0, Math.ceil(Math.min(LONGEST_WAIT, next)));
  waiting.writeInt16LE(0, 6);
  waiting.writeInt16LE(0, 14);
  const ready = kernel.poll(waiting, 2, limit);
  if (ready === -1) return kernel.errno() === EINTR;
  if (ready === 0 && held.length === 0) state.callers.sweep();
  const told = waiting.readInt16LE(14) !== 0;
  if (told) {
    readSync(data.wake, Buffer.alloc(8));
    if (!obey(state)) return false;
  }
  judgeHeld(state, performance.now(), told);
  const events = waiting.readInt16LE(6);
  if (events === 0) return true;
  if ((events & POLLIN) === 0) return false;
  receive(state);
  return true;
}

/** Takes all orders that have come. False: one of them was to end. */
function obey(state: State): boolean {
  for (let message = next(); message !== undefined; message = next()) {
    const order = message.message;
    if (order.type === "end") return false;
    if (order.type === "free") state.mirrored.delete(order.port);
    else setRoutes(state, order);
  }
  return true;
}

const next = () =>
  (parentPort === null ? undefined : receiveMessageOnPort(parentPort)) as { message: Order } | undefined;

function setRoutes(state: State, { run, routes, ports }: Extract<Order, { type: "routes" }>): void {
  const { tables, plans, refused } = state;
  if (ports === null) plans.delete(run);
  else plans.set(run, ports);
  if (routes === null) tables.delete(run);
  else tables.set(run, routeTable(routes));
  for (const key of refused) if (key.startsWith(`${run} `)) refused.delete(key);
  state.ports = new Set([...tables.values()].flatMap((table) => [...table.keys()]));
}

/** Judges again what waits, if something has changed; what has waited for long enough gets its answer. */
function judgeHeld(state: State, now: number, changed: boolean): void {
  if (state.held.length === 0) return;
  const { held } = state;
  state.held = [];
  for (const one of held) {
    if (changed || now >= one.until) answer(state, one.notification, one.until, now < one.until);
    else state.held.push(one);
  }
}

function receive(state: State): void {
  const { data, received } = state;
  received.fill(0);
  // ENOENT: the caller has gone by now.
  if (kernel.ioctl(data.notify, RECEIVE, received) === -1) return;
  const notification = readNotification(received);
  const time = notification.call === state.calls?.connect ? PATIENCE.connect : PATIENCE.bind;
  answer(state, notification, performance.now() + time, state.held.length < PATIENCE.calls);
}

/** `patient`: it may be judged again later, until `until`. */
function answer(state: State, notification: Notification, until: number, patient: boolean): void {
  const { data, answer: given } = state;
  const judged = judgeSafely(state, notification, patient);
  if (judged === null) return;
  if (judged === "later") {
    state.held.push({ notification, until });
    return;
  }
  writeAnswer(given, notification.id, judged.answer);
  kernel.ioctl(data.notify, SEND, given);
  if (judged.turn === undefined && judged.alone === undefined) return;
  const { turn, alone } = judged;
  const run = state.callers.find(notification.thread)?.run ?? null;
  if (alone !== undefined) state.mirrored.add(alone.port);
  tell({ type: "bind", run, ...(turn !== undefined && { turn }), ...(alone !== undefined && { alone }) });
}

function judgeSafely(state: State, notification: Notification, patient: boolean): Judgement | "later" | null {
  const isConnect = notification.call === state.calls?.connect;
  try {
    return isConnect ? connects(state, notification, patient) : binds(state, notification, patient);
  } catch {
    // A connect can do no harm by itself.
    return { answer: isConnect ? "continue" : { error: EACCES } };
  }
}

function binds(state: State, notification: Notification, patient: boolean): Judgement | "later" | null {
  const call = notification.call === state.calls?.bind ? "bind" : "listen";
  const caller = state.callers.find(notification.thread);
  return judgeBind(notification, call, caller, {
    repeats: state.data.repeats,
    stillWaits: () => stillWaits(state, notification),
    mayTake: (port) => {
      if (!patient || !state.mirrored.has(port)) return true;
      tell({ type: "takes", port });
      return false;
    },
    portInstead: (port) => {
      const run = caller?.run ?? null;
      const instead = portInstead(run === null ? null : (state.plans.get(run) ?? null), port);
      if (instead !== "unknown") return instead;
      if (!patient || run === null) return port;
      tell({ type: "chosen", run, port });
      return "later";
    },
  });
}

function connects(state: State, notification: Notification, patient: boolean): Judgement | "later" | null {
  const judged = judgeConnect(notification, {
    repeats: state.data.repeats,
    stillWaits: () => stillWaits(state, notification),
    caller: () => state.callers.find(notification.thread),
    isLed: (port) => state.ports.has(port),
    tableOf: (run) => state.tables.get(run) ?? null,
    holds: (run, service) => {
      const key = `${run} ${service}`;
      if (state.refused.has(key)) return false;
      if (!patient) state.refused.add(key);
      else tell({ type: "wanted", run, service });
      return patient;
    },
  });
  return judged === "later" || judged === null ? judged : { answer: judged };
}

/** Whether the caller is the one that the call came from; false: it has gone. */
function stillWaits({ data, id }: State, notification: Notification): boolean {
  id.writeBigUInt64LE(notification.id);
  return kernel.ioctl(data.notify, STILL_WAITS, id) === 0;
}

function tell(news: News): void {
  parentPort?.postMessage(news);
}

// On the main thread, where a test or a tool imports the module, it does nothing.
if (parentPort !== null) answerCalls(workerData as SuperviseData);
