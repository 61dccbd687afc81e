import { describe, expect, test } from "vitest";
import { CAPTURE_ALL } from "./edge.ts";
import { type CapturedEdge, type Exchange, newPlace, type Place } from "./exchange.ts";
import { spanIdOf, traceIdOf } from "./ids.ts";
import { linkOf, linkWithin, parseTraceParent, traceParentIn, traceParentOf } from "./trace.ts";

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

describe("by time", () => {
  /** A service with requests under way, and what it sends. */
  function service(...traces: (string | null)[]) {
    const place = newPlace("shop", "orders");
    const requests = traces.map((said, n) => begin(100 + n, edge(null, place), said));
    const send = (text = "select 1 from t", clock = 1_000) => linkOf(edge(place, db), null, text, clock);
    return { place, requests, send };
  }
  const trace = "0af7651916cd43dd8448eb211c80319c";
  const parent = `00-${trace}-b7ad6b7169203331-01`;

  test("a single request under way is the parent", () => {
    expect(service(null).send()).toEqual({
      ...{ traceId: traceIdOf({ seq: 100, trace: { traceId: null } }), parentId: spanIdOf(100), how: "alone" },
      guess: null,
    });
    expect(service().send().how).toBe("none");
  });

  test("of several none is: all of them are named, of many their number", () => {
    expect(service(null, parent).send()).toEqual({
      ...{ traceId: null, parentId: null, how: "likely" },
      guess: {
        ...{ count: 2, orNone: false },
        candidates: [
          { seq: 100, traceId: null },
          { seq: 101, traceId: trace },
        ],
      },
    });
    const many = service(...Array(40).fill(null)).send();
    expect(many.guess).toEqual({ count: 40, orNone: false, candidates: [] });
    const eight = service(...Array(8).fill(null)).send();
    expect(eight.guess?.candidates).toHaveLength(8);
  });

  test("of one trace the trace is known, and not which of its requests", () => {
    expect(service(parent, parent).send()).toMatchObject({ traceId: trace, parentId: null, how: "likely" });
  });

  test("what was sent with no request under way isn't a fact under one, for a while", () => {
    const { place, send } = service();
    expect(send("select 1 from jobs where id = 7").how).toBe("none");
    const request = begin(200, edge(null, place));
    const guess = { count: 1, orNone: true, candidates: [{ seq: 200, traceId: null }] };
    expect(send("SELECT 1 FROM jobs WHERE id = 8", 2_000)).toMatchObject({ how: "likely", parentId: null, guess });
    expect(send("select 2 from jobs", 2_000).how).toBe("alone");
    expect(send("select 1 from jobs where id = 7", 11 * 60_000).how).toBe("alone");
    begin(201, edge(null, place));
    expect(send("select 1 from jobs where id = 9", 3_000).guess).toMatchObject({ count: 2, orNone: true });
    expect(request.trace.how).toBe("none");
  });

  test("a request whose client left may still be worked on", () => {
    const { place, requests, send } = service(null);
    const [left] = requests as [Exchange];
    place.underWay.delete(left);
    place.abandoned.broke({ seq: left.seq, traceId: null }, "aborted", 500);
    expect(send()).toMatchObject({ how: "likely", guess: { count: 1, orNone: true } });
    begin(300, edge(null, place));
    expect(send().guess?.candidates.map(({ seq }) => seq)).toEqual([100, 300]);
    expect(send("select 1 from t", 10_600)).toMatchObject({ how: "alone", parentId: spanIdOf(300) });
    place.abandoned.broke({ seq: 301, traceId: null }, "DOWN", 10_600);
    expect(send("select 1 from t", 10_700).how).toBe("alone");
  });

  test("what was sent before another ended is told late: that one has no name any more", () => {
    const { place, send } = service(null);
    place.lastEnd = 2_000;
    expect(send()).toMatchObject({ how: "likely", guess: { count: 2, candidates: [{ seq: 100 }] } });
    expect(send("select 1 from t", 3_000).how).toBe("alone");
  });

  test("a header passed on unread names the trace; of several of it none is the parent", () => {
    const place = newPlace("shop", "orders");
    const said = traceParentOf(begin(400, edge(null, web)));
    begin(401, edge(web, place), said);
    begin(402, edge(null, place));
    const by = (text: string) => linkOf(edge(place, db), parseTraceParent(text), "", 1_000);
    expect(by(said)).toMatchObject({ how: "header", parentId: spanIdOf(401) });
    begin(403, edge(web, place), said);
    const traceId = said.slice(3, 35);
    expect(by(said)).toMatchObject({ how: "likely", traceId, parentId: null, guess: { count: 2 } });
  });
});

test("a transaction is sent by who began it", () => {
  const alone = { traceId: "1".repeat(32), parentId: spanIdOf(7), how: "alone", guess: null } as const;
  const none = { traceId: null, parentId: null, how: "none", guess: null } as const;
  const candidates = [7, 8].map((seq) => ({ seq, traceId: null }));
  const guess = {
    traceId: null,
    parentId: null,
    how: "likely",
    guess: { count: 2, orNone: false, candidates },
  } as const;
  expect(linkWithin(none, null, () => alone)).toBe(none);
  expect(linkWithin(alone, null, () => guess)).toBe(alone);
  expect(linkWithin(guess, null, () => alone)).toBe(alone);
  expect(linkWithin(guess, null, () => ({ ...alone, parentId: spanIdOf(9) }))).toBe(guess);
  expect(linkWithin(guess, null, () => none)).toBe(guess);
  expect(linkWithin(none, parseTraceParent(`00-${"1".repeat(32)}-00f067aa0ba902b7-01`), () => alone)).toBe(alone);
});

test("what isn't a traceparent begins a trace", () => {
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  expect(parseTraceParent(`00-${trace}-00f067aa0ba902b7-01`)).toMatchObject({ traceId: trace });
  for (const text of ["", "00", `ff-${trace}-00f067aa0ba902b7-01`, `00-${"0".repeat(32)}-00f067aa0ba902b7-01`]) {
    expect(parseTraceParent(text)).toBeNull();
  }
  expect(traceParentIn("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).toBeNull();
});
