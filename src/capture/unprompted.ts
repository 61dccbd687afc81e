import { fingerprint } from "../sql/fingerprint.ts";

/** So long it is remembered that a service sent something by itself, ms. */
const REMEMBERED = 10 * 60_000;
/** Different ones of a service. */
const MOST = 500;
/** Characters of each that are looked at. */
const TEXT_MOST = 1_024;

/**
 * What a service was seen to send while no request was under way at it: keep-alives of a pool, timers, migrations, work after
 * a response, requests that didn't pass Cove. The same sent during a request says nothing about that request.
 */
export interface Unprompted {
  /** It was sent with no request under way. `clock`: ms, as in exchanges. */
  readonly saw: (text: string, clock: number) => void;
  /** Whether the same, values aside, was sent so lately. */
  readonly knows: (text: string, clock: number) => boolean;
}

export function unprompted(): Unprompted {
  /** Fingerprints, and when each was seen last: the latest at the end. */
  const seen = new Map<number, number>();
  return {
    saw: (text, clock) => {
      const print = fingerprint(text, TEXT_MOST);
      seen.delete(print);
      seen.set(print, clock);
      if (seen.size <= MOST) return;
      for (const oldest of seen.keys()) {
        seen.delete(oldest);
        break;
      }
    },
    knows: (text, clock) => {
      if (seen.size === 0) return false;
      const last = seen.get(fingerprint(text, TEXT_MOST));
      return last !== undefined && clock - last < REMEMBERED;
    },
  };
}
