import type { Exchange } from "../../capture/exchange.ts";
import { type Fault, isFault } from "../../fault/fault.ts";
import { split } from "./batch.ts";
import { rowReader } from "./row.ts";
import { openRecordingStore, type RecordingStore } from "./store.ts";

const PAGE = 1_000;
/** How long a busy file is waited for, ms. */
const LOCK_TIMEOUT = 5_000;

/**
 * A recording's exchanges that `wanted` says, read in this thread: for commands, not for home. Faults: RECORDING_UNKNOWN,
 * STATE_LOCKED, STATE_BROKEN.
 */
export function readRecording<E extends Exchange>(
  folder: string,
  name: string,
  wanted: (exchange: Exchange) => exchange is E,
): E[] | Fault {
  const store = openRecordingStore({ folder, budget: Number.POSITIVE_INFINITY, lockTimeout: LOCK_TIMEOUT });
  if (isFault(store)) return store;
  try {
    return readAll(store, name, wanted);
  } finally {
    store.close();
  }
}

function readAll<E extends Exchange>(
  store: RecordingStore,
  name: string,
  wanted: (exchange: Exchange) => exchange is E,
): E[] | Fault {
  const read = rowReader();
  const all: E[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page = store.read(name, after, PAGE);
    if (isFault(page)) return page;
    for (const [text, bytes] of split(page)) {
      const exchange = read(text, bytes);
      if (wanted(exchange)) all.push(exchange);
    }
    after = page.next;
  }
  return all;
}
