import { newCaller } from "./caller.ts";
import { CAPTURE_ALL, type CapturePolicy } from "./edge.ts";
import { type CapturedEdge, newPlace } from "./exchange.ts";

/** An edge `api→NAME`, or the browser's where `from` says so. */
export function edgeTo(to: string, policy: Partial<CapturePolicy> = {}, from = "api"): CapturedEdge {
  const origin = from === "browser" ? null : newPlace("shop", from);
  return {
    ...{ id: `${from}→${to}`, stack: "shop", from, to, origin },
    place: newPlace("shop", to),
    policy: { ...CAPTURE_ALL, ...policy },
  };
}

export function anyCaller() {
  return newCaller("127.0.0.1:50000", null, null);
}
