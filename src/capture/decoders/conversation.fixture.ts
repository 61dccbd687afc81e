import { readFileSync } from "node:fs";
import { anyCaller, edgeTo } from "../capture.fixture.ts";
import type { CapturePolicy } from "../edge.ts";
import type { Exchange } from "../exchange.ts";
import { createRecorder } from "../recorder.ts";
import { openTap } from "./tap.ts";

/** What one side said, in the order in which a relay passed it on. */
export type Said = readonly ["up" | "down", Buffer];

/** A conversation with a real server, as a relay saw it. */
export function recorded(name: string): Said[] {
  const text = readFileSync(new URL(`./recorded/${name}.json`, import.meta.url), "utf8");
  return (JSON.parse(text) as ["up" | "down", string][]).map(([way, base64]) => [way, Buffer.from(base64, "base64")]);
}

/** Pieces of this size, bytes, aren't copied for the test. */
const LARGE = 512 * 1024;

/** What a tap makes of it: the first piece at clock 0, the next at 1 and so on. */
export function heard(
  said: Iterable<Said>,
  protocol: "postgres" | "redis" | "tcp",
  policy: Partial<CapturePolicy> = {},
): Exchange[] {
  const recorder = createRecorder();
  const tap = openTap(recorder, edgeTo("db", policy), anyCaller(), protocol, 0);
  tap.connected(0);
  // Buffers that are written over afterwards, as a relay's are.
  let clock = 0;
  for (const [way, bytes] of said) {
    const lent = bytes.length > LARGE ? bytes : Buffer.from(bytes);
    tap[way](lent, clock++);
    if (lent !== bytes) lent.fill(0xee);
  }
  tap.closed(clock, null);
  const { ring } = recorder;
  return Array.from({ length: ring.newest() }, (_, n) => ring.get(n + 1)).filter((one) => one !== undefined);
}

/** What is compared of exchanges: all but times and whose they are. */
export function plain(exchanges: readonly Exchange[]): unknown[] {
  return exchanges.map((exchange) => {
    const { seq, edge, caller, at, clock, queued, connected, firstByte, ended, trace, charged, ...rest } = exchange;
    return { ...rest, over: ended !== null };
  });
}

/** The same bytes in pieces: each that was passed on is cut at `cuts`, taken as parts of its length. */
export function inPieces(said: readonly Said[], cuts: readonly number[]): Said[] {
  return said.flatMap(([way, bytes]) => {
    const ends = [...cuts.map((cut) => Math.floor(cut * bytes.length)), bytes.length].sort((a, b) => a - b);
    const pieces = ends.map((end, n): Said => [way, bytes.subarray(n === 0 ? 0 : ends[n - 1], end)]);
    return pieces.filter(([, piece]) => piece.length > 0);
  });
}

export function inBytes(said: readonly Said[]): Said[] {
  return said.flatMap(([way, bytes]) => [...bytes].map((byte): Said => [way, Buffer.from([byte])]));
}
