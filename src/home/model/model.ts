import type { LogLine } from "../../stack/session/messages.ts";
import type { LiveStack } from "./live-stack.ts";
import { COVE, createLogBook, type LogBook } from "./log-book.ts";
import { createNotices } from "./notices.ts";

/** Changes within this time are reported as one, ms. */
const DEBOUNCE = 50;

interface ModelListener {
  /** Something that a snapshot shows is different now. */
  readonly changed: () => void;
  readonly logged: (stack: string, lines: readonly LogLine[]) => void;
  /** The guard has refused something. */
  readonly refused: () => void;
}

/** What home knows of living stacks, in memory only: a new home learns it again from the runners. */
export interface Model {
  readonly stacks: Map<string, LiveStack>;
  readonly logs: LogBook;
  /** A living stack, by id or granted name. */
  readonly find: (stack: string) => LiveStack | undefined;
  /** The id of a stack that lives or lived under this home, by id or name. */
  readonly idOf: (stack: string) => string;
  /** Call after every change of what a snapshot shows; listeners are called within 50 ms. */
  readonly changed: () => void;
  /** Lines of a stack's runner. */
  readonly log: (stack: string, lines: readonly LogLine[]) => void;
  /** A line of home's own in the log of a service, or of the stack as a whole. */
  readonly logOwn: (stack: string, text: string, service?: string) => void;
  /** The same for what may happen often: see notices.ts. */
  readonly notice: (stack: string, service: string, text: string) => void;
  /** Call after a refusal; listeners are called within 50 ms, once for many. */
  readonly refused: () => void;
  /** Returns the function that ends it. */
  readonly listen: (listener: ModelListener) => () => void;
  readonly listeners: () => number;
}

export function createModel(): Model {
  const stacks = new Map<string, LiveStack>();
  const logs = createLogBook();
  const listeners = new Set<ModelListener>();
  let timer: NodeJS.Timeout | undefined;
  let refusalTimer: NodeJS.Timeout | undefined;
  const find = (stack: string) => stacks.get(stack) ?? [...stacks.values()].find((live) => live.name === stack);
  /** Ids of stacks by their last name, so that `cove logs shop` works after its end. */
  const named = new Map<string, string>();
  const show = (stack: string, lines: readonly LogLine[]) => {
    for (const listener of listeners) listener.logged(stack, lines);
  };
  const logOwn = (stack: string, text: string, service = COVE) =>
    show(stack, logs.addOwn(stack, [{ service, stream: "cove", time: Date.now(), text }]));
  const notices = createNotices((stack, service, text) => logOwn(stack, text, service));

  return {
    stacks,
    logs,
    find,
    idOf: (stack) => find(stack)?.id ?? named.get(stack) ?? stack,
    changed: () => {
      for (const live of stacks.values()) named.set(live.name, live.id);
      if (timer !== undefined || listeners.size === 0) return;
      timer = setTimeout(() => {
        timer = undefined;
        for (const listener of listeners) listener.changed();
      }, DEBOUNCE);
    },
    log: (stack, lines) => show(stack, logs.add(stack, lines)),
    logOwn,
    notice: notices.add,
    refused: () => {
      if (refusalTimer !== undefined || listeners.size === 0) return;
      refusalTimer = setTimeout(() => {
        refusalTimer = undefined;
        for (const listener of listeners) listener.refused();
      }, DEBOUNCE);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listeners: () => listeners.size,
  };
}
