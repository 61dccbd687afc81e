import { type Fault, isFault } from "../../fault/fault.ts";
import { call } from "./call.ts";
import type { HomeClient } from "./client.ts";

/** A stop waits until all is written, ms. */
const TIMEOUT = 60_000;

export interface Recording {
  readonly name: string;
  readonly filter: string;
  readonly running: boolean;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly exchanges: number;
  readonly bytes: number;
  /** Exchanges that came faster than they could be written. */
  readonly dropped: number;
}

/** Recordings, for the CLI. */
export interface RecordingsClient {
  /** Ordered by their last start. */
  readonly list: () => Promise<readonly Recording[] | Fault>;
  /** Starts one, or goes on with one that was stopped. Faults: RECORDING_RUNNING. */
  readonly start: (wanted: { name: string; filter: string; redact: boolean }) => Promise<Recording | Fault>;
  /** Done when all is written. Faults: RECORDING_UNKNOWN. */
  readonly stop: (name: string) => Promise<Recording | Fault>;
  readonly remove: (name: string) => Promise<Recording | Fault>;
}

export function recordingsOf({ address }: HomeClient): RecordingsClient {
  const all = "/api/v1/recordings";
  const path = (name: string) => `${all}/${encodeURIComponent(name)}`;
  return {
    list: async () => {
      const answer = await call<{ recordings: readonly Recording[] }>(address, "GET", all);
      return isFault(answer) ? answer : answer.recordings;
    },
    start: (wanted) => call<Recording>(address, "POST", all, { body: wanted, timeout: TIMEOUT }),
    stop: (name) => call<Recording>(address, "POST", `${path(name)}/stop`, { timeout: TIMEOUT }),
    remove: (name) => call<Recording>(address, "DELETE", path(name), { timeout: TIMEOUT }),
  };
}
