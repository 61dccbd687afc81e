import { BROKEN, chunkScanner, GOES_ON, type OnData } from "../../http1/chunks.ts";
import { append, clear, type Input } from "../../http1/input.ts";
import type { RequestReader } from "../../http1/messages.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import type { BodyStep, Piece } from "./client-side.ts";

/** Where a request's body waits: its bytes as HTTP/1.1 has them, and what reads them. */
export interface WaitingBody {
  readonly input: Input;
  readonly reader: RequestReader;
}

export function readBody({ input, reader }: WaitingBody, piece: Piece, data: OnData | undefined): BodyStep {
  if (!reader.inBody || input.from === input.to) return "nothing";
  piece.bytes = input.bytes;
  piece.from = input.from;
  const end = reader.readBody(input.bytes, input.from, input.to, data);
  if (end === BROKEN) return "broken";
  piece.to = end === GOES_ON ? input.to : end;
  input.from = piece.to;
  return "piece";
}

/** The body of a request that waits, and where it ends in what waits; null where it isn't whole. */
export function wholeBody({ input }: WaitingBody, head: RequestHead | null): { body: Buffer; end: number } | null {
  const { bytes, from, to } = input;
  if (head === null || head.framing === "none") return { body: Buffer.alloc(0), end: from };
  if (head.framing === "sized") {
    const end = from + head.length;
    return to < end ? null : { body: Buffer.from(bytes.subarray(from, end)), end };
  }
  const runs: Buffer[] = [];
  const end = chunkScanner().scan(bytes, from, to, (start, stop) => runs.push(bytes.subarray(start, stop)));
  return end < 0 ? null : { body: Buffer.concat(runs), end };
}

export function replaceBody(waiting: WaitingBody, head: RequestHead | null, body: Buffer): void {
  const { input, reader } = waiting;
  const rest = Buffer.from(input.bytes.subarray(wholeBody(waiting, head)?.end ?? input.to, input.to));
  clear(input);
  append(input, body);
  append(input, rest);
  reader.replaceBody(body.length);
}
