import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from "@opentelemetry/sdk-trace";
import { type Fault, fault } from "../../fault/fault.ts";
import type { Exchange } from "../exchange.ts";
import { resources } from "./resource.ts";
import type { OtlpSettings } from "./settings.ts";
import { type Hide, spanOf } from "./span.ts";

/** Spans that may wait; further ones are dropped. */
const QUEUE = 4_096;
/** Spans of a batch: encoding them takes the event loop a few milliseconds. */
const BATCH = 256;
/** A batch that isn't full is sent after so long, ms. */
const DELAY = 1_000;
/** What services send to a collector themselves is no traffic of theirs; nor is what is sent here. */
const TELEMETRY = /\/v1\/(traces|metrics|logs)$/;

export interface Exporter {
  /** Quick: encoding and sending come later. */
  readonly take: (exchange: Exchange) => void;
  /** Sends what waits. */
  readonly close: () => Promise<void>;
}

/** Loads the OpenTelemetry packages: 26 MB of memory that nobody pays who exports nothing. */
export function openExporter(settings: OtlpSettings, warn: (fault: Fault) => void, hide: Hide): Exporter {
  const { url, headers, timeout } = settings;
  const inner = new OTLPTraceExporter({ url, headers, timeoutMillis: timeout });
  let warned = false;

  function failed(error: Error | undefined): void {
    if (warned) return;
    warned = true;
    warn(
      fault(
        "EXPORT_FAILED",
        `traces can't be sent to ${url}: ${reasonOf(error)}`,
        "start a collector that takes OTLP over HTTP there, or unset OTEL_EXPORTER_OTLP_ENDPOINT; each batch is tried anew",
        { url },
      ),
    );
  }

  const exporter: SpanExporter = {
    export: (spans: ReadableSpan[], done) =>
      inner.export(spans, (result) => {
        // ExportResultCode: 0 is success.
        if (result.code !== 0) failed(result.error);
        done(result);
      }),
    shutdown: () => inner.shutdown(),
  };
  const processor = new BatchSpanProcessor({
    exporter,
    maxQueueSize: QUEUE,
    maxExportBatchSize: BATCH,
    scheduledDelayMillis: DELAY,
    exportTimeoutMillis: timeout + 1_000,
  });
  const resourceOf = resources(settings.resource);

  return {
    take: (exchange) => {
      if (exchange.protocol === "http" && exchange.method === "POST" && TELEMETRY.test(exchange.target)) return;
      processor.onEnd(spanOf(exchange, resourceOf, hide));
    },
    close: () => processor.shutdown().catch(failed),
  };
}

function reasonOf(error: Error | undefined): string {
  if (error === undefined) return "it gave no reason";
  const code = "code" in error ? String(error.code) : "";
  return error.message || code || error.name;
}
