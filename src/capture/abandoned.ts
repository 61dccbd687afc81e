import type { Candidate } from "./trace-link.ts";

/** So long a service may go on with a request that nobody waits for, ms. */
const GOES_ON = 10_000;
/** Of a service. */
const MOST = 64;

/** Ends that the service had no part in: it was never asked. */
const NOT_ASKED = /^(?:DROPPED|DOWN|STARTING|TIMEOUT|BAD-REQUEST|ECONNREFUSED)$/;

/** Requests whose client left before the response was whole: the service may still be working on them. */
export interface Abandoned {
  /** It broke off at `clock`; `code`: of its error. */
  readonly broke: (candidate: Candidate, code: string, clock: number) => void;
  /** Those that may be worked on. */
  readonly at: (clock: number) => readonly Candidate[];
}

interface Entry {
  readonly candidate: Candidate;
  readonly until: number;
}

const NONE: readonly Candidate[] = [];

export function abandoned(): Abandoned {
  let entries: readonly Entry[] = [];
  return {
    broke: (candidate, code, clock) => {
      if (NOT_ASKED.test(code)) return;
      entries = [...entries.slice(1 - MOST), { candidate, until: clock + GOES_ON }];
    },
    at: (clock) => {
      if (entries.length === 0) return NONE;
      entries = entries.filter(({ until }) => until > clock);
      return entries.map(({ candidate }) => candidate);
    },
  };
}
