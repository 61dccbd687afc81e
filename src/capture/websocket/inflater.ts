import { createInflateRaw, type InflateRaw } from "node:zlib";
import { type CapturedBody, keep, newBody } from "../body.ts";

/** RFC 7692 §7.2.2: what the sender took off the end of each message. */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
/** Compressed bytes that may wait for the threads that inflate them. A stream that is faster isn't decompressed any further. */
const WAITING_MOST = 8 * 1024 * 1024;

type Done = (body: CapturedBody | null) => void;

/** A message: what came of it and isn't with the engine yet. */
interface Job {
  readonly pieces: Buffer[];
  /** Null: its end hasn't come. */
  done: Done | null;
}

/** Undoes permessage-deflate for one direction. It never throws and never waits: Node's threads do the work. */
export interface Inflater {
  /** Takes over a piece of the message at hand, which nobody writes to any more. */
  readonly push: (piece: Buffer) => void;
  /** The message is whole; `done` gets its content, or null where that can't be known. In order, mostly later. */
  readonly finish: (done: Done) => void;
  /** No more messages: it ends once those that it has are reported. */
  readonly close: () => void;
}

/**
 * `takeover`: messages build on those before them (false: `no_context_takeover`). `most`: bytes of each message that are kept.
 * The window is always the largest: it reads what was made with any.
 */
export function createInflater(takeover: boolean, most: number): Inflater {
  let engine: InflateRaw | null = null;
  /** What the engine made of the first job so far. */
  let body = newBody();
  /** The first is being inflated, the last may not be whole. */
  const jobs: Job[] = [];
  let flushing = false;
  let waiting = 0;
  /** The message at hand can't be read; with takeover, none after it can. */
  let broken = false;
  let closed = false;

  function open(): InflateRaw {
    const made = createInflateRaw({ chunkSize: 64 * 1024 });
    // However much a message swells: an output is a chunk at the most, and what isn't kept is let go at once.
    made.on("data", (bytes: Buffer) => {
      if (engine === made) keep(body, bytes, 0, bytes.length, most);
    });
    made.on("error", () => {
      if (engine === made) fail();
    });
    return made;
  }

  function fail(): void {
    engine?.destroy();
    engine = null;
    flushing = false;
    body = newBody();
    waiting = 0;
    // A message whose end is still to come is broken; those that wait behind the bad one are given up with it.
    const last = jobs.at(-1);
    broken = takeover || (last !== undefined && last.done === null);
    for (const { done } of jobs.splice(0)) done?.(null);
  }

  function pump(): void {
    const [job] = jobs;
    if (job === undefined || flushing) return;
    engine ??= open();
    const mine = engine;
    for (const piece of job.pieces.splice(0)) {
      mine.write(piece, () => {
        if (engine === mine) waiting -= piece.length;
      });
    }
    if (job.done === null) return;
    flushing = true;
    mine.write(TAIL);
    mine.flush(() => {
      if (engine !== mine) return;
      flushing = false;
      jobs.shift();
      const whole = body;
      body = newBody();
      if (!takeover) mine.reset();
      job.done?.(whole);
      if (jobs.length > 0) pump();
      else if (closed) mine.destroy();
    });
  }

  function current(): Job {
    const last = jobs.at(-1);
    if (last !== undefined && last.done === null) return last;
    const job: Job = { pieces: [], done: null };
    jobs.push(job);
    return job;
  }

  return {
    push: (piece) => {
      if (broken) return;
      const job = current();
      job.pieces.push(piece);
      waiting += piece.length;
      if (waiting > WAITING_MOST) fail();
      else pump();
    },
    finish: (done) => {
      if (broken) {
        broken = takeover;
        return done(null);
      }
      current().done = done;
      pump();
    },
    close: () => {
      closed = true;
      // A message that never became whole isn't reported.
      if (jobs.at(-1)?.done === null) jobs.pop();
      if (jobs.length === 0) engine?.destroy();
    },
  };
}
