import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { keptBytes } from "../../capture/body.ts";
import type { HttpExchange, PostgresExchange } from "../../capture/exchange.ts";
import { spanIdOf, traceIdOf } from "../../capture/ids.ts";
import { orThrow } from "../../fault/fault.ts";
import { begin, CALLER, edgeTo, say } from "./exchanges.fixture.ts";
import { openFixture, readAll, run } from "./recordings.fixture.ts";

describe("a recording", () => {
  test("holds what ended while it ran, as it was, and nothing else", async () => {
    const { recorder, recordings, warnings } = openFixture();
    say(recorder, { target: "/before" });
    expect(orThrow(await recordings.start("checkout"))).toMatchObject({
      name: "checkout",
      running: true,
      exchanges: 0,
    });
    const bytes = Buffer.from([0, 255, 10, 13, 128]);
    const sent = say(recorder, {
      method: "POST",
      target: "/orders?x=%C3%A9",
      body: bytes,
      status: 201,
      response: "né",
    });
    const cut = say(recorder, { target: "/big", response: "x".repeat(100), most: 10 });
    const info = orThrow(await recordings.stop("checkout"));
    say(recorder, { target: "/after" });
    expect(info).toMatchObject({ running: false, exchanges: 2, dropped: 0, evicted: 0, endedAt: expect.any(Number) });
    expect(orThrow(await recordings.list())).toEqual([info]);

    const [first, second, ...more] = (await readAll(recordings, "checkout")) as HttpExchange[];
    expect(more).toEqual([]);
    const { edge, clock, charged, trace, requestBody, responseBody, ...plain } = sent;
    expect(first).toMatchObject(plain);
    expect(keptBytes(first?.requestBody ?? null)).toEqual(bytes);
    expect(keptBytes(first?.responseBody ?? null).toString()).toBe("né");
    expect(first?.edge).toMatchObject({ id: "browser→api", stack: "shop", from: "browser", to: "api", origin: null });
    expect(first?.edge).toBe(second?.edge);
    expect(first && traceIdOf(first)).toBe(traceIdOf(sent));
    expect(first?.clock).toBeCloseTo(clock, 0);
    expect(second?.responseBody).toMatchObject({ size: 100, keptSize: 10 });
    expect(second?.target).toBe(cut.target);
    expect(warnings).toEqual([]);
  });

  test("keeps queries, messages and who is under whom", async () => {
    const { recorder, recordings } = openFixture();
    orThrow(await recordings.start("one"));
    const api = edgeTo("api");
    const outer = begin(recorder, { edge: api, target: "/orders" });
    outer.messages = { total: 2, kept: [message("up", "hi"), message("down", "there")] };
    const opening = {
      sql: "SELECT 1",
      statement: null,
      params: ["1", null],
      columns: ["a"],
      rows: [["1"]],
      rowCount: 1,
    };
    const query = recorder.begin<PostgresExchange>(
      {
        ...{ protocol: "postgres", edge: edgeTo("db", api.place), caller: CALLER, tag: "SELECT 1", transaction: null },
        ...{ database: "shop", user: "cove", bytesUp: 10, bytesDown: 20, ...opening },
      },
      performance.now(),
    );
    recorder.end(query, performance.now(), { code: "23505", message: "duplicate" });
    recorder.end(outer, performance.now());
    expect(query.trace).toMatchObject({ how: "alone", parentId: spanIdOf(outer.seq) });
    orThrow(await recordings.stop("one"));
    const [inner, top] = await readAll(recordings, "one");
    expect(inner).toMatchObject({ protocol: "postgres", ...opening, error: { code: "23505" }, edge: { id: "api→db" } });
    expect(inner?.trace.parentId).toBe(spanIdOf(top?.seq ?? 0));
    expect(inner && traceIdOf(inner)).toBe(traceIdOf(outer));
    expect((top as HttpExchange).messages).toMatchObject({
      total: 2,
      kept: [
        { way: "up", data: Buffer.from("hi") },
        { way: "down", data: Buffer.from("there") },
      ],
    });
  });

  test("keeps what a guess may be under", async () => {
    const { recorder, recordings } = openFixture();
    orThrow(await recordings.start("guesses"));
    const api = edgeTo("api");
    const both = ["/a", "/b"].map((target) => begin(recorder, { edge: api, target }));
    say(recorder, { edge: edgeTo("pay", api.place), target: "/charge" });
    for (const one of both) recorder.end(one, performance.now());
    orThrow(await recordings.stop("guesses"));
    const [charge, ...requests] = await readAll(recordings, "guesses");
    expect(charge?.trace).toMatchObject({ parentId: null, how: "likely", guess: { count: 2, orNone: false } });
    expect(charge?.trace.guess?.candidates).toEqual(requests.map((one) => ({ seq: one.seq, traceId: traceIdOf(one) })));
  });

  test("of another home keeps who is under whom, and goes on in this one", async () => {
    const { recorder, recordings, folder } = openFixture();
    const fixture = fileURLToPath(new URL("./record-once.fixture.ts", import.meta.url));
    await run(process.execPath, [fixture, folder, "both"]);
    orThrow(await recordings.start("both"));
    const web = edgeTo("web");
    const outer = begin(recorder, { edge: web, target: "/page" });
    say(recorder, { edge: edgeTo("api", web.place), target: "/call" });
    recorder.end(outer, performance.now());
    orThrow(await recordings.stop("both"));
    const all = (await readAll(recordings, "both")) as HttpExchange[];
    expect(all.map(({ target }) => target)).toEqual(["/call", "/page", "/call", "/page"]);
    expect(new Set(all.map(({ seq }) => seq)).size).toBe(4);
    for (const n of [0, 2]) {
      const [call, page] = all.slice(n) as [HttpExchange, HttpExchange];
      expect(call.trace.parentId).toBe(spanIdOf(page.seq));
      expect(traceIdOf(call)).toBe(traceIdOf(page));
    }
    expect(new Set(all.map(traceIdOf)).size).toBe(2);
  });

  test("takes what its filter matches, without what its redaction hides, unless told to keep it", async () => {
    const { recorder, recordings } = openFixture();
    orThrow(await recordings.start("hidden", { matches: ({ edge }) => edge.to === "api", filter: "to:api" }));
    orThrow(await recordings.start("open", { redact: false }));
    say(recorder, { headers: "Authorization: secret\r\n" });
    say(recorder, { edge: edgeTo("web") });
    orThrow(await recordings.stop("hidden"));
    orThrow(await recordings.stop("open"));
    const [hidden, ...rest] = (await readAll(recordings, "hidden")) as HttpExchange[];
    expect(rest).toEqual([]);
    expect(hidden?.requestHead).toContain("Authorization: hidden\r\n");
    const all = (await readAll(recordings, "open")) as HttpExchange[];
    expect(all.map(({ edge }) => edge.to)).toEqual(["api", "web"]);
    expect(all[0]?.requestHead).toContain("Authorization: secret\r\n");
    expect(orThrow(await recordings.list()).map(({ name, filter }) => [name, filter])).toEqual([
      ["hidden", "to:api"],
      ["open", ""],
    ]);
  });

  test("has nothing in its files that was to be hidden, and has it where it was to be kept", async () => {
    for (const redact of [true, false]) {
      const { recorder, recordings, folder } = openFixture();
      orThrow(await recordings.start("x", { redact }));
      say(recorder, { headers: "Authorization: secret\r\n" });
      orThrow(await recordings.stop("x"));
      const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1"));
      expect(files.some((text) => text.includes("secret"))).toBe(!redact);
      expect(files.some((text) => text.includes("Authorization"))).toBe(true);
    }
  });

  test("goes on where it ended, and is gone once it is removed", async () => {
    const { recorder, recordings } = openFixture();
    for (const target of ["/one", "/two"]) {
      orThrow(await recordings.start("again"));
      expect(await recordings.start("again")).toMatchObject({ fault: "RECORDING_RUNNING" });
      say(recorder, { target });
      orThrow(await recordings.stop("again"));
    }
    const targets = ((await readAll(recordings, "again")) as HttpExchange[]).map(({ target }) => target);
    expect(targets).toEqual(["/one", "/two"]);
    expect(await recordings.stop("again")).toMatchObject({ fault: "RECORDING_UNKNOWN" });
    expect(orThrow(await recordings.remove("again"))).toMatchObject({ exchanges: 2 });
    expect(orThrow(await recordings.list())).toEqual([]);
    expect(await recordings.read("again")).toMatchObject({ fault: "RECORDING_UNKNOWN" });
    expect(await recordings.start("../x")).toMatchObject({ fault: "USAGE" });
    expect(await recordings.start("x.har")).toMatchObject({ fault: "USAGE" });
  });

  test("lies in a file that only this user reads", async () => {
    const { recordings, folder } = openFixture();
    orThrow(await recordings.start("private"));
    const modes = readdirSync(folder).map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]);
    expect(modes).toContainEqual(["recordings.sqlite", "600"]);
    expect(modes.map(([, mode]) => mode)).toEqual(modes.map(() => "600"));
  });
});

function message(way: "up" | "down", text: string) {
  return { way, at: 1, kind: "text" as const, size: text.length, data: Buffer.from(text) };
}
