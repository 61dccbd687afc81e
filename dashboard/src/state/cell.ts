import { useSyncExternalStore } from "react";

/** A value that components look at: set anywhere, re-rendered where it is used. */
export interface Cell<T> {
  readonly get: () => T;
  readonly set: (value: T) => void;
  /** Returns the end of the subscription. */
  readonly listen: (listener: () => void) => () => void;
}

export function createCell<T>(initial: T): Cell<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useCell<T>(cell: Cell<T>): T {
  return useSyncExternalStore(cell.listen, cell.get);
}
