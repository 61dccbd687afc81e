import type { ServerResponse } from "node:http";
import type { Exchange } from "../../../capture/exchange.ts";
import type { Exchanges } from "../../exchanges/exchanges.ts";
import type { ExchangeEvent } from "../../view/view.ts";

/** Exchanges in one event; of a flood the newest, and how many were left out. */
const MOST = 200;
/** Comments that keep proxies and clients from taking silence for an end, ms. */
const HEARTBEAT = 15_000;
/** A reader this far behind gets the next event when it has caught up, bytes. */
const BACKLOG = 1 << 20;

/** Reports exchanges as they begin, continue and end. */
export function streamExchanges(kept: Exchanges, to: ServerResponse, wanted: (exchange: Exchange) => boolean): void {
  to.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
  });
  const send = (event: ExchangeEvent) => {
    if (!to.destroyed) to.write(`data: ${JSON.stringify(event)}\n\n`);
  };
  let missed = 0;
  const { recorder } = kept;
  const tell = (exchanges: readonly Exchange[]) => {
    const matching = exchanges.filter(wanted);
    if (matching.length === 0) return;
    if (to.writableLength > BACKLOG) {
      missed += matching.length;
      return;
    }
    const told = matching.slice(-MOST);
    const skipped = missed + matching.length - told.length;
    missed = 0;
    const { oldest, newest } = recorder.ring;
    send({ type: "exchanges", exchanges: told.map(kept.summary), skipped, oldest: oldest(), newest: newest() });
  };
  const tellHeld = () => send({ type: "held", count: kept.breakpoints.held().length });
  const tellBounds = () => {
    const { oldest, newest } = recorder.ring;
    send({ type: "exchanges", exchanges: [], skipped: 0, oldest: oldest(), newest: newest() });
  };
  const mute = recorder.listen({ changed: tell, cleared: tellBounds });
  const muteHeld = kept.listenHeld(tellHeld);
  const beat = setInterval(() => to.destroyed || to.write(":\n\n"), HEARTBEAT);
  to.on("error", () => to.destroy());
  to.on("close", () => {
    mute();
    muteHeld();
    clearInterval(beat);
  });
  tellBounds();
  tellHeld();
}
