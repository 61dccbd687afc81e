import type { End, Output } from "../kinds/condition.ts";

/**
 * One direction's bytes on their way through a reader that takes whole pieces: heads, then bodies. What is pushed may be
 * overwritten afterwards: what waits is copied.
 */
export interface LaneBuffer extends Output {
  /** What comes waits until `unblock`. */
  readonly block: () => void;
  readonly unblock: () => void;
  /** From here on all goes to `next` unread, what waits first. */
  readonly straighten: (next: Output) => void;
  /** Bytes that wait. */
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
  let blocked = false;
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
      if (blocked) {
        parts.unshift(Buffer.from(rest));
        waiting += rest.length;
        break;
      }
      const used = read(rest, at);
      if (used === 0 && straight === null && !blocked) {
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
    if (end === null || blocked) return;
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
      if (!blocked) return feed(bytes, at);
      parts.push(Buffer.from(bytes));
      waiting += bytes.length;
    },
    end: (how, at) => {
      if (blocked && straight === null) end = how;
      else finish(how, at);
    },
    block: () => {
      blocked = true;
    },
    unblock: () => {
      blocked = false;
      if (!reading && straight === null) goOn();
    },
    straighten: (next) => {
      straight = next;
      blocked = false;
      if (reading) return;
      if (partial !== null) next.push(partial, now());
      partial = null;
      goOn();
    },
    held: () => waiting + (partial?.length ?? 0),
  };
}
