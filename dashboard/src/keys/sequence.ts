/** Makes single keys and two-key sequences (`g m`) out of key presses. */
export interface Sequence {
  /** The binding that this key completes, null for none. `now` in ms. */
  readonly press: (key: string, now: number) => string | null;
}

/** The second key of a sequence must follow within this time, ms. */
const PAIR_TIME = 1_500;

export function createSequence(bindings: readonly string[]): Sequence {
  let before: { key: string; at: number } | null = null;
  return {
    press: (key, now) => {
      const pair = before !== null && now - before.at <= PAIR_TIME ? `${before.key} ${key}` : null;
      before = { key, at: now };
      if (pair !== null && bindings.includes(pair)) {
        before = null;
        return pair;
      }
      return bindings.includes(key) ? key : null;
    },
  };
}
