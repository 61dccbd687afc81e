import type { LogLine } from "../../stack/session/messages.ts";
import { hidePasswords } from "../view/redact.ts";

/** The service name of lines about the stack as a whole. */
export const COVE = "cove";
/** Lines kept for each service. */
export const LINES_PER_SERVICE = 2_000;
/** Stacks whose lines are kept, those that ended included. */
const STACKS = 50;
/** A line is cut beyond this many characters. */
const LONGEST_LINE = 16_384;

/** The last lines of one service. */
interface ServiceLog {
  readonly lines: LogLine[];
  /** Time of the last one that the runner sent, epoch ms; 0: none. */
  lastOfRunner: number;
}

/** The last lines of every service of every stack, kept after a stack's end until home ends. */
export interface LogBook {
  /** Adds a runner's lines and returns them as they may be shown: passwords in URLs hidden, long ones cut. */
  readonly add: (stack: string, lines: readonly LogLine[]) => LogLine[];
  /** The same for lines of home's own. */
  readonly addOwn: (stack: string, lines: readonly LogLine[]) => LogLine[];
  /** A runner repeats its last lines after a reconnection: only those that are new are added. */
  readonly restore: (stack: string, lines: readonly LogLine[]) => void;
  /** The last `limit` lines of one service, or of all in order of time; null for a stack never seen. */
  readonly last: (stack: string, service: string | null, limit: number) => LogLine[] | null;
}

export function createLogBook(): LogBook {
  const stacks = new Map<string, Map<string, ServiceLog>>();

  function services(stack: string): Map<string, ServiceLog> {
    const present = stacks.get(stack) ?? new Map<string, ServiceLog>();
    // Insertion order is order of use, so that the first is the one to forget.
    stacks.delete(stack);
    stacks.set(stack, present);
    for (const oldest of stacks.keys()) {
      if (stacks.size <= STACKS) break;
      stacks.delete(oldest);
    }
    return present;
  }

  function add(stack: string, lines: readonly LogLine[], ofRunner: boolean): LogLine[] {
    const known = services(stack);
    const shown = lines.map(presentable);
    for (const line of shown) {
      const log = known.get(line.service) ?? { lines: [], lastOfRunner: 0 };
      known.set(line.service, log);
      log.lines.push(line);
      if (ofRunner) log.lastOfRunner = line.time;
    }
    for (const log of known.values()) {
      // Cut in halves rather than line by line: moving the array's rest is what costs.
      if (log.lines.length > LINES_PER_SERVICE * 2) log.lines.splice(0, log.lines.length - LINES_PER_SERVICE);
    }
    return shown;
  }

  return {
    add: (stack, lines) => add(stack, lines, true),
    addOwn: (stack, lines) => add(stack, lines, false),
    restore: (stack, lines) => {
      const known = services(stack);
      add(
        stack,
        lines.filter((line) => line.time > (known.get(line.service)?.lastOfRunner ?? 0)),
        true,
      );
    },
    last: (stack, service, limit) => {
      const known = stacks.get(stack);
      if (known === undefined) return null;
      const count = Math.max(0, Math.min(limit, LINES_PER_SERVICE));
      if (count === 0) return [];
      if (service !== null) return known.get(service)?.lines.slice(-count) ?? [];
      return [...known.values()]
        .flatMap(({ lines }) => lines.slice(-count))
        .sort((a, b) => a.time - b.time)
        .slice(-count);
    },
  };
}

function presentable(line: LogLine): LogLine {
  const cut = line.text.length > LONGEST_LINE ? `${line.text.slice(0, LONGEST_LINE)} …` : line.text;
  const text = hidePasswords(cut);
  return text === line.text ? line : { ...line, text };
}
