import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from "@opentelemetry/sdk-trace";
import type { Exchange } from "../../capture/exchange.ts";
import { type Fault, fault } from "../../fault/fault.ts";
import type { Hide } from "./hide.ts";
import { resources } from "./resource.ts";
import type { OtlpSettings } from "./settings.ts";
import { spanOf } from "./span.ts";

/** Spans that may wait; further ones are dropped. */
const QUEUE = 4_096;
/** Spans of a batch: encoding one takes the event loop about 3 ms. */
const BATCH = 128;
/** Spans a second: with each, making and encoding it, costing some 30 µs, that is 6 % of the event loop. */
const RATE = 2_000;
/** A batch that isn't full is sent after so long, ms. */
const DELAY = 1_000;
/** Spans that services or Cove send to a collector aren't exported as exchanges. */
const TELEMETRY = /\/v1\/(traces|metrics|logs)$/;

export interface Exporter {
  /** Quick: encoding and sending come later. */
  readonly take: (exchange: Exchange) => void;
  /** Sends what waits. */
  readonly close: () => Promise<void>;
}

/** Loads the OpenTelemetry packages: 26 MB of memory, needed only if something is exported. */
export function openExporter(settings: OtlpSettings, warn: (fault: Fault) => void, hide: Hide): Exporter {
  const { url, headers, timeout } = settings;
  // At the end all that waits is sent at once.
  const concurrencyLimit = QUEUE / BATCH + 1;
  const inner = new OTLPTraceExporter({ url, headers, timeoutMillis: timeout, concurrencyLimit });
  let warned = false;
  let since = 0;
  let taken = 0;
  let crowded = false;

  /** False: this second has had its share; a load test isn't slowed down by its own traces. */
  function isTurn(now: number): boolean {
    if (now - since >= 1_000) {
      since = now;
      taken = 0;
    }
    if (++taken <= RATE) return true;
    if (!crowded) {
      crowded = true;
      const what = `more than ${RATE} exchanges a second: further ones aren't sent as traces`;
      warn(fault("EXPORT_FAILED", what, "capture itself keeps them all", { rate: RATE }));
    }
    return false;
  }

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
      if (isTurn(exchange.clock)) processor.onEnd(spanOf(exchange, resourceOf, hide));
    },
    close: () => processor.shutdown().catch(failed),
  };
}

function reasonOf(error: Error | undefined): string {
  if (error === undefined) return "it gave no reason";
  const code = "code" in error ? String(error.code) : "";
  return error.message || code || error.name;
}
