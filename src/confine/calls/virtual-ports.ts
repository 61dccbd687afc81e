/** Which of the ports that a service's code chooses are virtual: another one, that is leased, is bound instead. */
export interface PortPlan {
  /** By the port that the code chose; null: that one itself. */
  readonly leased: ReadonlyMap<number, number | null>;
  /** Ports that are bound as they are without a question; both ends included. */
  readonly real: readonly (readonly [number, number])[];
}

/** The port to bind instead of this one, or it itself; `unknown`: whoever decides hasn't yet. */
export function portInstead(plan: PortPlan | null, port: number): number | "unknown" {
  if (plan === null || port === 0) return port;
  const leased = plan.leased.get(port);
  if (leased !== undefined) return leased ?? port;
  const isReal = plan.real.some(([first, last]) => port >= first && port <= last);
  // What is bound instead of another one may be bound by its number, too.
  return isReal || [...plan.leased.values()].includes(port) ? port : "unknown";
}
