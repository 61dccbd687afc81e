import { type MessagePort, parentPort, type ResourceLimits, type TransferListItem, Worker } from "node:worker_threads";
import type { Fault } from "../fault/fault.ts";

/** What a worker thread can be asked: its methods by name. They may be async. */
type Methods<Thread> = {
  readonly [Name in keyof Thread]: (...args: never[]) => unknown;
};

/**
 * Why a call has no result: the method `threw`, the thread is `gone` (it ended by itself, or was closed), or the answer
 * is `late`.
 */
export type CallFailure = "threw" | "gone" | "late";

export interface WorkerOptions {
  /** The thread's module: `ownProgram(…)`. */
  readonly module: URL;
  /** The thread's name, for debuggers and logs. */
  readonly name: string;
  /** What the thread finds as `workerData`. */
  readonly data?: unknown;
  readonly limits?: ResourceLimits;
  /** Without calls for this long the thread ends, ms; the next call starts another one. Absent: it stays. */
  readonly idle?: number;
  /** True: the thread is needed even though nothing is being asked. Looked at when `idle` is over. */
  readonly busy?: () => boolean;
  /** The answer to a call has to come within this time, ms; a thread that is late is ended. Absent: calls say it. */
  readonly deadline?: number;
  /** Calls that were under way when the thread ended by itself are made once more, in a new thread: for reading only. */
  readonly repeats?: boolean;
  /** Calls under way keep the process running. Default: they don't. */
  readonly keepsAlive?: boolean;
  /** The result of a call that has none. `thrown`: what the method threw, with its stack. */
  readonly failed: (how: CallFailure, why: string, thrown?: Error) => Fault;
  /** The thread ended by itself, or was late. The calls that it leaves open have been answered, or go on. */
  readonly died?: (why: string) => void;
}

export interface CallOptions {
  /** Given to the thread instead of copied. */
  readonly transfer?: readonly TransferListItem[];
  /** Overrides the deadline of all calls, ms; `Infinity` waits as long as the thread lives. */
  readonly deadline?: number;
}

/** A worker thread that is asked by calls of its methods. It starts at the first call. */
export interface WorkerCalls<Thread extends Methods<Thread>> {
  /** The method's result. Faults: the method's own, and those of `failed`. */
  readonly call: <Name extends keyof Thread & string>(
    method: Name,
    args: Parameters<Thread[Name]>,
    how?: CallOptions,
  ) => Promise<Awaited<ReturnType<Thread[Name]>> | Fault>;
  /** Ends the thread. Open calls fail as `gone`; one that comes afterwards starts another thread. */
  readonly close: () => Promise<void>;
}

interface CallMessage {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

type AnswerMessage =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly thrown: Error };

interface OpenCall {
  readonly message: CallMessage;
  readonly transfer: readonly TransferListItem[];
  readonly settle: (result: unknown) => void;
  timer: NodeJS.Timeout | undefined;
  repeated: boolean;
}

interface State {
  readonly options: WorkerOptions;
  /** The thread that new calls go to. One that is ending is nobody's any more. */
  worker: Worker | null;
  readonly open: Map<number, OpenCall>;
  last: number;
  idleTimer: NodeJS.Timeout | undefined;
}

/**
 * A thread that is started at the first call.
 *
 * @example
 * const looks = workerCalls<LookMethods>({ module, name: "cove looks", idle: 30_000, deadline: 45_000, failed });
 * const ports = await looks.call("ports", [question]);
 */
export function workerCalls<Thread extends Methods<Thread>>(options: WorkerOptions): WorkerCalls<Thread> {
  const state: State = { options, worker: null, open: new Map(), last: 0, idleTimer: undefined };
  return {
    call: (method, args, { transfer = [], deadline = options.deadline ?? Number.POSITIVE_INFINITY } = {}) =>
      new Promise((resolve) => {
        const id = ++state.last;
        const settle = resolve as (result: unknown) => void;
        const call: OpenCall = { message: { id, method, args }, transfer, settle, timer: undefined, repeated: false };
        state.open.set(id, call);
        if (deadline !== Number.POSITIVE_INFINITY) {
          call.timer = setTimeout(() => late(state, id, deadline), deadline);
          if (options.keepsAlive !== true) call.timer.unref();
        }
        send(state, call);
      }),
    close: () => close(state),
  };
}

function send(state: State, { message, transfer }: OpenCall): void {
  clearTimeout(state.idleTimer);
  state.idleTimer = undefined;
  state.worker ??= start(state);
  if (state.options.keepsAlive === true) state.worker.ref();
  state.worker.postMessage(message, transfer);
}

function start(state: State): Worker {
  const { module, name, data, limits } = state.options;
  const worker = new Worker(module, {
    execArgv: [],
    name,
    workerData: data,
    ...(limits !== undefined && { resourceLimits: limits }),
  });
  let why = "it ended by itself";
  worker.on("message", (answer: AnswerMessage) => answered(state, answer));
  worker.on("error", (error) => {
    why = error instanceof Error ? error.message : String(error);
  });
  worker.once("exit", () => {
    if (state.worker === worker) died(state, why);
  });
  // After the listeners, since those keep the process running.
  worker.unref();
  return worker;
}

function answered(state: State, answer: AnswerMessage): void {
  const call = take(state, answer.id);
  if (call === undefined) return;
  if ("thrown" in answer) call.settle(state.options.failed("threw", answer.thrown.message, answer.thrown));
  else call.settle(answer.result);
}

/** The call is no longer open; undefined where it wasn't any more. */
function take(state: State, id: number): OpenCall | undefined {
  const call = state.open.get(id);
  if (call === undefined) return undefined;
  clearTimeout(call.timer);
  state.open.delete(id);
  if (state.open.size === 0) becomeIdle(state);
  return call;
}

function becomeIdle(state: State): void {
  const { idle } = state.options;
  state.worker?.unref();
  if (idle === undefined || state.worker === null) return;
  state.idleTimer ??= setTimeout(() => endIdle(state), idle).unref();
}

function endIdle(state: State): void {
  state.idleTimer = undefined;
  if (state.open.size > 0) return;
  if (state.options.busy?.() === true) becomeIdle(state);
  else void end(state);
}

/** From here on calls go to another thread: one that is being ended takes them in and never answers. */
async function end(state: State): Promise<void> {
  const ending = state.worker;
  state.worker = null;
  clearTimeout(state.idleTimer);
  state.idleTimer = undefined;
  await ending?.terminate();
}

function died(state: State, why: string): void {
  state.worker = null;
  const left = [...state.open.values()];
  for (const call of left) {
    if (mayRepeat(state, call)) repeat(state, call);
    else fail(state, call, "gone", why);
  }
  state.options.died?.(why);
}

/** What was handed over to the thread that died can't be handed over again. */
const mayRepeat = (state: State, { repeated, transfer }: OpenCall): boolean =>
  state.options.repeats === true && !repeated && transfer.length === 0;

function repeat(state: State, call: OpenCall): void {
  call.repeated = true;
  send(state, call);
}

function fail(state: State, call: OpenCall, how: CallFailure, why: string): void {
  take(state, call.message.id)?.settle(state.options.failed(how, why));
}

/** The thread hangs, or has more to do than it can: another one goes on with what else it was asked. */
function late(state: State, id: number, deadline: number): void {
  const why = `it didn't answer within ${deadline} ms`;
  const call = state.open.get(id);
  if (call !== undefined) fail(state, call, "late", why);
  void end(state);
  died(state, why);
}

async function close(state: State): Promise<void> {
  const ended = end(state);
  for (const call of [...state.open.values()]) fail(state, call, "gone", "it was closed");
  await ended;
}

/**
 * The thread's side: answers calls until the thread is ended. `transferred` picks what of a result is handed over
 * instead of copied. On the main thread, where a test or a tool imports the module, it does nothing.
 */
export function answerCalls<Thread extends Methods<Thread>>(
  methods: Thread,
  transferred: (result: unknown) => readonly TransferListItem[] = () => [],
  port: MessagePort | null = parentPort,
): void {
  port?.on("message", async ({ id, method, args }: CallMessage) => {
    let answer: AnswerMessage;
    try {
      const run = methods[method as keyof Thread] as unknown as (...args: readonly unknown[]) => unknown;
      answer = { id, result: await run(...args) };
    } catch (error) {
      answer = { id, thrown: error instanceof Error ? error : new Error(String(error)) };
    }
    port.postMessage(answer, "result" in answer ? transferred(answer.result) : []);
  });
}
