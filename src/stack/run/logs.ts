import type { LogLine } from "../session/messages.ts";

/** Lines are sent on in batches, at most one in this time, ms. */
const BATCH_TIME = 50;

export interface LogBatch {
  readonly add: (line: LogLine) => void;
  /** Sends what waits, now. */
  readonly flush: () => void;
}

export function logBatch(send: (lines: LogLine[]) => void): LogBatch {
  let waiting: LogLine[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const lines = waiting;
    waiting = [];
    send(lines);
  };
  return {
    add: (line) => {
      waiting.push(line);
      timer ??= setTimeout(flush, BATCH_TIME);
    },
    flush,
  };
}

/** Lines kept for one service. */
const MOST = 2_000;

export interface LogRing {
  readonly add: (line: LogLine) => void;
  readonly last: (count: number) => LogLine[];
}

export function logRing(): LogRing {
  let lines: LogLine[] = [];
  return {
    add: (line) => {
      lines.push(line);
      // Cut in halves: one copy for every thousand lines.
      if (lines.length > MOST * 1.5) lines = lines.slice(-MOST);
    },
    last: (count) => lines.slice(-Math.min(count, MOST)),
  };
}
