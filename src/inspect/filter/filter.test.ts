import fc from "fast-check";
import { expect, test } from "vitest";
import { edgeFixture, scene } from "../../capture/exchange.fixture.ts";
import { traceIdOf } from "../../capture/ids.ts";
import { isFault, orThrow } from "../../fault/fault.ts";
import { matchesFilter, parseFilter } from "./filter.ts";
import type { FilterContext } from "./filter-test.ts";

const said = scene();
const order = said.http({
  method: "POST",
  target: "/orders?page=2",
  headers: ["Content-Type: application/json", `Cookie: sid=${Buffer.from("Grüße").toString("latin1")}`],
  body: '{"name":"Ann Müller"}',
  status: 503,
  responseHeaders: ["Content-Type: text/html; charset=utf-8"],
  responseBody: "<h1>Down (for now)</h1>".padEnd(20_000),
  ms: 240,
});
const elsewhere = scene({ ...edgeFixture("web", "api"), root: "/code/shop" }).http({ target: "/" });
const health = said.http({ target: "/health", ms: null });
const query = scene(edgeFixture("api", "db"), said.recorder).postgres("select *\nfrom orders where id = $1", {
  params: ["42", null],
  rows: [["Zoë"]],
  error: { code: "23505", message: "duplicate key" },
});
const redis = scene(edgeFixture("api", "cache"), said.recorder).redis("GET", ["session:12"], '"ann"');
const all = { order, health, query, redis };

function found(filter: string, context?: FilterContext): string {
  const read = orThrow(parseFilter(filter));
  return Object.entries(all)
    .filter(([, exchange]) => matchesFilter(read, exchange, context))
    .map(([name]) => name)
    .join(" ");
}

test.each([
  ["", "order health query redis"],
  ["edge:web→api", "order health"],
  ["link:none", "order health query redis"],
  ["link:likely,alone,header", ""],
  ["edge:api:db", "query"],
  ["edge:api->*", "query redis"],
  ["from:API", "query redis"],
  ["to:db,cache", "query redis"],
  ["service:api", "order health"],
  ["stack:shop", "order health query redis"],
  ["stack:other", ""],
  ["status:503", "order"],
  ["status:5xx", "order"],
  ["status:4xx,5xx", "order"],
  ["status:>=400", "order"],
  ["status:<300", "health"],
  ["status:error", "order query"],
  ["status:ok", "redis"],
  ["status:pending", "health"],
  ["status:23505", "query"],
  ["status:23*", "query"],
  ["method:post", "order"],
  ["method:select", "query"],
  ["method:GET", "health redis"],
  ["path:/orders", "order"],
  ["path:/or*", "order"],
  ["path:/orders?page=*", "order"],
  ["path:/o", ""],
  ["host:*.localhost", "order health"],
  ["type:json", "order"],
  ["type:html", "order"],
  ["type:png", ""],
  ["ms:>200", "order"],
  ["ms:<=0.25s", "order query redis"],
  ["size:>10KB", "order"],
  ["size:<1KB", "health query redis"],
  ["protocol:postgres,redis", "query redis"],
  ["protocol:websocket", ""],
  ["is:error", "order query"],
  ["is:replay", ""],
  ["-is:error -protocol:http", "redis"],
  ["orders", "order query"],
  ["ORDERS -protocol:http", "query"],
  ['"(for now)"', "order"],
  ["müller", "order"],
  ["grüße", "order"],
  ["Zoë", "query"],
  ["42", "query"],
  ["session:12 OR", ""],
  ['"session:12"', "redis"],
  ["duplicate", "query"],
  ["http://nowhere", ""],
  [`trace:${traceIdOf(order)}`, "order"],
  [`trace:${traceIdOf(order)} status:503 "ann m"`, "order"],
] as const)("%s finds %s", (filter, names) => {
  if (filter === "session:12 OR") expect(parseFilter(filter)).toMatchObject({ fault: "FILTER_INVALID" });
  else expect(found(filter)).toBe(names);
});

test.each(["path:*a*a*b", "host:*a*a*b", "edge:*a*a*b:*", `path:${"*a".repeat(50)}*b`])(
  "%s is no work, however long a path is",
  (filter) => {
    const long = scene(edgeFixture("a".repeat(8_000), "api")).http({ target: "/x", host: "a".repeat(8_000) });
    long.target = `/${"a".repeat(8_000)}`;
    const began = performance.now();
    expect(matchesFilter(orThrow(parseFilter(filter)), long)).toBe(false);
    expect(performance.now() - began).toBeLessThan(2_000);
  },
);

test("a project's exchanges are known by its folder, and what was imported is of every project", () => {
  const finds = (text: string) => [elsewhere, order].map((one) => matchesFilter(orThrow(parseFilter(text)), one));
  expect(finds("folder:/code/shop")).toEqual([true, true]);
  expect(finds('folder:"/code/blog","/code/shop"')).toEqual([true, true]);
  expect(finds("folder:/code/blog")).toEqual([false, true]);
});

test("notes and held exchanges come from outside", () => {
  const context: FilterContext = {
    notes: (exchange) => (exchange === order ? ["slow"] : exchange === query ? ["9 times in this trace"] : []),
    held: (exchange) => exchange === health,
  };
  expect(found("is:slow", context)).toBe("order");
  expect(found("is:repeated", context)).toBe("query");
  expect(found("is:held", context)).toBe("health");
});

test.each([
  ["statu:500", /there is no statu: .*at 1/, /did you mean status:/],
  ["a colour:red", /there is no colour: .*at 3/, /there are edge/],
  ["status:6xx,", /has no value/, /4xx/],
  ["status:!", /can't be "!"/, /ECONNRESET/],
  ["ms:200", /ms: can't be "200"/, /ms:>200/],
  ["ms:>fast", /can't be/, /ms:>200/],
  ["size:>", /can't be/, /10KB/],
  ["is:good", /can't be/, /is:slow/],
  ["is:constructor", /can't be/, /is:slow/],
  ["edge:web", /can't be/, /edge:web→api/],
  ['say "this', /not closed.*at 5/, /close it/],
  ["trace:xyz", /can't be/, /hex/],
] as const)("%s is refused, and says why", (filter, message, hint) => {
  const read = parseFilter(filter);
  if (!isFault(read)) throw new Error("was read");
  expect(read.fault).toBe("FILTER_INVALID");
  expect(read.message).toMatch(message);
  expect(read.hint).toMatch(hint);
});

test("whatever is written in quotes comes back as it was", () => {
  const key = fc.constantFrom(null, "path", "from", "host", "method");
  const term = fc.record({
    not: fc.boolean(),
    key,
    value: fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
  });
  fc.assert(
    fc.property(fc.array(term, { maxLength: 5 }), (terms) => {
      const text = terms
        .map(({ not, key, value }) => {
          const quoted = `"${value.replace(/["\\]/g, "\\$&")}"`;
          return `${not ? "-" : ""}${key === null ? "" : `${key}:`}${quoted}`;
        })
        .join(" ");
      const read = orThrow(parseFilter(text)).terms.map(({ not, key, values: [value] }) => ({ not, key, value }));
      const sorted = [...terms].sort((a, b) => Number(a.key === null) - Number(b.key === null));
      expect(read).toEqual(sorted);
    }),
  );
});

test("any text is read or refused, and what is read can be asked", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      const read = parseFilter(text);
      if (!isFault(read)) for (const exchange of Object.values(all)) matchesFilter(read, exchange);
    }),
  );
});
