// The thread that recordings are written and read by: a method's name and arguments come in, its result goes out.
import { isMainThread, type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { Exchange } from "../../capture/exchange.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { redacted } from "./batch.ts";
import { openRecordingStore, type RecordingStore, type StoreOptions } from "./store.ts";

export interface StoreCall {
  readonly id: number;
  readonly method: keyof RecordingStore;
  readonly args: readonly unknown[];
  /** What is written is redacted first. */
  readonly redact: boolean;
}

export interface StoreReply {
  readonly id: number;
  readonly result: unknown;
}

export interface ThreadOptions extends StoreOptions {
  /** URL of a module that exports `withoutCredentials`: code can't be handed over as a function. */
  readonly redactor: string;
}

interface RedactorModule {
  readonly withoutCredentials: (exchange: Exchange) => Exchange;
}

if (!isMainThread && parentPort !== null) await serve(parentPort, workerData as ThreadOptions);

async function serve(port: MessagePort, { redactor, ...options }: ThreadOptions): Promise<void> {
  const { withoutCredentials } = (await import(redactor)) as RedactorModule;
  let store: RecordingStore | null = null;

  function answer({ method, args, redact }: StoreCall): unknown {
    if (store === null) {
      const opened = openRecordingStore(options);
      if (isFault(opened)) return opened;
      store = opened;
    }
    if (method === "write" && redact) {
      const [id, batch] = args as Parameters<RecordingStore["write"]>;
      return store.write(id, { ...batch, ...redacted(batch, withoutCredentials) });
    }
    return (store[method] as (...args: readonly unknown[]) => unknown)(...args);
  }

  port.on("message", (call: StoreCall) => {
    let result: unknown;
    try {
      result = answer(call);
    } catch (error) {
      result = internal(error);
    }
    const bytes = bytesOf(result);
    port.postMessage({ id: call.id, result } satisfies StoreReply, bytes === null ? [] : [bytes]);
  });
}

/** A page's bytes go over as they are, not copied. */
function bytesOf(result: unknown): ArrayBuffer | null {
  if (typeof result !== "object" || result === null || !("bytes" in result)) return null;
  const { bytes } = result;
  if (!(bytes instanceof Uint8Array) || !(bytes.buffer instanceof ArrayBuffer)) return null;
  // A small buffer is a piece of a shared one, which must stay.
  return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : null;
}

function internal(error: unknown): Fault {
  return fault("INTERNAL", error instanceof Error ? error.message : String(error));
}
