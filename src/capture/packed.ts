import type { CapturedBody } from "./body.ts";
import type { Caller } from "./caller.ts";
import type { CapturedEdge, Exchange, HttpExchange } from "./exchange.ts";
import { type TextPlace, type TextSlabs, textSlabs } from "./text-slabs.ts";
import type { TraceLink } from "./trace-link.ts";

/** Exchanges in a block. */
const SIZE = 4_096;
const TIMES = 6;
const COUNTS = 13;
const UINT32 = 2 ** 32;

/**
 * Plain HTTP exchanges that are over, by number: times and sizes lie in columns, heads as bytes in slabs. As objects and
 * strings, a hundred thousand of them would be copied about by the garbage collector for half of home's time under load; so
 * they cost it nothing. Reading one makes it anew.
 */
export interface Packed {
  /** False: it isn't of the kind that can be packed. */
  readonly put: (exchange: Exchange) => boolean;
  readonly get: (seq: number) => HttpExchange | undefined;
  /** Bytes that it is charged with; 0 where it isn't here. */
  readonly charged: (seq: number) => number;
  /** Drops those up to this number. */
  readonly dropUpTo: (seq: number) => void;
}

interface Block {
  readonly here: Uint8Array;
  readonly times: Float64Array;
  readonly counts: Uint32Array;
  readonly edges: CapturedEdge[];
  readonly callers: Caller[];
  readonly traces: TraceLink[];
  readonly methods: string[];
  /** Null where the request line has it. */
  readonly targets: (string | null)[];
  readonly hosts: string[];
  readonly texts: TextSlabs;
  /** The last heads that were written: mostly the next ones too. */
  readonly lastRequest: PackedText;
  readonly lastResponse: PackedText;
  readonly requestBodies: Bytes[];
  readonly responseBodies: Bytes[];
}

/** A text, and where it lies. */
interface PackedText extends TextPlace {
  text: string | null;
}

/** A body's bytes: the slab that one piece lies in (its place is among the counts), several pieces, or no body. */
type Bytes = ArrayBufferLike | readonly Buffer[] | null;

export function createPacked(): Packed {
  const blocks = new Map<number, Block>();

  function blockFor(seq: number): Block {
    const at = Math.floor(seq / SIZE);
    const known = blocks.get(at);
    if (known !== undefined) return known;
    const made = newBlock();
    blocks.set(at, made);
    return made;
  }

  return {
    put: (exchange) => {
      if (!canBePacked(exchange)) return false;
      const block = blockFor(exchange.seq);
      pack(block, exchange.seq % SIZE, exchange);
      return true;
    },
    get: (seq) => {
      const block = blocks.get(Math.floor(seq / SIZE));
      return block?.here[seq % SIZE] === 1 ? unpack(block, seq) : undefined;
    },
    charged: (seq) => {
      const block = blocks.get(Math.floor(seq / SIZE));
      return block?.here[seq % SIZE] === 1 ? (block.counts[(seq % SIZE) * COUNTS + 1] ?? 0) : 0;
    },
    dropUpTo: (seq) => {
      const before = Math.floor((seq + 1) / SIZE);
      // A map keeps its order: the oldest blocks come first.
      for (const [at, { texts }] of blocks) {
        if (at >= before) return;
        blocks.delete(at);
        texts.free();
      }
    },
  };
}

function newBlock(): Block {
  return {
    here: new Uint8Array(SIZE),
    times: new Float64Array(SIZE * TIMES),
    counts: new Uint32Array(SIZE * COUNTS),
    edges: [],
    callers: [],
    traces: [],
    methods: [],
    targets: [],
    hosts: [],
    texts: textSlabs(),
    lastRequest: { text: null, at: 0, length: 0 },
    lastResponse: { text: null, at: 0, length: 0 },
    requestBodies: [],
    responseBodies: [],
  };
}

function canBePacked(exchange: Exchange): exchange is HttpExchange {
  return (
    exchange.protocol === "http" &&
    exchange.ended !== null &&
    exchange.error === null &&
    exchange.messages === null &&
    exchange.refusedHead === null &&
    exchange.replayOf === null &&
    !exchange.edited &&
    exchange.charged < UINT32 &&
    (exchange.requestBody?.size ?? 0) < UINT32 &&
    (exchange.responseBody?.size ?? 0) < UINT32
  );
}

function pack(block: Block, at: number, exchange: HttpExchange): void {
  const { times, counts } = block;
  const time = at * TIMES;
  times[time] = exchange.at;
  times[time + 1] = exchange.clock;
  times[time + 2] = exchange.queued ?? Number.NaN;
  times[time + 3] = exchange.connected ?? Number.NaN;
  times[time + 4] = exchange.firstByte ?? Number.NaN;
  times[time + 5] = exchange.ended ?? Number.NaN;
  const count = at * COUNTS;
  counts[count] = exchange.status ?? 0;
  counts[count + 1] = exchange.charged;
  block.requestBodies[at] = packBody(counts, count + 2, exchange.requestBody);
  block.responseBodies[at] = packBody(counts, count + 5, exchange.responseBody);
  block.edges[at] = exchange.edge;
  block.callers[at] = exchange.caller;
  block.traces[at] = exchange.trace;
  block.methods[at] = exchange.method;
  block.hosts[at] = exchange.host;
  const { method, target, requestHead } = exchange;
  const inLine = requestHead.startsWith(target, method.length + 1);
  block.targets[at] = inLine ? null : target;
  if (inLine) counts[count + 12] = target.length;
  packText(block.texts, block.lastRequest, requestHead);
  counts[count + 8] = block.lastRequest.at;
  counts[count + 9] = block.lastRequest.length;
  packText(block.texts, block.lastResponse, exchange.responseHead ?? "");
  counts[count + 10] = block.lastResponse.at;
  counts[count + 11] = block.lastResponse.length;
  block.here[at] = 1;
}

function packText(texts: TextSlabs, last: PackedText, text: string): void {
  if (last.text === text) return;
  const { at, length } = texts.write(text);
  last.text = text;
  last.at = at;
  last.length = length;
}

function packBody(counts: Uint32Array, at: number, body: CapturedBody | null): Bytes {
  if (body === null) return null;
  const { size, keptSize, kept } = body;
  const [only] = kept;
  counts[at] = size;
  counts[at + 1] = keptSize;
  if (only === undefined || kept.length > 1) return kept;
  counts[at + 2] = only.byteOffset;
  return only.buffer;
}

function unpack(block: Block, seq: number): HttpExchange {
  const at = seq % SIZE;
  const { times, counts } = block;
  const time = (n: number): number | null => {
    const value = times[at * TIMES + n] ?? Number.NaN;
    return Number.isNaN(value) ? null : value;
  };
  const count = at * COUNTS;
  const text = (n: number) => block.texts.read({ at: counts[count + n] ?? 0, length: counts[count + n + 1] ?? 0 });
  const method = block.methods[at] as string;
  const requestHead = text(8);
  return {
    seq,
    edge: block.edges[at] as CapturedEdge,
    caller: block.callers[at] as Caller,
    at: time(0) ?? 0,
    clock: time(1) ?? 0,
    queued: time(2),
    connected: time(3),
    firstByte: time(4),
    ended: time(5),
    error: null,
    trace: block.traces[at] as TraceLink,
    charged: counts[count + 1] ?? 0,
    protocol: "http",
    method,
    target: block.targets[at] ?? requestHead.slice(method.length + 1, method.length + 1 + (counts[count + 12] ?? 0)),
    host: block.hosts[at] as string,
    // No response has the status 0.
    status: counts[count] || null,
    requestHead,
    responseHead: text(10) || null,
    refusedHead: null,
    requestBody: unpackBody(counts, count + 2, block.requestBodies[at] ?? null),
    responseBody: unpackBody(counts, count + 5, block.responseBodies[at] ?? null),
    messages: null,
    replayOf: null,
    edited: false,
  };
}

function unpackBody(counts: Uint32Array, at: number, bytes: Bytes): CapturedBody | null {
  if (bytes === null) return null;
  const size = counts[at] ?? 0;
  const keptSize = counts[at + 1] ?? 0;
  if (Array.isArray(bytes)) return { size, keptSize, kept: [...(bytes as readonly Buffer[])] };
  return { size, keptSize, kept: [Buffer.from(bytes as ArrayBuffer, counts[at + 2] ?? 0, keptSize)] };
}
