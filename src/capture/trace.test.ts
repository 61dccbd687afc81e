import { expect, test } from "vitest";
import { CAPTURE_ALL } from "./edge.ts";
import { type CapturedEdge, type Exchange, newPlace, type Place } from "./exchange.ts";
import { spanIdOf, traceIdOf } from "./ids.ts";
import { linkOf, parseTraceParent, traceParentIn, traceParentOf } from "./trace.ts";

const edge = (origin: Place | null, place: Place): CapturedEdge => ({
  ...{ id: "", stack: "shop", from: origin?.service ?? "browser", to: place.service },
  ...{ origin, place, policy: CAPTURE_ALL },
});
const web = newPlace("shop", "web");
const api = newPlace("shop", "api");
const store = newPlace("shop", "store");
const db = newPlace("shop", "db");

/** An exchange that is under way at a service. */
function begin(seq: number, along: CapturedEdge, said: string | null = null): Exchange {
  const exchange = {
    seq,
    clock: seq,
    trace: linkOf(along, said === null ? null : parseTraceParent(said), "", seq),
  } as Exchange;
  along.place.underWay.add(exchange);
  return exchange;
}

test("a traceparent that is handed on unread leads through any number of services, each under the one before", () => {
  const door = begin(1, edge(null, web));
  expect(door.trace).toEqual({ traceId: null, parentId: null, how: "none", guess: null });
  const said = traceParentOf(door);
  const links = [begin(2, edge(web, api), said), begin(3, edge(api, store), said), begin(4, edge(store, db), said)];
  const parents = links.map(({ trace }) => trace.parentId);
  expect(parents).toEqual([spanIdOf(1), spanIdOf(2), spanIdOf(3)]);
  for (const { trace } of links) expect(trace).toMatchObject({ traceId: traceIdOf(door), how: "header" });
});

test("of several at once the trace tells which; a service's own span is left to it", () => {
  const other = traceParentOf(begin(20, edge(null, api)));
  expect(begin(21, edge(api, db), other).trace.parentId).toBe(spanIdOf(20));
  const foreign = other.replace(spanIdOf(20), "00f067aa0ba902b7");
  expect(begin(22, edge(api, db), foreign).trace.parentId).toBe("00f067aa0ba902b7");
});

test("what isn't a traceparent begins a trace", () => {
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  expect(parseTraceParent(`00-${trace}-00f067aa0ba902b7-01`)).toMatchObject({ traceId: trace });
  for (const text of ["", "00", `ff-${trace}-00f067aa0ba902b7-01`, `00-${"0".repeat(32)}-00f067aa0ba902b7-01`]) {
    expect(parseTraceParent(text)).toBeNull();
  }
  expect(traceParentIn("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).toBeNull();
});
