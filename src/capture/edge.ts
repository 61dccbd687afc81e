/** How much of an edge's exchanges is kept. */
export interface CapturePolicy {
  /** False: nothing of this edge is looked at. */
  readonly on: boolean;
  /** Bytes of each body, and of each message, that are kept. */
  readonly bodies: number;
  /** Requests for these paths, and those below them, are left out: see `isBelow`. */
  readonly skip: readonly string[];
  /** From here on an exchange is slow, ms; null: as its protocol has it. */
  readonly slow: number | null;
  /** Names of fields, parameters and columns whose values are hidden, beside those that are anyway: `ssn`, `x-internal-*`. */
  readonly redact?: readonly string[];
}

const DEFAULT_BODIES = 1024 * 1024;
export const CAPTURE_ALL: CapturePolicy = { on: true, bodies: DEFAULT_BODIES, skip: [], slow: null };
export const CAPTURE_NONE: CapturePolicy = { on: false, bodies: 0, skip: [], slow: null };
