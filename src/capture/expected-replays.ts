import type { HttpExchange } from "./exchange.ts";

/** A replay that was sent and has not arrived yet. */
interface ExpectedReplay {
  /** The request's exchange, once it began. */
  readonly exchange: () => HttpExchange | null;
  /** It is over: another caller may get the address. */
  readonly forget: () => void;
}

/** Replays under way, by their callers' addresses. */
export interface ExpectedReplays {
  /** The next request of the caller at that address is a replay of the exchange `seq`. */
  readonly expect: (address: string, seq: number) => ExpectedReplay;
  /** Marks an exchange that is a replay. */
  readonly mark: (exchange: HttpExchange) => void;
}

export function createExpectedReplays(): ExpectedReplays {
  const replays = new Map<string, { of: number; exchange: HttpExchange | null }>();
  return {
    expect: (address, of) => {
      const replay: { of: number; exchange: HttpExchange | null } = { of, exchange: null };
      replays.set(address, replay);
      return {
        exchange: () => replay.exchange,
        forget: () => {
          if (replays.get(address) === replay) replays.delete(address);
        },
      };
    },
    mark: (exchange) => {
      if (replays.size === 0) return;
      const { address } = exchange.caller;
      const replay = replays.get(address);
      if (replay === undefined) return;
      replays.delete(address);
      exchange.replayOf = replay.of;
      replay.exchange = exchange;
    },
  };
}
