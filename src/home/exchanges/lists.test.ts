import { expect, test } from "vitest";
import { watchTurns } from "../../../test/support/longest-turn.ts";
import { edgeFixture, scene } from "../../capture/exchange.fixture.ts";
import type { Exchange } from "../../capture/exchange.ts";
import { traceIdOf } from "../../capture/ids.ts";
import { createRecorder } from "../../capture/recorder.ts";
import { isFault, orThrow } from "../../fault/fault.ts";
import { openNotes } from "../../inspect/notes/notes.ts";
import { openExchanges } from "./exchanges.ts";

test("lists over 100,000 exchanges, full text and traces leave the event loop to the door", {
  timeout: 120_000,
}, async () => {
  const said = scene(edgeFixture("web", "api"));
  const { recorder } = said;
  const headers = ["Accept: text/html", "User-Agent: some browser of 2026, as long as they are", "Cookie: sid=1"];
  const parent = said.http({ target: "/begin" });
  const traceparent = `traceparent: 00-${traceIdOf(parent)}-00f067aa0ba902b7-01`;
  for (let n = 0; n < 99_999; n++) {
    const responseBody = Buffer.from(`{"order":${n},"text":"${"some text ".repeat(20)}"}`);
    said.http({
      target: `/orders/${n}?page=${n % 7}`,
      headers: n % 10 === 0 ? [...headers, traceparent] : headers,
      responseBody,
    });
  }
  const exchanges = openExchanges(recorder, openNotes(recorder).of, () => null);
  const turns = watchTurns();
  const rows = orThrow(await exchanges.rows("some-text-that-is-nowhere", true));
  const all = orThrow(await exchanges.rows("", true));
  const every = orThrow(await exchanges.rows("ORDER", true));
  const last = orThrow(await exchanges.last("path:*o*r*d*s*7", 500));
  const trace = await exchanges.trace(parent);
  const http = orThrow(await exchanges.matchingHttp("status:200"));
  const longest = turns.stop();
  expect(rows.seqs).toEqual([]);
  expect(all.parents).toHaveLength(100_000);
  expect(every.total).toBe(99_999);
  expect(last).toHaveLength(500);
  expect(trace.length).toBe(10_000);
  expect([...http]).toHaveLength(100_000);
  // In one go it is hundreds of ms. A turn should take some 5; collections of garbage fall into one now and then.
  expect(longest).toBeLessThan(100);
});

test("lists say what is wrong with a filter", async () => {
  const { recorder } = scene();
  const exchanges = openExchanges(
    recorder,
    () => [],
    () => null,
  );
  for (const list of [exchanges.rows("ms:fast"), exchanges.last("ms:fast", 1), exchanges.matchingHttp("ms:fast")])
    expect(isFault(await list)).toBe(true);
  expect(await exchanges.byNumber([1, 2])).toEqual([]);
});

test("a trace is shown with what may be of it; a guess with what it may be under", async () => {
  const recorder = createRecorder();
  const [web, api] = [edgeFixture("web", "api"), edgeFixture("api", "db")];
  const edge = { ...api, origin: web.place };
  const requests = [
    scene(web, recorder).http({ target: "/a", ms: null }),
    scene(web, recorder).http({ target: "/b", ms: null }),
  ];
  const guess = scene(edge, recorder).postgres("select 1 from t");
  const other = scene(edgeFixture("x", "y"), recorder).http({ target: "/other" });
  const exchanges = openExchanges(
    recorder,
    () => [],
    () => null,
  );
  const shown = async (one: Exchange) => (await exchanges.trace(one)).map(({ seq }) => seq).sort();
  const [a, b] = requests as [Exchange, Exchange];
  expect(guess.trace.how).toBe("likely");
  expect(await shown(a)).toEqual([a.seq, guess.seq]);
  expect(await shown(guess)).toEqual([a.seq, b.seq, guess.seq]);
  expect(await shown(other)).toEqual([other.seq]);
  expect((await exchanges.trace(guess)).find(({ seq }) => seq === guess.seq)).toMatchObject({
    ...{ parentId: null, parent: null, how: "likely" },
    guess: { count: 2, orNone: false, candidates: [{ seq: a.seq }, { seq: b.seq }] },
  });
});
