import type { Fault } from "../../../src/fault/fault.ts";
import type { HomeEvent } from "../../../src/home/view/view.ts";
import { urls } from "./api.ts";

/** `away`: home doesn't answer; the page keeps asking. `locked`: home doesn't know this browser. */
export type Connection = "connecting" | "live" | "away" | "locked";

export interface StreamHandlers {
  readonly onEvent: (event: HomeEvent) => void;
  readonly onConnection: (connection: Connection) => void;
  /** Asks home whether it answers at all: an EventSource doesn't tell why it failed. */
  readonly health: () => Promise<Fault | null>;
}

export interface Stream {
  /** Tries again now. */
  readonly retry: () => void;
  readonly close: () => void;
}

/** Between two tries while home is unreachable, ms. */
const RETRY = 1_000;

/** Holds the one stream from home open, for as long as the page is. */
export function openStream({ onEvent, onConnection, health }: StreamHandlers): Stream {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;
  connect();

  function connect(): void {
    clearTimeout(timer);
    source?.close();
    const mine = new EventSource(urls.events);
    source = mine;
    mine.onmessage = ({ data }: MessageEvent<string>) => {
      if (source !== mine) return;
      onConnection("live");
      onEvent(JSON.parse(data) as HomeEvent);
    };
    mine.onerror = () => {
      if (source !== mine) return;
      mine.close();
      source = null;
      void askWhy();
    };
  }

  async function askWhy(): Promise<void> {
    const why = await health();
    if (closed || source !== null) return;
    if (why?.fault === "FORBIDDEN") {
      onConnection("locked");
      return;
    }
    onConnection("away");
    timer = setTimeout(why === null ? connect : askAgain, RETRY);
  }

  function askAgain(): void {
    void health().then((why) => {
      if (closed || source !== null) return;
      if (why === null) connect();
      else if (why.fault === "FORBIDDEN") onConnection("locked");
      else timer = setTimeout(askAgain, RETRY);
    });
  }

  return {
    retry: connect,
    close: () => {
      closed = true;
      clearTimeout(timer);
      source?.close();
      source = null;
    },
  };
}
