import type { EdgeView } from "../../../src/home/view/view.ts";
import { count, size } from "../text/size.ts";

/** What goes over an edge right now, in words; null when it is at rest. */
export function trafficText(edge: EdgeView, rate: number): string | null {
  const parts = [
    ...(edge.connections > 0 ? [count(edge.connections, "connection")] : []),
    ...(rate >= 1 ? [`${size(rate)}/s`] : []),
  ];
  return parts.length > 0 ? parts.join(" · ") : null;
}

/** The same in the room of a label: `10 open · 4.2 KB/s`. */
export function shortTraffic(edge: EdgeView, rate: number): string | null {
  const parts = [
    ...(edge.connections > 0 ? [`${edge.connections.toLocaleString("en")} open`] : []),
    ...(rate >= 1 ? [`${size(rate)}/s`] : []),
  ];
  return parts.length > 0 ? parts.join(" · ") : null;
}
