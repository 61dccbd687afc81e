import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { type OtlpSettings, otlpSettings } from "../../inspect/otlp/settings.ts";
import type { DecodeOrder } from "../../telemetry/otlp/decode-thread.ts";
import type { Signal } from "../../telemetry/records.ts";

/** Sends a request of a service on to the user's collector, byte for byte. It never waits, and never fails the service. */
export type Forward = (order: DecodeOrder) => void;

/** Requests on their way at the same time; further ones are dropped. */
const UNDER_WAY_MOST = 32;

/** An address that Cove itself gave to a service. */
const OWN = /^https?:\/\/127\.0\.0\.1:\d+\/otlp\/[\w-]{24}\//;

/** The environment without collectors that are Cove: a home that was started from within a service inherits them. */
export function collectorEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name, value]) => !(name.startsWith("OTEL_EXPORTER_") && OWN.test(value ?? ""))),
  );
}

/** Null where home's environment names no collector. `warn` is called once when it fails (EXPORT_FAILED). */
export function openForward(env: NodeJS.ProcessEnv, warn: (fault: Fault) => void): Forward | null {
  const urls = collectorUrls(env);
  if (urls === null) return null;
  let warned = false;
  let underWay = 0;
  const failed = (why: string) => {
    if (warned) return;
    warned = true;
    warn(
      fault(
        "EXPORT_FAILED",
        `what services report can't be sent on: ${why}`,
        "start a collector that takes OTLP over HTTP there, or unset OTEL_EXPORTER_OTLP_ENDPOINT",
      ),
    );
  };
  return (order) => {
    const to = urls.to[order.signal];
    if (to === null) return;
    if (underWay >= UNDER_WAY_MOST) return failed(`${to} is too slow: some of it is dropped`);
    underWay++;
    void send(to, order, urls).then((why) => {
      underWay--;
      if (why !== null) failed(why);
    });
  };
}

/** Why it failed; null when it didn't. */
async function send(to: string, order: DecodeOrder, { headers, timeout }: Collector): Promise<string | null> {
  try {
    const { signal, form, encoding, body } = order;
    const response = await fetch(to, {
      method: "POST",
      body: new Uint8Array(body),
      headers: {
        ...headers,
        "content-type": form === "json" ? "application/json" : "application/x-protobuf",
        ...(encoding !== "" && { "content-encoding": encoding }),
      },
      signal: AbortSignal.timeout(timeout),
    });
    await response.arrayBuffer();
    return response.ok ? null : `${to} answered ${response.status} to ${signal}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return `${to}: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

interface Collector extends Pick<OtlpSettings, "headers" | "timeout"> {
  readonly to: Readonly<Record<Signal, string | null>>;
}

function collectorUrls(env: NodeJS.ProcessEnv): Collector | null {
  const settings = otlpSettings(env);
  // The exporter of Cove's own spans has said what is wrong.
  if (settings === null || isFault(settings)) return null;
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, "");
  const at = (signal: Signal, own: string | undefined) => own || (base ? `${base}/v1/${signal}` : null);
  return {
    ...{ headers: settings.headers, timeout: settings.timeout },
    to: {
      traces: settings.url,
      logs: at("logs", env.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT),
      metrics: at("metrics", env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT),
    },
  };
}
