import type { Snapshot } from "../../../src/home/view/view.ts";

/** What an edge carries now, bytes per second in both directions together. */
export type Rates = ReadonlyMap<string, number>;

/** Rates are means over this long, ms. */
const WINDOW = 3_000;

/** Makes rates of the counters that snapshots bring. */
export interface Traffic {
  /** Takes a snapshot's counters in, and gives the rates at `now` (ms). Keys: {@link edgeKey}; edges at rest are absent. */
  readonly sample: (snapshot: Snapshot, now: number) => Rates;
}

export const edgeKey = (stack: string, edge: string): string => `${stack} ${edge}`;

export function createTraffic(): Traffic {
  const samples = new Map<string, { at: number; bytes: number }[]>();
  return {
    sample: (snapshot, now) => {
      const rates = new Map<string, number>();
      const seen = new Set<string>();
      for (const stack of snapshot.stacks) {
        for (const edge of stack.edges) {
          const key = edgeKey(stack.id, edge.id);
          seen.add(key);
          const bytes = edge.bytesUp + edge.bytesDown;
          const known = samples.get(key) ?? [];
          // Counters restart with a new home or relay.
          const before = (known.at(-1)?.bytes ?? 0) > bytes ? [] : known;
          const kept = [
            ...before.filter(({ at }, index) => now - at < WINDOW || index === before.length - 1),
            { at: now, bytes },
          ];
          samples.set(key, kept);
          const [oldest] = kept;
          if (oldest === undefined || now - oldest.at < 200) continue;
          const rate = ((bytes - oldest.bytes) * 1000) / (now - oldest.at);
          if (rate > 0) rates.set(key, rate);
        }
      }
      for (const key of samples.keys()) if (!seen.has(key)) samples.delete(key);
      return rates;
    },
  };
}
