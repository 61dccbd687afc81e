import type { Exchange } from "./exchange.ts";

/** Listeners are called for changes this often at the most, ms. */
const BATCH = 100;

export interface RecorderListener {
  /** Everything was dropped. */
  readonly cleared?: () => void;
  /** Exchanges that are new or changed since the last call, each once; at most ten calls a second. */
  readonly changed?: (exchanges: readonly Exchange[]) => void;
  /** One is over; called at once. It must be quick: the door waits. */
  readonly ended?: (exchange: Exchange) => void;
}

/** Calls a recorder's listeners: for ends at once, for changes in batches. */
export interface RecorderListeners {
  /** Returns the function that ends it. */
  readonly listen: (listener: RecorderListener) => () => void;
  readonly changed: (exchange: Exchange) => void;
  readonly ended: (exchange: Exchange) => void;
  readonly cleared: () => void;
}

export function createRecorderListeners(): RecorderListeners {
  let listeners: readonly RecorderListener[] = [];
  /** One of them wants to know of changes. */
  let hearing = false;
  const batch = new Set<Exchange>();
  let timer: NodeJS.Timeout | undefined;

  function set(wanted: readonly RecorderListener[]): void {
    listeners = wanted;
    hearing = wanted.some((listener) => listener.changed !== undefined);
  }

  function flush(): void {
    timer = undefined;
    const exchanges = [...batch];
    batch.clear();
    for (const listener of listeners) listener.changed?.(exchanges);
  }

  function changed(exchange: Exchange): void {
    if (!hearing) return;
    batch.add(exchange);
    if (timer === undefined) timer = setTimeout(flush, BATCH);
  }

  return {
    listen: (listener) => {
      set([...listeners, listener]);
      return () => set(listeners.filter((one) => one !== listener));
    },
    changed,
    ended: (exchange) => {
      for (const listener of listeners) listener.ended?.(exchange);
      changed(exchange);
    },
    cleared: () => {
      batch.clear();
      for (const listener of listeners) listener.cleared?.();
    },
  };
}
