/** One of several requests sent it, or the service by itself. */
export interface ExchangeGuess {
  /** Requests that come into question. */
  readonly count: number;
  /** Or none of them: the service sends such by itself, too. */
  readonly orNone: boolean;
  /** All of them as they began; empty where there are more than eight. */
  readonly candidates: readonly { readonly seq: number; readonly short: string; readonly spanId: string }[];
}

/** `one of 2: 00A7, 00A8`, `one of 40`, `one of 3 or none: …`; with a single one `perhaps 00A7`. */
export function guessText(guess: ExchangeGuess): string {
  const names = guess.candidates.map(({ short }) => short).join(", ");
  if (guess.count === 1) return `perhaps ${names}`;
  return names === "" ? guessMark(guess) : `${guessMark(guess)}: ${names}`;
}

/** The same in short: `one of 2`, `perhaps`. */
export function guessMark({ count, orNone }: Pick<ExchangeGuess, "count" | "orNone">): string {
  if (count === 1) return "perhaps";
  return orNone ? `one of ${count} or none` : `one of ${count}`;
}
