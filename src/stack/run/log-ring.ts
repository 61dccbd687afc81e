import type { LogLine } from "../session/messages.ts";

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
