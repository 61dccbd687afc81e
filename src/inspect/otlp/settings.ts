import { type Fault, fault } from "../../fault/fault.ts";

/** Where spans are sent, by OpenTelemetry's own variables. */
export interface OtlpSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How long one batch is tried for, ms. */
  readonly timeout: number;
  /** Attributes of every resource. */
  readonly resource: Readonly<Record<string, string>>;
}

const TIMEOUT = 10_000;

/**
 * Reads the standard variables (https://opentelemetry.io/docs/specs/otel/protocol/exporter). Null where no endpoint is set, or
 * tracing is turned off. Faults: EXPORT_FAILED for invalid values.
 */
export function otlpSettings(env: NodeJS.ProcessEnv): OtlpSettings | null | Fault {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces } = env;
  if (!base && !traces) return null;
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === "true") return null;
  const exporters = env.OTEL_TRACES_EXPORTER;
  if (exporters && !exporters.split(",").some((one) => one.trim() === "otlp")) return null;
  const name = traces ? "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" : "OTEL_EXPORTER_OTLP_ENDPOINT";
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL;
  if (protocol === "grpc")
    return fault(
      "EXPORT_FAILED",
      "traces can't be sent over gRPC",
      `set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, and ${name} to the collector's port for HTTP, mostly 4318`,
    );
  const url = urlOf(traces || `${base?.replace(/\/+$/, "")}/v1/traces`);
  if (url === null)
    return fault(
      "EXPORT_FAILED",
      `${name} is no http address: ${traces || base}`,
      `for example ${name}=http://127.0.0.1:4318`,
    );
  const timeout = Number(env.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT || env.OTEL_EXPORTER_OTLP_TIMEOUT || TIMEOUT);
  return {
    url,
    headers: { ...pairs(env.OTEL_EXPORTER_OTLP_HEADERS), ...pairs(env.OTEL_EXPORTER_OTLP_TRACES_HEADERS) },
    timeout: timeout > 0 ? timeout : TIMEOUT,
    resource: pairs(env.OTEL_RESOURCE_ATTRIBUTES),
  };
}

function urlOf(text: string): string | null {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : null;
}

/** `key=value,key=value`, values percent-encoded, as W3C Baggage has it; what isn't a pair is passed over. */
function pairs(text = ""): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of text.split(",")) {
    const at = pair.indexOf("=");
    if (at <= 0) continue;
    const value = pair.slice(at + 1).trim();
    try {
      found[pair.slice(0, at).trim()] = decodeURIComponent(value);
    } catch {
      found[pair.slice(0, at).trim()] = value;
    }
  }
  return found;
}
