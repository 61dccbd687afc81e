import type { LogLine } from "../../stack/session/messages.ts";
import { hidePasswords } from "../view/redact.ts";

/** Whose lines are about a stack and none of its services in particular. */
export const COVE = "cove";
/** Lines kept for each service. */
export const LINES_PER_SERVICE = 2_000;
/** Stacks whose lines are kept, those that ended included. */
const STACKS = 50;
/** A line is cut beyond this many characters. */
const LONGEST_LINE = 16_384;

/** The last lines of every service of every stack, kept after a stack's end until home ends. */
export interface LogBook {
  /** Adds lines and gives them back as they may be shown: passwords in URLs hidden, long ones cut. */
  readonly add: (stack: string, lines: readonly LogLine[]) => LogLine[];
  /** A runner repeats its last lines after a reconnection: only those that are new are added. */
  readonly restore: (stack: string, lines: readonly LogLine[]) => void;
  /** The last `limit` lines of one service, or of all in order of time; null for a stack never seen. */
  readonly last: (stack: string, service: string | null, limit: number) => LogLine[] | null;
}

export function createLogBook(): LogBook {
  const stacks = new Map<string, Map<string, LogLine[]>>();

  function services(stack: string): Map<string, LogLine[]> {
    const present = stacks.get(stack) ?? new Map<string, LogLine[]>();
    // Insertion order is order of use, so that the first is the one to forget.
    stacks.delete(stack);
    stacks.set(stack, present);
    for (const oldest of stacks.keys()) {
      if (stacks.size <= STACKS) break;
      stacks.delete(oldest);
    }
    return present;
  }

  function add(stack: string, lines: readonly LogLine[]): LogLine[] {
    const known = services(stack);
    const shown = lines.map(presentable);
    for (const line of shown) {
      const ring = known.get(line.service);
      if (ring === undefined) known.set(line.service, [line]);
      else ring.push(line);
    }
    for (const ring of known.values()) {
      // Cut in halves rather than line by line: moving the array's rest is what costs.
      if (ring.length > LINES_PER_SERVICE * 2) ring.splice(0, ring.length - LINES_PER_SERVICE);
    }
    return shown;
  }

  return {
    add,
    restore: (stack, lines) => {
      const known = services(stack);
      add(
        stack,
        lines.filter((line) => line.time > (known.get(line.service)?.at(-1)?.time ?? 0)),
      );
    },
    last: (stack, service, limit) => {
      const known = stacks.get(stack);
      if (known === undefined) return null;
      const count = Math.max(0, Math.min(limit, LINES_PER_SERVICE));
      if (count === 0) return [];
      if (service !== null) return known.get(service)?.slice(-count) ?? [];
      return [...known.values()]
        .flatMap((ring) => ring.slice(-count))
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
