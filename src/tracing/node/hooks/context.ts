import { AsyncLocalStorage } from "node:async_hooks";

/** The request that something is done for, as its `traceparent` named it. */
export interface RequestContext {
  readonly traceId: string;
  readonly spanId: string;
  /** As in records: `<traceId>-<spanId>`. */
  readonly word: string;
}

/**
 * For whom something is done. Undefined: for no request, since nothing led from one here. Null: unknown, since a connection's
 * own events led here, and those may be any request's.
 */
export type Current = RequestContext | null | undefined;

/** Any function of other people's code. */
export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

const storage = new AsyncLocalStorage<RequestContext | null>();

export const current = (): Current => storage.getStore();

export function runIn(context: Current, run: AnyFunction, self: unknown, args: readonly unknown[]): unknown {
  // `run` of older versions takes undefined as well: it is what `getStore` then gives.
  return storage.run(context as RequestContext | null, apply, run, self, args);
}

function apply(run: AnyFunction, self: unknown, args: readonly unknown[]): unknown {
  return Reflect.apply(run, self, args);
}

/** The function, called later for the one that it is bound for now. */
export function bound(run: AnyFunction): AnyFunction {
  const context = current();
  return function (...args) {
    return runIn(context, run, this, args);
  };
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/;

/** The context of a request by its `traceparent`; without one a trace of its own. */
export function contextOf(traceParent: unknown): RequestContext {
  const [, traceId = randomHex(32), spanId = randomHex(16)] =
    typeof traceParent === "string" ? (TRACEPARENT.exec(traceParent) ?? []) : [];
  return { traceId, spanId, word: `${traceId}-${spanId}` };
}

/** Told apart, not kept secret. */
export function randomHex(digits: number): string {
  let text = "";
  while (text.length < digits) text += (0x100000000 + Math.random() * 0x100000000).toString(16).slice(1, 9);
  return text.slice(0, digits);
}
