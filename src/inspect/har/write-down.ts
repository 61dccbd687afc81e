import { newCaller } from "../../capture/caller.ts";
import { CAPTURE_ALL } from "../../capture/edge.ts";
import { type CapturedEdge, type HttpExchange, newPlace } from "../../capture/exchange.ts";
import type { Recorder } from "../../capture/recorder.ts";
import { traceParentIn } from "../../capture/trace.ts";
import type { ImportedExchange } from "./entry.ts";
import { sizeOf } from "./read.ts";

/** The caller of an archive's requests. */
const FROM = "har";

/** Writes exchanges of an archive down, as those of edges `har→HOST`. */
export function archiveWriter(recorder: Recorder): (imported: ImportedExchange) => void {
  const edges = new Map<string, CapturedEdge>();
  return (imported) => {
    const { at, times, error, ...said } = imported;
    const edge = edges.get(said.host) ?? edgeTo(said.host);
    edges.set(said.host, edge);
    const clock = at - performance.timeOrigin;
    const caller = { ...newCaller(FROM, null, null), looked: true };
    const exchange = recorder.begin<HttpExchange>(
      { protocol: "http", edge, caller, replayOf: null, edited: false, at, ...said },
      clock,
      traceParentIn(said.requestHead),
    );
    const { ended, ...phases } = times;
    Object.assign(exchange, phases);
    recorder.grew(exchange, sizeOf(imported));
    recorder.endAfter(exchange, ended ?? 0, error);
  };
}

function edgeTo(host: string): CapturedEdge {
  return {
    ...{ id: `${FROM}→${host}`, stack: FROM, from: FROM, to: host },
    origin: null,
    place: newPlace(FROM, host),
    policy: CAPTURE_ALL,
  };
}
