// A server with OpenTelemetry in it, as its documents have it: it knows its collector by the standard variables alone.
import { createServer } from "node:http";
import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

const spanProcessors = [new SimpleSpanProcessor({ exporter: new OTLPTraceExporter() })];
const tracer = new TracerProvider({ spanProcessors }).getTracer("orders");
const processors = [new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter() })];
const logger = new LoggerProvider({ processors }).getLogger("orders");
const exporter = new OTLPMetricExporter();
const readers = [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 200, exportTimeoutMillis: 150 })];
const counted = new MeterProvider({ readers }).getMeter("orders").createCounter("orders.placed");

createServer((request, response) => {
  const [, traceId, spanId] = (request.headers.traceparent ?? "").split("-");
  const caller = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 1, isRemote: true });
  const attributes = { "order.id": 7, "user.password": "hunter2" };
  const order = tracer.startSpan("place order", { attributes }, caller);
  const within = trace.setSpan(ROOT_CONTEXT, order);
  logger.emit({ severityNumber: 13, body: "stock is low", context: within });
  counted.add(1, { shop: "main" });
  const charge = tracer.startSpan("charge card", {}, within);
  setTimeout(() => {
    charge.setStatus({ code: 2, message: "declined" });
    charge.end();
    order.end();
    response.end("ok");
  }, 20);
}).listen(Number(process.env.PORT), process.env.HOST);
