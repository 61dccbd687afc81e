import type { End, Output } from "../kinds/condition.ts";

/** Why bytes wait. `body`: a paced body before them is not handed on yet. `upgrade`: the answer says what protocol they are in. */
type Wait = "body" | "upgrade";

/**
 * One direction's bytes on their way through a reader that takes whole pieces: heads, then bodies. What is pushed may be
 * overwritten afterwards: what waits is copied.
 */
export interface LaneBuffer extends Output {
  /** What comes waits until `unblock` with the same reason. */
  readonly block: (why: Wait) => void;
  readonly unblock: (why: Wait) => void;
  /** From here on all goes to `next` unread, what waits first. */
  readonly straighten: (next: Output) => void;
  /** Bytes that wait, without the beginning of a piece: how long that may become, the reader says. */
  readonly held: () => number;
}

interface LaneBufferOptions {
  readonly now: () => number;
  /** Takes bytes from the start and says how many; 0: it needs more to go on. */
  readonly read: (bytes: Buffer, at: number) => number;
  /** No more will come; `rest` is what was not enough for the reader. */
  readonly ended: (how: End, at: number, rest: Buffer | null) => void;
}

export function openLaneBuffer({ now, read, ended }: LaneBufferOptions): LaneBuffer {
  let straight: Output | null = null;
  const waits = new Set<Wait>();
  /** Within `read`: what it changes takes effect behind it. */
  let reading = false;
  /** The beginning of a piece. */
  let partial: Buffer | null = null;
  let parts: Buffer[] = [];
  let waiting = 0;
  let end: End | null = null;

  function feed(bytes: Buffer, at: number): void {
    let rest = partial === null ? bytes : Buffer.concat([partial, bytes]);
    partial = null;
    reading = true;
    while (rest.length > 0) {
      if (straight !== null) {
        straight.push(rest, at);
        break;
      }
      if (waits.size > 0) {
        parts.unshift(Buffer.from(rest));
        waiting += rest.length;
        break;
      }
      const used = read(rest, at);
      if (used === 0 && straight === null && waits.size === 0) {
        partial = Buffer.from(rest);
        break;
      }
      rest = rest.subarray(used);
    }
    reading = false;
  }

  function goOn(): void {
    if (parts.length > 0) {
      const all = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
      parts = [];
      waiting = 0;
      feed(all, now());
    }
    if (end === null || waits.size > 0) return;
    const how = end;
    end = null;
    finish(how, now());
  }

  function finish(how: End, at: number): void {
    const rest = partial;
    partial = null;
    if (straight !== null) straight.end(how, at);
    else ended(how, at, rest);
  }

  return {
    push: (bytes, at) => {
      if (straight !== null) return straight.push(bytes, at);
      if (waits.size === 0) return feed(bytes, at);
      parts.push(Buffer.from(bytes));
      waiting += bytes.length;
    },
    end: (how, at) => {
      if (waits.size > 0 && straight === null) end = how;
      else finish(how, at);
    },
    block: (why) => void waits.add(why),
    unblock: (why) => {
      waits.delete(why);
      if (waits.size === 0 && !reading && straight === null) goOn();
    },
    straighten: (next) => {
      straight = next;
      waits.clear();
      if (reading) return;
      if (partial !== null) next.push(partial, now());
      partial = null;
      goOn();
    },
    held: () => waiting,
  };
}
