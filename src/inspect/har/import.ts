import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { CapturedBody } from "../../capture/body.ts";
import type { Message } from "../../capture/exchange.ts";
import type { Recorder } from "../../capture/recorder.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { ownProgram } from "../../own-files/own-files.ts";
import type { ImportedExchange } from "./entry.ts";
import type { HarPage, HarRequest } from "./import-thread.ts";
import { HAR_MOST } from "./limits.ts";
import { type HarImport, readHar } from "./read.ts";
import { archiveWriter } from "./write-down.ts";

/** Bytes of exchanges that are made at once. */
const PAGE = 1024 * 1024;
/** A thread that doesn't answer for this long has failed, ms. */
const DEADLINE = 120_000;

/**
 * Writes an archive's exchanges down as those of edges `har→HOST`, so that they can be looked at, sent again, and answered
 * from. It is read in a thread of its own and comes over in small pages, so the event loop goes on. An entry that can't be
 * taken is left out and counted. HAR_INVALID: it isn't an archive, is larger than 256 MiB, or has no entry that can be
 * taken; then nothing was written down.
 *
 * @param file what to call it in faults
 */
export async function importHar(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  file: string,
  recorder: Recorder,
): Promise<HarImport | Fault> {
  const url = ownProgram("import-thread");
  const worker = new Worker(url, { execArgv: [], name: "cove har import" });
  try {
    let size = 0;
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > HAR_MOST) return tooLarge(file);
      // Bytes of its own: of a piece of a larger buffer all would be copied.
      const own = new Uint8Array(chunk);
      worker.postMessage({ chunk: own } satisfies HarRequest, [own.buffer]);
    }
    return await writePages(worker, file, recorder);
  } finally {
    void worker.terminate();
  }
}

async function writePages(worker: Worker, file: string, recorder: Recorder): Promise<HarImport | Fault> {
  const write = archiveWriter(recorder);
  for (;;) {
    const page = await nextPage(worker, file);
    if (isFault(page)) return page;
    for (const exchange of page.exchanges) write(withBuffers(exchange));
    if (page.result !== null) return page.result;
    await setImmediate();
  }
}

async function nextPage(worker: Worker, file: string): Promise<HarPage | Fault> {
  const answered = once(worker, "message", { signal: AbortSignal.timeout(DEADLINE) });
  worker.postMessage({ file } satisfies HarRequest);
  try {
    const [page] = (await answered) as [HarPage];
    return page;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fault("HAR_INVALID", `${file} can't be read: ${why}`, "split it, or export fewer requests", { file });
  }
}

/** The same in this thread: for commands, not for home. `most`: entries that are taken. */
export function importHarText(text: string, file: string, recorder: Recorder, most?: number): HarImport | Fault {
  const reader = readHar(text, file, most);
  if (isFault(reader)) return reader;
  const write = archiveWriter(recorder);
  while (!reader.isDone()) for (const exchange of reader.next(PAGE)) write(exchange);
  return reader.result();
}

function tooLarge(file: string): Fault {
  const message = `${file} has more than ${HAR_MOST / 1024 / 1024} MiB`;
  return fault("HAR_INVALID", message, "export fewer requests, or without bodies", { file });
}

/** Buffers arrive from a thread as plain arrays of bytes. */
function withBuffers(exchange: ImportedExchange): ImportedExchange {
  const { requestBody, responseBody, messages } = exchange;
  return {
    ...exchange,
    requestBody: requestBody && bodyWithBuffers(requestBody),
    responseBody: responseBody && bodyWithBuffers(responseBody),
    messages: messages && {
      ...messages,
      kept: messages.kept.map((one): Message => ({ ...one, data: bufferOf(one.data) })),
    },
  };
}

function bodyWithBuffers(body: CapturedBody): CapturedBody {
  return { ...body, kept: body.kept.map(bufferOf) };
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
