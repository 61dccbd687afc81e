import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { collector } from "../src/inspect/otlp/collector.fixture.ts";
import type { ExchangeSummary } from "../src/inspect/summary.ts";
import type { Series } from "../src/telemetry/series.ts";
import type { KeptLog, KeptSpan } from "../src/telemetry/store.ts";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { ask, eventually } from "./support/door-request.ts";
import { scratch } from "./support/scratch.ts";

const SERVER = fileURLToPath(new URL("support/reporting-server.mjs", import.meta.url));

function project(config: object = {}): string {
  const cwd = scratch("telemetry");
  const api = { command: `node ${SERVER}`, ...config };
  writeFileSync(join(cwd, "cove.json"), JSON.stringify({ name: "shop", services: { api } }));
  return cwd;
}

/** Home's API, as the dashboard asks it. */
async function api<T>({ home, port }: Sandbox, path: string): Promise<T> {
  const token = readFileSync(join(home, "token"), "utf8").trim();
  const headers = { authorization: `Bearer ${token}` };
  const { body } = await ask(port, "cove.localhost", { path: `/api/v1${path}`, headers });
  return JSON.parse(body) as T;
}

interface Trace {
  readonly exchanges: readonly ExchangeSummary[];
  readonly spans: readonly KeptSpan[];
  readonly logs: readonly KeptLog[];
}

/** The trace of the newest exchange, once its spans are there. */
async function traceOf(sandbox: Sandbox): Promise<Trace> {
  const { exchanges } = await api<Trace>(sandbox, "/exchanges?limit=1");
  return await eventually(async () => {
    const found = await api<Trace>(sandbox, `/exchanges/${exchanges[0]?.id}/trace`);
    expect(found.spans).toHaveLength(2);
    expect(found.logs).toHaveLength(1);
    return found;
  });
}

describe("a service with OpenTelemetry in it", () => {
  test("needs no setting: its spans, logs and metrics stand beside what the door saw", {
    timeout: 90_000,
  }, async () => {
    await using sandbox = await coveSandbox();
    const up = await sandbox.start(["up"], { cwd: project() });
    await up.waitFor(/ready/);
    expect((await ask(sandbox.port, "api.shop.localhost", { path: "/order" })).body).toBe("ok");

    const { exchanges, spans, logs } = await traceOf(sandbox);
    const [exchange] = exchanges;
    const order = spans.find(({ name }) => name === "place order");
    const charge = spans.find(({ name }) => name === "charge card");
    expect(order).toMatchObject({ stack: "shop", service: "api", parentId: exchange?.spanId, scope: "orders" });
    expect(order?.attributes).toEqual({ "order.id": 7, "user.password": "••••" });
    expect(charge).toMatchObject({ parentId: order?.spanId, failed: true, message: "declined" });
    expect(logs).toMatchObject([{ level: "warn", text: "stock is low", spanId: order?.spanId, service: "api" }]);

    const series = await eventually(async () => {
      const found = await api<{ series: Series[] }>(sandbox, "/telemetry/metrics?stack=shop");
      expect(found.series[0]?.points.length).toBeGreaterThan(0);
      return found.series;
    });
    expect(series).toMatchObject([
      { name: "orders.placed", kind: "sum", attributes: { shop: "main" }, service: "api" },
    ]);
    expect((await api<Trace>(sandbox, "/telemetry/logs?level=warn")).logs).toMatchObject([{ text: "stock is low" }]);
    expect((await api<Trace>(sandbox, "/telemetry/logs?level=error")).logs).toEqual([]);
  });

  test("sends to its user's collector where one is set, and Cove hands on what it gets itself", {
    timeout: 90_000,
  }, async () => {
    await using sandbox = await coveSandbox();
    const own = await collector();
    const cwd = project();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: own.url };
    // Home has the collector from its environment; the service, started from another shell, hasn't.
    await sandbox.cove(["alias", "other", "1"], { cwd, env });
    const up = await sandbox.start(["up"], { cwd });
    await up.waitFor(/ready/);
    await ask(sandbox.port, "api.shop.localhost", { path: "/order" });
    await eventually(() => {
      expect(own.spans.map(({ name }) => name)).toEqual(expect.arrayContaining(["place order", "charge card"]));
      return true;
    });
    // Byte for byte: what Cove hides for itself, the collector gets.
    expect(own.spans.find(({ name }) => name === "place order")?.attributes["user.password"]).toBe("hunter2");
    await traceOf(sandbox);
    expect(own.requests.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["/v1/traces", "/v1/logs", "/v1/metrics"]),
    );
  });

  test.each([
    ["by itself", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" }],
    ["for one signal", { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://127.0.0.1:1" }],
    ["by its protocol", { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }],
  ])("keeps what its user has set %s", async (_, set) => {
    await using sandbox = await coveSandbox();
    const cwd = project({ env: set });
    // A home that has run once has the key.
    await sandbox.cove(["alias", "other", "1"], { cwd });
    const { stdout } = await sandbox.cove(["env", "api", "--json"], { cwd });
    const { services } = JSON.parse(stdout) as { services: { variables: { name: string; value: string }[] }[] };
    const otel = services[0]?.variables.filter(({ name }) => name.startsWith("OTEL_"));
    expect(Object.fromEntries(otel?.map(({ name, value }) => [name, value]) ?? [])).toEqual({
      OTEL_SERVICE_NAME: "api",
      ...set,
    });
  });
});

describe("the address for telemetry", () => {
  test("takes what OTLP has, and refuses the rest with a reason", { timeout: 90_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("sender");
    const server =
      'require("node:http").createServer((q, r) => r.end(process.env.OTEL_EXPORTER_OTLP_ENDPOINT)).listen(process.env.PORT, process.env.HOST)';
    writeFileSync(join(cwd, "server.js"), server);
    writeFileSync(
      join(cwd, "cove.json"),
      JSON.stringify({ name: "shop", services: { "my-api": { command: "node server.js" } } }),
    );
    const up = await sandbox.start(["up"], { cwd });
    await up.waitFor(/ready/);
    const { body: endpoint } = await ask(sandbox.port, "my-api.shop.localhost", { path: "/" });
    const { pathname } = new URL(endpoint);
    expect(endpoint).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${sandbox.port}/otlp/[\\w-]{24}/my-api$`));

    const send = (path: string, body: Buffer | string, headers: Record<string, string> = {}, method = "POST") =>
      new Promise<{ status: number; body: string }>((resolve, reject) => {
        const sent = request(
          {
            host: "127.0.0.1",
            port: sandbox.port,
            path,
            method,
            headers: { "content-type": "application/json", ...headers },
          },
          async (response) => {
            const chunks = await response.toArray();
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
          },
        );
        sent.on("error", reject);
        sent.end(body);
      });
    const traces = `${pathname}/v1/traces`;
    const span = {
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      name: "x",
      startTimeUnixNano: "1764324000000000000",
      endTimeUnixNano: "1764324000000000000",
    };
    const good = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span, {}] }] }] });

    expect(await send(traces, good)).toMatchObject({
      status: 200,
      body: expect.stringContaining('"rejectedSpans":"1"'),
    });
    expect(await send(traces, gzipSync(good), { "content-encoding": "gzip" })).toMatchObject({ status: 200 });
    expect(await send(traces, good, { "content-encoding": "gzip" })).toMatchObject({ status: 400 });
    expect(await send(traces, gzipSync(Buffer.alloc(40 * 1024 * 1024)), { "content-encoding": "gzip" })).toMatchObject({
      status: 413,
    });
    expect(await send(traces, good, { "content-encoding": "lzma" })).toMatchObject({ status: 415 });
    expect(await send(traces, good, { "content-type": "text/plain" })).toMatchObject({ status: 415 });
    expect(await send(traces, "not json")).toMatchObject({ status: 400 });
    expect(await send(traces, "\u0001\u0002", { "content-type": "application/x-protobuf" })).toMatchObject({
      status: 400,
    });
    expect(await send(traces, Buffer.alloc(9 * 1024 * 1024))).toMatchObject({ status: 413 });
    expect(await send(traces, "", {}, "GET")).toMatchObject({ status: 405 });
    expect(await send(traces, good, { origin: `http://my-api.shop.localhost:${sandbox.port}` })).toMatchObject({
      status: 403,
    });
    expect(await send(traces.replace("my-api", "other"), good)).toMatchObject({ status: 404 });
    expect(await send(traces.replace(/otlp\/.{24}/, `otlp/${"A".repeat(24)}`), good)).toMatchObject({ status: 404 });
    expect(await send(`${pathname}/v1/profiles`, good)).toMatchObject({ status: 404 });
  });
});
