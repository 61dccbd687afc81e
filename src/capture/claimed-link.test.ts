import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { anyCaller, edgeTo } from "./capture.fixture.ts";
import { openClaim } from "./claim.ts";
import { senderIn } from "./claimed-link.ts";
import { type CapturedEdge, newPlace, type PostgresExchange } from "./exchange.ts";
import { spanIdOf, traceIdOf } from "./ids.ts";
import { createRecorder } from "./recorder.ts";

const caller = anyCaller();
const place = (name: string) => newPlace("shop", name);
const T = "c".repeat(32);
const F = "f".repeat(16);

function edge(from: ReturnType<typeof place> | null, to: ReturnType<typeof place>): CapturedEdge {
  return { ...edgeTo(to.service), from: from?.service ?? "browser", origin: from, place: to };
}

function shop() {
  const recorder = createRecorder();
  const [web, api, db] = [place("web"), place("api"), place("db")];
  const ended: number[] = [];
  recorder.listen({ ended: ({ seq }) => ended.push(seq) });
  const head = (fields: string, traceParent = "") =>
    ({ method: "GET", target: "/", hostField: "a", traceParent, text: `GET / HTTP/1.1\r\n${fields}\r\n` }) as never;
  return {
    ...{ recorder, ended },
    page: (clock: number) => {
      const exchange = recorder.http(edge(null, web), caller, head(""), clock);
      if (exchange === null) throw new Error("not recorded");
      return exchange;
    },
    call: (to: "api", fields: string, traceParent: string) => {
      const exchange = recorder.http(edge(web, api), caller, head(fields, traceParent), 0);
      if (exchange === null) throw new Error(`not recorded: ${to}`);
      return exchange;
    },
    query: (from: "web" | "api", claim = openClaim(), clock = 1) => {
      const opening = {
        protocol: "postgres" as const,
        edge: edge(from === "web" ? web : api, db),
        caller,
        sql: "select 1",
      };
      const query = recorder.begin<PostgresExchange>(opening as never, clock, null, null, claim);
      return { query, claim };
    },
  };
}

describe("what a service reports of a statement", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("places it under the request that it names, whatever else was under way", () => {
    const { recorder, page, query } = shop();
    const pages = [page(0), page(0), page(0)];
    const context = { traceId: traceIdOf(pages[1] as never), spanId: spanIdOf(2) };
    const { query: one, claim } = query("web");
    expect(one.trace).toMatchObject({ how: "likely", parentId: null });
    claim.settle(context);
    expect(one.trace).toEqual({ traceId: context.traceId, parentId: spanIdOf(2), how: "exact", guess: null });
    const known = openClaim();
    known.settle(context);
    expect(query("web", known).query.trace).toEqual(one.trace);
    recorder.end(one, 2);
  });

  test("is told to those who wait for its end; they wait for the report, but not for ever", () => {
    const { recorder, ended, page, query } = shop();
    page(0);
    const reported = query("web");
    const silent = query("web");
    recorder.end(reported.query, 2);
    recorder.end(silent.query, 2);
    expect(ended).toEqual([]);
    reported.claim.settle(null);
    expect(ended).toEqual([reported.query.seq]);
    expect(reported.query.trace).toEqual({ traceId: null, parentId: null, how: "exact", guess: null });
    vi.advanceTimersByTime(5_000);
    expect(ended).toEqual([reported.query.seq, silent.query.seq]);
    // Too late: what was told stays.
    const before = silent.query.trace;
    silent.claim.settle(null);
    expect(silent.query.trace).toBe(before);
    expect(before.how).toBe("alone");
  });

  test("that will not come leaves the guess", () => {
    const { recorder, ended, page, query } = shop();
    page(0);
    const { query: one, claim } = query("web");
    claim.settle(undefined);
    recorder.end(one, 2);
    expect([one.trace.how, ended]).toEqual(["alone", [one.seq]]);
  });

  test("says that its request was over by then", () => {
    const { recorder, page, query } = shop();
    const first = page(0);
    recorder.end(first, 10);
    const claim = openClaim();
    claim.settle({ traceId: traceIdOf(first), spanId: spanIdOf(first.seq) });
    expect(query("web", claim, 5).query.trace.afterEnd).toBeUndefined();
    expect(query("web", claim, 20).query.trace).toMatchObject({ parentId: spanIdOf(first.seq), afterEnd: true });
  });

  test("for a request that Cove doesn't know is of that trace", () => {
    const { query } = shop();
    const claim = openClaim();
    claim.settle({ traceId: T, spanId: F });
    expect(query("web", claim).query.trace).toEqual({ traceId: T, parentId: F, how: "exact", guess: null });
  });
});

describe("a call with a span of its own", () => {
  const fields = (span: string, sender: string) =>
    `traceparent: 00-${T}-${span}-01\r\ntracestate: cove=${span}-${sender}\r\n`;

  test("is under the request that it was sent for, and what is sent for it is under it", () => {
    const { page, call, query } = shop();
    const first = page(0);
    page(0);
    const one = call("api", fields(F, spanIdOf(first.seq)), `00-${T}-${F}-01`);
    expect(one.trace).toEqual({ traceId: T, parentId: spanIdOf(first.seq), how: "header", guess: null });
    const other = "e".repeat(16);
    const two = call("api", fields(other, spanIdOf(first.seq)), `00-${T}-${other}-01`);
    const claim = openClaim();
    claim.settle({ traceId: T, spanId: other });
    expect(query("api", claim).query.trace.parentId).toBe(spanIdOf(two.seq));
  });

  test("whose span several requests had is none's", () => {
    const { page, call, query } = shop();
    const first = page(0);
    for (let n = 0; n < 2; n++) call("api", fields(F, spanIdOf(first.seq)), `00-${T}-${F}-01`);
    const claim = openClaim();
    claim.settle({ traceId: T, spanId: F });
    expect(query("api", claim).query.trace).toMatchObject({
      ...{ traceId: T, parentId: null, how: "likely" },
      guess: { count: 2, orNone: false },
    });
  });

  test("says so only beside its own traceparent", () => {
    const head = (state: string) => `GET / HTTP/1.1\r\nTraceState: ${state}\r\n\r\n`;
    expect(senderIn(head(`cove=${F}-${"1".repeat(16)}`), F)).toBe("1".repeat(16));
    expect(senderIn(head(`cove=${F}-${"1".repeat(16)}`), "2".repeat(16))).toBeNull();
    expect(senderIn(head(`rojo=1,cove=${F}-${"1".repeat(16)}`), F)).toBeNull();
    expect(senderIn("GET / HTTP/1.1\r\n\r\n", F)).toBeNull();
  });
});
