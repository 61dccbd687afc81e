import { type Fault, fault } from "../fault/fault.ts";
import type { HttpExchange } from "./exchange.ts";

/** Requests held at the same moment; further ones pass. */
const HELD_MOST = 100;
/** A held request is released after this, ms: the person who held it may be gone. */
const HELD_TIME = 10 * 60_000;

/** An edit of a held request; what is left out stays as it is. */
export interface Edit {
  readonly method?: string;
  /** `/path?query`. */
  readonly target?: string;
  /** All of them, in order, without Content-Length and Transfer-Encoding: those follow from the body. */
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: Buffer;
}

/** The request as it is now, for editing. */
export interface HeldRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Null: it is not whole here (too large, or still being sent), and can't be edited. */
  readonly body: Buffer | null;
}

/** What can be done with a request that is held: by the door, which knows how. */
interface Hold {
  readonly request: () => HeldRequest;
  /** Sends it on. Faults: REQUEST_INVALID, and it stays held. */
  readonly go: (edit: Edit) => Fault | null;
  /** Ends the client's connection without an answer. */
  readonly drop: () => void;
}

interface Held extends Hold {
  readonly exchange: HttpExchange;
  /** Epoch ms. */
  readonly since: number;
}

interface Breakpoint {
  readonly id: number;
  /** As it was typed. */
  readonly filter: string;
  readonly matches: (exchange: HttpExchange) => boolean;
}

/** Requests at the door that are held until someone releases them. */
export interface Breakpoints {
  readonly add: (filter: string, matches: (exchange: HttpExchange) => boolean) => Breakpoint;
  readonly remove: (id: number) => boolean;
  readonly list: () => readonly Breakpoint[];
  /** Asked for each request: quick where there are none. */
  readonly wants: (exchange: HttpExchange) => boolean;
  readonly hold: (exchange: HttpExchange, hold: Hold) => void;
  /** It is no longer held: its client is gone, or it was released. */
  readonly release: (exchange: HttpExchange) => void;
  readonly held: () => readonly Held[];
  /** Faults: NAME_UNKNOWN where nothing is held under that number, REQUEST_INVALID. */
  readonly go: (seq: number, edit?: Edit) => Fault | null;
  readonly drop: (seq: number) => Fault | null;
}

export function createBreakpoints(changed: () => void = () => {}): Breakpoints {
  let points: readonly Breakpoint[] = [];
  let next = 1;
  const held = new Map<number, Held & { readonly timer: NodeJS.Timeout }>();

  function release({ seq }: HttpExchange): void {
    const one = held.get(seq);
    if (one === undefined) return;
    clearTimeout(one.timer);
    held.delete(seq);
    changed();
  }

  function find(seq: number): Held | Fault {
    return held.get(seq) ?? fault("NAME_UNKNOWN", "no such request is held", "it was released, or its client left");
  }

  function go(seq: number, edit: Edit = {}): Fault | null {
    const one = find(seq);
    if ("fault" in one) return one;
    const failed = one.go(edit);
    if (failed === null) release(one.exchange);
    return failed;
  }

  return {
    add: (filter, matches) => {
      const point = { id: next++, filter, matches };
      points = [...points, point];
      changed();
      return point;
    },
    remove: (id) => {
      const before = points.length;
      points = points.filter((point) => point.id !== id);
      if (points.length === before) return false;
      changed();
      return true;
    },
    list: () => points,
    wants: (exchange) => {
      if (points.length === 0 || held.size >= HELD_MOST) return false;
      return points.some(({ matches }) => matches(exchange));
    },
    hold: (exchange, hold) => {
      const { seq } = exchange;
      const timer = setTimeout(() => go(seq), HELD_TIME);
      timer.unref();
      held.set(seq, { ...hold, exchange, since: Date.now(), timer });
      changed();
    },
    release,
    held: () => [...held.values()],
    go,
    drop: (seq) => {
      const one = find(seq);
      if ("fault" in one) return one;
      one.drop();
      release(one.exchange);
      return null;
    },
  };
}
