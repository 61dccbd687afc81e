import { expect, test } from "vitest";
import { edgeFixture, scene } from "../../../capture/exchange.fixture.ts";
import type { Exchange } from "../../../capture/exchange.ts";
import { createRecorder } from "../../../capture/recorder.ts";
import { detailOf } from "../../../inspect/detail.ts";
import { summaryOf } from "../../../inspect/summary.ts";
import { titleOf } from "../../../inspect/title.ts";
import { createContext } from "../../terminal/context.ts";
import { detailText } from "./detail-text.ts";

const summary = (exchange: Exchange) => summaryOf(exchange, titleOf(exchange), []);

async function shown(exchange: Exchange, trace: readonly Exchange[]): Promise<string[]> {
  const context = createContext({ cwd: "/", json: false, color: false });
  return detailText(context, await detailOf(exchange, summary(exchange), {}), trace.map(summary));
}

/** `/a` and, if `both`, `/b` under way at api, and what it asks its database then. */
function sent(both: boolean) {
  const recorder = createRecorder();
  const web = edgeFixture("web", "api");
  const requests = (both ? ["/a", "/b"] : ["/a"]).map((target) => scene(web, recorder).http({ target, ms: null }));
  const edge = { ...edgeFixture("api", "db"), origin: web.place };
  return { requests, query: scene(edge, recorder).postgres("select * from tea") };
}

test("a guess names what it may be under, and stands beside the trace, not in it", async () => {
  const { requests, query } = sent(true);
  const lines = await shown(query, [...requests, query]);
  const at = lines.findIndex((line) => /^ {2}under +one of 2 requests that were under way$/.test(line));
  expect(lines.slice(at + 1, at + 3).map((line) => line.trim())).toEqual(["0001 GET /a", "0002 GET /b"]);
  expect(lines.join("\n")).toMatch(
    /\ntrace\n.*GET \/a\n.*GET \/b\n\nperhaps of this trace\n {2}\S+ {2}api→db.*select \* from tea {2}one of 2: 0001, 0002/,
  );
});

test("what is known says how", async () => {
  const { requests, query } = sent(false);
  const lines = await shown(query, [...requests, query]);
  expect(lines).toContainEqual(expect.stringMatching(/under +0001 GET \/a, by time: no other request was under way/));
  expect(lines.join("\n")).not.toContain("perhaps");
});
