// The thread that recordings are written and read by: a method's name and arguments come in, its result goes out.
import { isMainThread, workerData } from "node:worker_threads";
import { answerCalls } from "../../async/worker-call.ts";
import type { Exchange } from "../../capture/exchange.ts";
import { type Fault, isFault } from "../../fault/fault.ts";
import { redacted } from "./batch.ts";
import { openRecordingStore, type RecordingStore, type StoreOptions } from "./store.ts";

export interface ThreadOptions extends StoreOptions {
  /** URL of a module that exports `withoutCredentials`: code can't be handed over as a function. */
  readonly redactor: string;
}

/** What the thread can be asked: each of the store's methods opens the file where it isn't open yet. */
export type StoreMethods = Pick<RecordingStore, "start" | "write" | "stop" | "list" | "remove" | "read"> & {
  /** As `write`, with credentials hidden first. */
  readonly writeRedacted: RecordingStore["write"];
};

interface RedactorModule {
  readonly withoutCredentials: (exchange: Exchange) => Exchange;
}

if (!isMainThread) await serve(workerData as ThreadOptions);

async function serve({ redactor, ...options }: ThreadOptions): Promise<void> {
  const { withoutCredentials } = (await import(redactor)) as RedactorModule;
  let opened: RecordingStore | null = null;

  function within<T>(use: (store: RecordingStore) => T): T | Fault {
    if (opened === null) {
      const store = openRecordingStore(options);
      if (isFault(store)) return store;
      opened = store;
    }
    return use(opened);
  }

  const methods: StoreMethods = {
    start: (...args) => within((store) => store.start(...args)),
    write: (...args) => within((store) => store.write(...args)),
    writeRedacted: (id, batch) =>
      within((store) => store.write(id, { ...batch, ...redacted(batch, withoutCredentials) })),
    stop: (...args) => within((store) => store.stop(...args)),
    list: () => within((store) => store.list()),
    remove: (name) => within((store) => store.remove(name)),
    read: (...args) => within((store) => store.read(...args)),
  };
  answerCalls(methods, (result) => bytesOf(result));
}

/** A page's bytes go over as they are, not copied. */
function bytesOf(result: unknown): readonly ArrayBuffer[] {
  if (typeof result !== "object" || result === null || !("bytes" in result)) return [];
  const { bytes } = result;
  if (!(bytes instanceof Uint8Array) || !(bytes.buffer instanceof ArrayBuffer)) return [];
  // A small buffer is a piece of a shared one, which must stay.
  return bytes.byteLength === bytes.buffer.byteLength ? [bytes.buffer] : [];
}
