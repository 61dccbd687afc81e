import { expect, test } from "vitest";
import { anyCaller, edgeTo } from "../../capture/capture.fixture.ts";
import type { HttpExchange, Opening, PostgresExchange, RedisExchange } from "../../capture/exchange.ts";
import { createRecorder } from "../../capture/recorder.ts";
import { parseTraceParent } from "../../capture/trace.ts";
import type { TraceLink } from "../../capture/trace-link.ts";
import { openNotes } from "./notes.ts";

const TRACES = ["1", "2"].map((digit) => parseTraceParent(`00-${digit.repeat(32)}-${"3".repeat(16)}-01`));

function setup() {
  const recorder = createRecorder();
  const notes = openNotes(recorder);
  const edge = edgeTo("db");
  const caller = anyCaller();
  const query = (
    sql: string,
    { clock = 0, params = [] as string[], trace = -1, ms = 1, by = caller, within = null as TraceLink | null } = {},
  ) => {
    const opening: Opening<PostgresExchange> = {
      ...{ protocol: "postgres", edge, caller: by, sql, statement: null, params, columns: [], rows: [], rowCount: 0 },
      ...{ tag: null, transaction: null, database: null, user: null, bytesUp: 0, bytesDown: 0 },
    };
    const exchange = recorder.begin<PostgresExchange>(opening, clock, TRACES[trace] ?? null, within);
    recorder.end(exchange, clock + ms);
    return exchange;
  };
  return { recorder, notes, edge, caller, query };
}

test("the same query with other values at least five times in a trace is pointed out, on all of them", () => {
  const { notes, query } = setup();
  const all = Array.from({ length: 12 }, (_, n) => {
    // However it is written: values in the text or bound, other spaces, comments, lists of any length.
    const sql =
      n % 2 === 0 ? `select * from "Item" where id = ${n}` : `SELECT *  FROM "Item"\n where id = 'x${n}' -- ${n}`;
    query("begin", { trace: 0 });
    query("select now()", { trace: 1 });
    return query(sql, { trace: 0, clock: n * 10_000 });
  });
  for (const exchange of all) expect(notes.of(exchange)).toEqual(["12 times in this trace: N+1?"]);
  // The same values each time, or another trace.
  expect(notes.of(query("begin", { trace: 0 }))).toEqual([]);
  expect(notes.of(query("select now()", { trace: 1 }))).toEqual([]);
  expect(notes.of(query('select * from "Item" where id = 5', { trace: 1 }))).toEqual([]);
});

test("so is the same query with the same values, where it is of a table", () => {
  const { notes, query } = setup();
  let last: PostgresExchange | undefined;
  for (let n = 0; n < 5; n++) {
    last = query("select * from users where id = $1", { params: ["7"], trace: 0 });
    expect(notes.of(query("select 1", { trace: 0 }))).toEqual([]);
    expect(notes.of(query("BEGIN", { trace: 0 }))).toEqual([]);
  }
  expect(last && notes.of(last)).toEqual(["5 times with the same values in this trace: N+1?"]);
  query("select * from users where id = $1", { params: ["8"], trace: 0 });
  expect(last && notes.of(last)).toEqual(["6 times in this trace: N+1?"]);
});

test("of several requests it is said only when one of them must have sent that many, and as a guess", () => {
  const { notes, query } = setup();
  const guess = (candidates: number[], count = candidates.length): TraceLink => ({
    ...{ traceId: null, parentId: null, how: "likely" },
    guess: { count, orNone: false, candidates: candidates.map((seq) => ({ seq, traceId: null })) },
  });
  const send = (within: TraceLink, n: number) =>
    query("select * from users where id = $1", { params: [`${n}`], within });
  const sent = Array.from({ length: 9 }, (_, n) => send(guess([1, 2]), n));
  for (let n = 0; n < 9; n++) send(guess([1, 3]), n);
  for (let n = 0; n < 99; n++) expect(notes.of(send(guess([], 40), n))).toEqual([]);
  for (const one of sent) expect(notes.of(one)).toEqual([]);
  sent.push(send(guess([1, 2]), 9));
  for (const one of sent) expect(notes.of(one)).toEqual(["10 times, perhaps of one of 2 requests: N+1?"]);
});

test("bound parameters are values too; lists of another length are the same query", () => {
  const { notes, query } = setup();
  let last: PostgresExchange | undefined;
  for (let n = 0; n < 5; n++) last = query("select * from item where id = $1", { params: [String(n)], trace: 0 });
  expect(last && notes.of(last)).toEqual(["5 times in this trace: N+1?"]);
  for (let n = 1; n < 7; n++) last = query(`select 1 where id in (${Array(n).fill("7").join(", ")})`, { trace: 0 });
  expect(last && notes.of(last)).toEqual(["6 times in this trace: N+1?"]);
});

test("without a trace it is a second of one connection that counts", () => {
  const { notes, query } = setup();
  const last = (gap: number, by = anyCaller()) => {
    let exchange: PostgresExchange | undefined;
    for (let n = 0; n < 6; n++) exchange = query(`select ${n}`, { clock: n * gap, by });
    return exchange === undefined ? [] : notes.of(exchange);
  };
  expect(last(100)).toEqual(["6 times within a second: N+1?"]);
  expect(last(600)).toEqual([]);
  let spread: PostgresExchange | undefined;
  for (let n = 0; n < 6; n++) spread = query(`select ${n}`, { by: anyCaller() });
  expect(spread && notes.of(spread)).toEqual([]);
});

test("what is counted is bounded, and ends with close", () => {
  const { notes, query } = setup();
  // More different queries than are counted, in one trace and on one connection.
  for (let n = 0; n < 50_000; n++) query(`select * from t${n} where id = 1`, { trace: n % 2 === 0 ? 0 : -1 });
  const five = Array.from({ length: 5 }, (_, n) => query("select * from last where id = $1", { params: [`${n}`] }));
  for (const exchange of five) expect(notes.of(exchange)).toEqual(["5 times within a second: N+1?"]);
  notes.close();
  expect(notes.of(query("select * from last where id = $1", { params: ["9"] }))).toEqual([]);
});

test("slow is what the service says, else what its protocol has; what waits on purpose isn't", () => {
  const { recorder, notes, query, caller } = setup();
  expect(notes.of(query("select 1", { ms: 99 }))).toEqual([]);
  expect(notes.of(query("select 1", { ms: 100 }))).toEqual(["slow"]);
  const command = (name: string, ms: number, args: string[] = [], slow: number | null = null) => {
    const opening: Opening<RedisExchange> = {
      ...{ protocol: "redis", edge: edgeTo("cache", { slow }), caller, command: name, args, reply: null },
      ...{ bytesUp: 0, bytesDown: 0 },
    };
    const exchange = recorder.begin<RedisExchange>(opening, 0);
    recorder.end(exchange, ms);
    return notes.of(exchange);
  };
  expect(command("GET", 19)).toEqual([]);
  expect(command("GET", 20)).toEqual(["slow"]);
  expect(command("GET", 20, [], 50)).toEqual([]);
  expect(command("BLPOP", 5_000, ["jobs", "5"])).toEqual([]);
  expect(command("XREAD", 5_000, ["BLOCK", "0", "STREAMS", "s", "$"])).toEqual([]);
  expect(command("BITCOUNT", 5_000)).toEqual(["slow"]);
});

test("a WebSocket tells how many messages it carried, and isn't slow", () => {
  const { recorder, notes, edge, caller } = setup();
  const opening: Opening<HttpExchange> = {
    ...{ protocol: "http", edge, caller, method: "GET", target: "/", host: "web", status: 101, requestHead: "" },
    ...{
      responseHead: "",
      refusedHead: null,
      requestBody: null,
      responseBody: null,
      messages: { kept: [], total: 1 },
      replayOf: null,
      edited: false,
    },
  };
  const exchange = recorder.begin<HttpExchange>(opening, 0);
  expect(notes.of(exchange)).toEqual(["1 message"]);
  if (exchange.messages !== null) exchange.messages.total = 1_234;
  recorder.end(exchange, 60_000);
  expect(notes.of(exchange)).toEqual(["1,234 messages"]);
  exchange.messages = null;
  exchange.status = 200;
  expect(notes.of(exchange)).toEqual(["slow"]);
  exchange.responseHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
  expect(notes.of(exchange)).toEqual([]);
});
