import type { Peer } from "./peers/peer.ts";
import type { Tree } from "./trees.ts";

/** How long a section may take: `--quick` gives small numbers. */
export interface Effort {
  readonly rounds: number;
  /** Of one measurement. */
  readonly seconds: number;
  /** Another checkout to compare this one with, by the sections that can; null: none. */
  readonly against: Tree | null;
}

/** One part of the benchmark. It returns its lines for RESULTS.md; what it lacks is one of them. */
export interface Section {
  readonly title: string;
  /** What the numbers mean, and what they don't. */
  readonly about: string;
  readonly run: (effort: Effort) => Promise<readonly string[]>;
}

/** Starts every peer that is installed, runs `use`, and ends them all, whatever happens. */
export async function withPeers<T>(
  peers: readonly Peer[],
  upstream: number,
  use: (running: readonly Peer[], missing: readonly string[]) => Promise<T>,
): Promise<T> {
  const stops: (() => Promise<void>)[] = [];
  const running: Peer[] = [];
  const missing: string[] = [];
  try {
    for (const peer of peers) {
      const stop = await peer.start(upstream);
      if (stop === null) missing.push(`skipped, not installed: ${peer.name}`);
      else {
        running.push(peer);
        stops.push(stop);
      }
    }
    return await use(running, missing);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

/** Measures each peer in each round. The order turns, so that nobody always follows the same one. */
export async function inRounds<T>(
  peers: readonly Peer[],
  rounds: number,
  measure: (peer: Peer) => Promise<T>,
): Promise<Map<Peer, T[]>> {
  const results = new Map<Peer, T[]>(peers.map((peer) => [peer, []]));
  for (let round = 0; round < rounds; round++) {
    for (let n = 0; n < peers.length; n++) {
      const peer = peers[(n + round) % peers.length];
      if (peer !== undefined) results.get(peer)?.push(await measure(peer));
    }
  }
  return results;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Columns: the first one left, numbers right. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[column] ?? 0) + 3)))
      .join("")
      .trimEnd(),
  );
}
