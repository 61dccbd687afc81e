import type { Relay } from "../../door/relay/relay.ts";
import type { Model } from "../model/model.ts";
import type { EdgeTraffic } from "../view/view.ts";

/** From one look at the relays to the next while someone listens, ms. */
const TICK = 1_000;

type TrafficListener = (time: number, edges: readonly EdgeTraffic[]) => void;

/** What passes over edges, once a second for those who listen. Counters have no events of their own. */
export interface Traffic {
  /** Each call: what changed since the last one, perhaps nothing. Returns the function that ends it. */
  readonly listen: (listener: TrafficListener) => () => void;
}

export function createTraffic(model: Model): Traffic {
  const listeners = new Set<TrafficListener>();
  let timer: NodeJS.Timeout | undefined;
  /** The counters of each relay at the last report. */
  let told = new WeakMap<Relay, string>();

  function look(): EdgeTraffic[] {
    const moved: EdgeTraffic[] = [];
    for (const stack of model.stacks.values()) {
      const relays = [...stack.edges.values()].map(({ id, relay }) => [id, relay] as const);
      for (const [edge, relay] of [...relays, ...stack.detours]) {
        if (relay === null) continue;
        const { connections, bytesUp, bytesDown } = relay.stats();
        const turns = relay.takeTurns();
        const counters = `${connections} ${bytesUp} ${bytesDown}`;
        if (turns === null && told.get(relay) === counters) continue;
        told.set(relay, counters);
        moved.push({ stack: stack.id, edge, connections, bytesUp, bytesDown, turns });
      }
    }
    return moved;
  }

  return {
    listen: (listener) => {
      listeners.add(listener);
      if (listeners.size === 1) {
        // Response times from before anyone listened are dropped.
        told = new WeakMap();
        look();
        timer = setInterval(() => {
          const moved = look();
          const time = Date.now();
          for (const one of listeners) one(time, moved);
        }, TICK);
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) clearInterval(timer);
      };
    },
  };
}
