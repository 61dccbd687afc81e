/** So many at once, and so many a second after that. */
export interface Allowance {
  readonly most: number;
  readonly perSecond: number;
}

/** What is left of an allowance. */
export interface Budget {
  readonly allowance: Allowance;
  left: number;
  /** When it was filled up last, `performance.now()`. */
  since: number;
}

export function newBudget(allowance: Allowance): Budget {
  return { allowance, left: allowance.most, since: performance.now() };
}

/** Takes one. False: there is none left. The clock is only looked at then. */
export function spend(budget: Budget): boolean {
  if (budget.left >= 1) {
    budget.left--;
    return true;
  }
  const now = performance.now();
  const { most, perSecond } = budget.allowance;
  budget.left = Math.min(most, budget.left + ((now - budget.since) / 1_000) * perSecond);
  budget.since = now;
  return budget.left >= 1 && spend(budget);
}

/** Gives some back: the connection did what it is for. */
export function earn(budget: Budget, count: number): void {
  budget.left = Math.min(budget.allowance.most, budget.left + count);
}
