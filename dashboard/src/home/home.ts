import { createContext, useContext } from "react";
import type { Snapshot, StackView } from "../../../src/home/view/view.ts";
import type { LogLine } from "../../../src/stack/session/messages.ts";
import { createTraffic, type Rates } from "../map/traffic.ts";
import { type Cell, createCell, useCell } from "../state/cell.ts";
import { api } from "./api.ts";
import { changes } from "./changes.ts";
import { whenLocked } from "./request.ts";
import { createSeries, type Series, withTraffic } from "./series.ts";
import { type Connection, openStream } from "./stream.ts";

/** All that the page knows of home. */
export interface Home {
  readonly connection: Cell<Connection>;
  /** The last one, kept while home is unreachable. Null before the first. */
  readonly snapshot: Cell<Snapshot | null>;
  readonly rates: Cell<Rates>;
  readonly series: Series;
  /** When the series grew last, epoch ms. */
  readonly ticked: Cell<number>;
  /** Counts the streams: what was read before the present one began may be out of date. */
  readonly stream: Cell<number>;
  /** What the guard has refused since home's start, as far as the stream told. */
  readonly refused: Cell<number>;
  /** The latest change of state, for screen readers. */
  readonly news: Cell<string>;
  /** A stack as it was last seen, also after its end. */
  readonly lastSeen: (id: string) => StackView | null;
  /** Lines as they come. Returns the end of the subscription. */
  readonly onLog: (listener: (stack: string, lines: readonly LogLine[]) => void) => () => void;
  readonly retry: () => void;
  readonly close: () => void;
}

export function createHome(): Home {
  const connection = createCell<Connection>("connecting");
  const snapshot = createCell<Snapshot | null>(null);
  const rates = createCell<Rates>(new Map());
  const series = createSeries();
  const ticked = createCell(0);
  const stream = createCell(0);
  const news = createCell("");
  const refused = createCell(0);
  const seen = new Map<string, StackView>();
  const listeners = new Set<(stack: string, lines: readonly LogLine[]) => void>();
  const traffic = createTraffic();
  /** The stream whose first snapshot the series began with. */
  let counted = 0;
  whenLocked(() => connection.set("locked"));

  const source = openStream({
    health: api.health,
    onConnection: (now) => {
      if (now === "live" && connection.get() !== "live") stream.set(stream.get() + 1);
      if (now !== "live") rates.set(new Map());
      connection.set(now);
    },
    onEvent: (event) => {
      if (event.type === "log") {
        for (const listener of listeners) listener(event.stack, event.lines);
        return;
      }
      if (event.type === "traffic") {
        const current = snapshot.get();
        series.add(event.time, event.edges);
        ticked.set(event.time);
        if (current === null) return;
        const moved = withTraffic(current, event.edges);
        snapshot.set(moved);
        if (moved !== current || rates.get().size > 0) rates.set(traffic.sample(moved, performance.now()));
        return;
      }
      if (event.type === "guard") refused.set(event.total);
      if (event.type !== "snapshot") return;
      const before = snapshot.get();
      for (const stack of event.snapshot.stacks) seen.set(stack.id, stack);
      const told = before === null ? [] : changes(before, event.snapshot);
      if (before === null || counted !== stream.get()) series.start(event.snapshot);
      counted = stream.get();
      snapshot.set(event.snapshot);
      if (told.length > 0) news.set(told.join(". "));
      rates.set(traffic.sample(event.snapshot, performance.now()));
    },
  });
  return {
    ...{ connection, snapshot, rates, series, ticked, stream, refused, news },
    lastSeen: (id) => seen.get(id) ?? [...seen.values()].find(({ name }) => name === id) ?? null,
    onLog: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    retry: source.retry,
    close: source.close,
  };
}

export const HomeContext = createContext<Home | null>(null);

export function useHome(): Home {
  const home = useContext(HomeContext);
  if (home === null) throw new Error("a component that needs home is outside of HomeContext");
  return home;
}

export const useSnapshot = (): Snapshot | null => useCell(useHome().snapshot);
export const useConnection = (): Connection => useCell(useHome().connection);
