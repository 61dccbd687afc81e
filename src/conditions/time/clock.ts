/** A call that was asked for. */
export interface Timer {
  readonly cancel: () => void;
}

/** Monotonic time and calls at a time; tests pass one that they turn themselves. */
export interface Clock {
  /** Milliseconds with a fraction, never going back. */
  readonly now: () => number;
  /** Calls `run` at `when` or as soon after as can be, never before. */
  readonly at: (when: number, run: () => void) => Timer;
}
