// The thread that reads an archive for home: its bytes come in, then pages of exchanges go out as they are asked for.
import { isMainThread, type MessagePort, parentPort } from "node:worker_threads";
import type { CapturedBody } from "../../capture/body.ts";
import { type Fault, isFault } from "../../fault/fault.ts";
import { decodeUserText, isUnreadable } from "../../text/user-text.ts";
import type { ImportedExchange } from "./entry.ts";
import { type HarImport, type HarReader, readHar } from "./read.ts";

/** More of the archive, or, with its name, the wish for the next page. */
export type HarRequest = { readonly chunk: Uint8Array } | { readonly file: string };

export interface HarPage {
  readonly exchanges: readonly ImportedExchange[];
  /** Null: there is more. */
  readonly result: HarImport | Fault | null;
}

/** Bytes of a page: what the other thread takes over at once. */
const PAGE = 256 * 1024;

if (!isMainThread && parentPort !== null) serve(parentPort);

function serve(port: MessagePort): void {
  const chunks: Uint8Array[] = [];
  let reader: HarReader | Fault | null = null;
  port.on("message", (request: HarRequest) => {
    if ("chunk" in request) {
      chunks.push(request.chunk);
      return;
    }
    reader ??= readHar(archiveText(Buffer.concat(chunks.splice(0))), request.file);
    const { exchanges, result } = pageOf(reader);
    const { slab, ...moved } = inOneSlab(exchanges);
    port.postMessage({ ...moved, result } satisfies HarPage, [slab]);
  });
}

/** A stray byte within a body costs that letter, not the archive. */
function archiveText(bytes: Buffer): string {
  const text = decodeUserText(bytes);
  return isUnreadable(text) ? bytes.toString("utf8") : text;
}

function pageOf(reader: HarReader | Fault): HarPage {
  if (isFault(reader)) return { exchanges: [], result: reader };
  const exchanges = reader.next(PAGE);
  return { exchanges, result: reader.isDone() ? reader.result() : null };
}

/**
 * All bytes of a page moved into one buffer that can be handed over: small buffers lie in pools, and each would take its
 * whole pool along.
 */
function inOneSlab(exchanges: readonly ImportedExchange[]): { exchanges: ImportedExchange[]; slab: ArrayBuffer } {
  const all = exchanges.flatMap(({ requestBody, responseBody, messages }) => [
    ...(requestBody?.kept ?? []),
    ...(responseBody?.kept ?? []),
    ...(messages?.kept.map(({ data }) => data) ?? []),
  ]);
  const slab = new ArrayBuffer(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  const move = (bytes: Buffer): Buffer => {
    const moved = Buffer.from(slab, at, bytes.length);
    moved.set(bytes);
    at += bytes.length;
    return moved;
  };
  const moveBody = (body: CapturedBody | null) => body && { ...body, kept: body.kept.map(move) };
  const moved = exchanges.map((one) => ({
    ...one,
    requestBody: moveBody(one.requestBody),
    responseBody: moveBody(one.responseBody),
    messages: one.messages && {
      ...one.messages,
      kept: one.messages.kept.map((message) => ({ ...message, data: move(message.data) })),
    },
  }));
  return { exchanges: moved, slab };
}
