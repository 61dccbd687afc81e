import type { Exchange } from "../../capture/exchange.ts";
import type { Note } from "../summary.ts";

/** From here on an exchange is slow where the service doesn't say, ms. */
const SLOW: Readonly<Record<Exchange["protocol"], number>> = {
  http: 1_000,
  postgres: 100,
  redis: 20,
  tcp: Number.POSITIVE_INFINITY,
};

/** Commands that block by design. */
const WAITS = /^(?:B(?:[LR]POP|LMOVE|LMPOP|RPOPLPUSH|ZPOP(?:MIN|MAX)|ZMPOP)|WAIT|WAITAOF|MONITOR|[PS]?SUBSCRIBE)$/;
const STREAMS = /^content-type:[\t ]*text\/event-stream/im;

/** `slow`: it took longer than it should. Exchanges that are meant to last aren't slow. */
export const slow: Note = (exchange) => {
  const { ended, edge, protocol } = exchange;
  if (ended === null || ended < (edge.policy.slow ?? SLOW[protocol])) return null;
  return lasts(exchange) ? null : "slow";
};

function lasts(exchange: Exchange): boolean {
  switch (exchange.protocol) {
    case "http":
      return exchange.status === 101 || STREAMS.test(exchange.responseHead ?? "");
    case "redis":
      return WAITS.test(exchange.command) || exchange.args.some((arg) => /^block$/i.test(arg));
    case "postgres":
      return false;
    case "tcp":
      return true;
  }
}
