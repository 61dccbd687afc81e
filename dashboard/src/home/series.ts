import type { EdgeTraffic, Snapshot } from "../../../src/home/view/view.ts";
import { edgeKey } from "../map/traffic.ts";

/** What passed over an edge in one second. */
export interface Sample {
  /** Epoch ms, its end. */
  readonly time: number;
  /** Bytes per second, to the service and back. */
  readonly up: number;
  readonly down: number;
  /** How long answers took, ms; null where none came. */
  readonly turns: EdgeTraffic["turns"];
}

/** The last minutes of every edge, second by second. */
export interface Series {
  /** Where counters stand when the stream begins. */
  readonly start: (snapshot: Snapshot) => void;
  readonly add: (time: number, edges: readonly EdgeTraffic[]) => void;
  /** Oldest first; seconds at rest included. */
  readonly of: (stack: string, edge: string) => readonly Sample[];
}

/** How far it goes back, samples of a second. */
export const LENGTH = 180;
/** Two events further apart belong to two streams, or the machine slept, ms. */
const GAP = 5_000;

type Moved = Omit<Sample, "time">;
const REST: Moved = { up: 0, down: 0, turns: null };

export function createSeries(): Series {
  let before = 0;
  const counters = new Map<string, { up: number; down: number }>();
  const seconds: { readonly time: number; readonly moved: ReadonlyMap<string, Moved> }[] = [];

  return {
    start: (snapshot) => {
      for (const stack of snapshot.stacks) {
        for (const { id, bytesUp, bytesDown } of stack.edges) {
          counters.set(edgeKey(stack.id, id), { up: bytesUp, down: bytesDown });
        }
      }
    },
    add: (time, edges) => {
      const passed = time - before > 0 && time - before < GAP ? time - before : 1_000;
      before = time;
      const moved = new Map<string, Moved>();
      for (const { stack, edge, bytesUp, bytesDown, turns } of edges) {
        const key = edgeKey(stack, edge);
        const { up, down } = counters.get(key) ?? { up: 0, down: 0 };
        counters.set(key, { up: bytesUp, down: bytesDown });
        // A new relay counts from nothing.
        const rate = (now: number, then: number) => ((now < then ? now : now - then) * 1_000) / passed;
        moved.set(key, { up: rate(bytesUp, up), down: rate(bytesDown, down), turns });
      }
      seconds.push({ time, moved });
      if (seconds.length > LENGTH) seconds.shift();
    },
    of: (stack, edge) => {
      const key = edgeKey(stack, edge);
      return seconds.map(({ time, moved }) => ({ time, ...(moved.get(key) ?? REST) }));
    },
  };
}

/** A snapshot with the counters that came after it. */
export function withTraffic(snapshot: Snapshot, edges: readonly EdgeTraffic[]): Snapshot {
  if (edges.length === 0) return snapshot;
  const moved = new Map(edges.map((one) => [edgeKey(one.stack, one.edge), one]));
  const stacks = snapshot.stacks.map((stack) => ({
    ...stack,
    edges: stack.edges.map((edge) => {
      const now = moved.get(edgeKey(stack.id, edge.id));
      if (now === undefined) return edge;
      const { connections, bytesUp, bytesDown } = now;
      return { ...edge, connections, bytesUp, bytesDown };
    }),
  }));
  return { ...snapshot, stacks };
}
