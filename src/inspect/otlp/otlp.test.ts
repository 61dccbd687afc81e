import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import type { PostgresExchange, RedisExchange } from "../../capture/exchange.ts";
import { spanIdOf, traceIdOf } from "../../capture/ids.ts";
import { createRecorder, type Recorder } from "../../capture/recorder.ts";
import type { Fault } from "../../fault/fault.ts";
import { begin, CALLER, edgeTo, say } from "../recording/exchanges.fixture.ts";
import { collector } from "./collector.fixture.ts";
import type { Hide } from "./hide.ts";
import { type Otlp, startOtlp } from "./otlp.ts";

const HIDE: Hide = {
  target: (target) => target.replace(/token=\w+/, "token=••"),
  sql: (sql) => sql.replace(/'secret'/, "'••'"),
};

async function exporting(env: NodeJS.ProcessEnv): Promise<{ recorder: Recorder; otlp: Otlp; warnings: Fault[] }> {
  const recorder = createRecorder();
  const warnings: Fault[] = [];
  const otlp = startOtlp(recorder, env, (fault) => warnings.push(fault), HIDE);
  if (otlp === null) throw new Error(`nothing is exported: ${warnings[0]?.message}`);
  onTestFinished(() => otlp.stop());
  await otlp.ready;
  return { recorder, otlp, warnings };
}

function query(recorder: Recorder, from: ReturnType<typeof edgeTo>, sql: string): PostgresExchange {
  return recorder.begin<PostgresExchange>(
    {
      ...{ protocol: "postgres", edge: edgeTo("db", from.place), caller: CALLER, sql, statement: null, params: ["7"] },
      ...{ columns: ["id"], rows: [["7"]], rowCount: 1, tag: "SELECT 1", transaction: null },
      ...{ database: "shop", user: "cove", bytesUp: 10, bytesDown: 20 },
    },
    performance.now(),
  );
}

describe("finished exchanges", () => {
  test("arrive at a collector as one tree of spans: browser, web, api, SQL", async () => {
    const { url, spans, requests } = await collector();
    const { recorder, otlp, warnings } = await exporting({
      OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/`,
      OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=a%20b,authorization=Bearer%201",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=dev,broken",
    });
    const web = edgeTo("web");
    const api = edgeTo("api", web.place);
    const page = begin(recorder, { edge: web, target: "/orders/7?token=abc&x=1" });
    const call = begin(recorder, { edge: api, method: "POST", target: "/orders", body: "12345", status: 503 });
    const select = query(recorder, api, "SELECT * FROM orders WHERE id = $1 AND name = 'secret'");
    recorder.end(select, performance.now());
    const insert = query(recorder, api, "insert into audit values (1)");
    recorder.end(insert, performance.now(), { code: "23505", message: "duplicate key" });
    const opening = { protocol: "redis", edge: edgeTo("cache", api.place), caller: CALLER } as const;
    const get = recorder.begin<RedisExchange>(
      { ...opening, command: "GET", args: ["session:1"], reply: "x", bytesUp: 1, bytesDown: 1 },
      performance.now(),
    );
    recorder.end(get, performance.now());
    recorder.end(call, performance.now());
    recorder.end(page, performance.now());
    await otlp.stop();

    expect(warnings).toEqual([]);
    expect(requests[0]).toMatchObject({
      path: "/v1/traces",
      headers: { "x-tenant": "a b", authorization: "Bearer 1", "content-type": "application/x-protobuf" },
    });
    const tree = spans.map(({ service, name, kind, spanId, parentId, status }) => [
      service,
      name,
      kind,
      spanId,
      parentId,
      status,
    ]);
    const [SERVER, CLIENT, UNSET, ERROR] = [2, 3, 0, 2];
    expect(tree.sort()).toEqual(
      [
        ["web", "GET /orders/{id}", SERVER, spanIdOf(page.seq), "", UNSET],
        ["api", "POST /orders", SERVER, spanIdOf(call.seq), spanIdOf(page.seq), ERROR],
        ["api", "SELECT orders", CLIENT, spanIdOf(select.seq), spanIdOf(call.seq), UNSET],
        ["api", "INSERT audit", CLIENT, spanIdOf(insert.seq), spanIdOf(call.seq), ERROR],
        ["api", "GET", CLIENT, spanIdOf(get.seq), spanIdOf(call.seq), UNSET],
      ].sort(),
    );
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([traceIdOf(page)]));
    const named = (name: string) => spans.find((span) => span.name === name);
    expect(named("GET /orders/{id}")?.attributes).toMatchObject({
      "http.request.method": "GET",
      "url.full": "http://api.shop.localhost/orders/7?token=••&x=1",
      "url.path": "/orders/7",
      "url.query": "token=••&x=1",
      "server.address": "api.shop.localhost",
      "client.address": "127.0.0.1",
      "client.port": 50_000,
      "http.response.status_code": 200,
      "http.response.body.size": 5,
      "cove.edge": "browser→web",
      "cove.connected_ms": 0,
    });
    expect(named("POST /orders")?.attributes).toMatchObject({ "error.type": "503", "http.request.body.size": 5 });
    expect(named("SELECT orders")?.attributes).toMatchObject({
      "db.system.name": "postgresql",
      "db.query.text": "SELECT * FROM orders WHERE id = $1 AND name = '••'",
      "db.namespace": "shop",
      "db.operation.name": "SELECT",
      "db.response.returned_rows": 1,
      "peer.service": "db",
      "cove.trace.how": "alone",
    });
    expect(named("INSERT audit")?.attributes).toMatchObject({ "error.type": "23505" });
    expect(named("GET")?.attributes).toMatchObject({ "db.system.name": "redis", "db.operation.name": "GET" });
    expect(named("GET")?.resource).toMatchObject({
      "service.namespace": "shop",
      "deployment.environment.name": "dev",
      "telemetry.sdk.language": "nodejs",
    });
    for (const { start, end } of spans) {
      expect(Math.abs(Number(start / 1_000_000n) - Date.now())).toBeLessThan(60_000);
      expect(end).toBeGreaterThanOrEqual(start);
    }
  });

  test("are under the client's own span, where it sent one", async () => {
    const { url, spans } = await collector();
    const { recorder, otlp } = await exporting({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/own/path` });
    const [traceId, parentId] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];
    say(recorder, { headers: `traceparent: 00-${traceId}-${parentId}-01\r\n` });
    await otlp.stop();
    expect(spans).toMatchObject([{ traceId, parentId }]);
  });

  test("of which the parent is a guess are linked to what it may be, and under none", async () => {
    const { url, spans } = await collector();
    const { recorder, otlp } = await exporting({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    const api = edgeTo("api");
    const both = ["/a", "/b"].map((target) => begin(recorder, { edge: api, target }));
    recorder.end(query(recorder, api, "SELECT 1"), performance.now());
    for (const one of both) recorder.end(one, performance.now());
    await otlp.stop();
    const [select] = spans.filter(({ name }) => name.startsWith("SELECT"));
    expect(select).toMatchObject({
      ...{ parentId: "", attributes: { "cove.trace.how": "likely", "cove.trace.candidates": 2 } },
      links: both.map((one) => ({ traceId: traceIdOf(one), spanId: spanIdOf(one.seq) })),
    });
    expect(both.map(traceIdOf)).not.toContain(select?.traceId);
  });

  test("that carry telemetry themselves are no spans", async () => {
    const { url, spans } = await collector();
    const { recorder, otlp } = await exporting({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    say(recorder, { method: "POST", target: "/v1/traces", body: "x" });
    say(recorder, { method: "GET", target: "/v1/traces" });
    await otlp.stop();
    expect(spans.map(({ name }) => name)).toEqual(["GET /v1/traces"]);
  });
});

test("more exchanges than can be sent are left out, which is said once", async () => {
  const { url, spans } = await collector();
  const { recorder, otlp, warnings } = await exporting({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
  for (let n = 0; n < 20_000; n++) expect(say(recorder).ended).not.toBeNull();
  await expect.poll(() => spans.length, { timeout: 20_000 }).toBeGreaterThan(0);
  await otlp.stop();
  expect(spans.length).toBeLessThan(20_000);
  expect(warnings).toMatchObject([{ fault: "EXPORT_FAILED", message: expect.stringContaining("more than 2000") }]);
});

describe("a collector that isn't there", () => {
  test("is told of once; exchanges end as ever, and so does Cove", async () => {
    const { recorder, otlp, warnings } = await exporting({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await closedPort()}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: "300",
    });
    for (let n = 0; n < 1_500; n++) expect(say(recorder).ended).not.toBeNull();
    await expect.poll(() => warnings.length, { timeout: 20_000 }).toBe(1);
    for (let n = 0; n < 100; n++) say(recorder);
    await otlp.stop();
    expect(warnings).toMatchObject([
      {
        fault: "EXPORT_FAILED",
        message: expect.stringMatching(/^traces can't be sent to http:\/\/127\.0\.0\.1:\d+\/v1\/traces: .+/),
        hint: expect.stringContaining("OTEL_EXPORTER_OTLP_ENDPOINT"),
      },
    ]);
  });

  test.each([
    [{}, null],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "" }, null],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", OTEL_SDK_DISABLED: "true" }, null],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", OTEL_TRACES_EXPORTER: "none" }, null],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "127.0.0.1:4318" }, "is no http address"],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, "over gRPC"],
  ])("%j exports nothing, saying %s", (env, said) => {
    const warnings: Fault[] = [];
    expect(startOtlp(createRecorder(), env, (fault) => warnings.push(fault), HIDE)).toBeNull();
    expect(warnings.map(({ message }) => message)).toEqual(said === null ? [] : [expect.stringContaining(said)]);
  });
});

async function closedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
