/** A call that waits for its time. */
export interface Timer {
  /** The call is not made. Nothing is left of it. */
  readonly cancel: () => void;
}

/** Monotonic time, and calls at a time. Tests pass a clock that they advance themselves. */
export interface Clock {
  /** Milliseconds with a fraction, never going back. */
  readonly now: () => number;
  /** Calls `run` at `when` or as soon as possible after it, never before. Infinity: never. */
  readonly at: (when: number, run: () => void) => Timer;
}
