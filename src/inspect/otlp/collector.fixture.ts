import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { onTestFinished } from "vitest";
import { type Field, fields, one, text } from "./protobuf.fixture.ts";

type Value = string | number | boolean | undefined;

export interface ReceivedSpan {
  readonly service: Value;
  readonly resource: Readonly<Record<string, Value>>;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: it has none. */
  readonly parentId: string;
  readonly name: string;
  readonly kind: number;
  /** Epoch nanoseconds. */
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** 0 unset, 2 error. */
  readonly status: number;
}

export interface Collector {
  readonly url: string;
  readonly spans: ReceivedSpan[];
  readonly requests: { readonly path: string | undefined; readonly headers: IncomingHttpHeaders }[];
}

/** A collector as far as traces go: it takes OTLP over HTTP in protobuf, and answers as the protocol has it. */
export async function collector(): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  const requests: Collector["requests"] = [];
  const server = createServer(async (request, response) => {
    requests.push({ path: request.url, headers: request.headers });
    const body = Buffer.concat(await request.toArray());
    if (!/\/v1\/(logs|metrics)$/.test(request.url ?? "")) spans.push(...spansIn(body));
    response.writeHead(200, { "content-type": "application/x-protobuf" });
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, spans, requests };
}

/** Reads an ExportTraceServiceRequest; numbers are those of opentelemetry-proto's trace.proto, common.proto. */
function spansIn(body: Buffer): ReceivedSpan[] {
  return fields(body, 1).flatMap((resourceSpans) => {
    const resource = attributes(fields(one(resourceSpans, 1), 1));
    const all = fields(resourceSpans, 2).flatMap((scopeSpans) => fields(scopeSpans, 2));
    return all.map((span) => ({
      ...{ service: resource["service.name"], resource },
      traceId: hex(one(span, 1)),
      spanId: hex(one(span, 2)),
      parentId: hex(one(span, 4)),
      name: text(one(span, 5)),
      kind: Number(one(span, 6) ?? 0),
      start: one(span, 7) as bigint,
      end: one(span, 8) as bigint,
      attributes: attributes(fields(span, 9)),
      links: fields(span, 13).map((link) => ({ traceId: hex(one(link, 1)), spanId: hex(one(link, 2)) })),
      status: Number(one(one(span, 15), 3) ?? 0),
    }));
  });
}

function attributes(pairs: readonly Field[]): Record<string, Value> {
  return Object.fromEntries(pairs.map((pair) => [text(one(pair, 1)), attributeOf(one(pair, 2))]));
}

function attributeOf(value: Field | undefined): Value {
  const [string, bool, int, double] = [1, 2, 3, 4].map((number) => one(value, number));
  if (string !== undefined) return text(string);
  if (bool !== undefined) return bool === 1n;
  if (int !== undefined) return Number(int);
  return Buffer.isBuffer(double) ? undefined : doubleOf(double);
}

function doubleOf(bits: bigint | undefined): number | undefined {
  if (bits === undefined) return undefined;
  return new Float64Array(BigUint64Array.of(bits).buffer)[0];
}

function hex(bytes: Field | undefined): string {
  return Buffer.isBuffer(bytes) ? bytes.toString("hex") : "";
}
