import { type Attributes, type HrTime, type Link, SpanKind, type SpanStatus, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Exchange } from "../../capture/exchange.ts";
import { spanIdOf, traceIdOf } from "../../capture/ids.ts";
import type { TraceLink } from "../../capture/trace-link.ts";
import { micros } from "../micros.ts";
import { databaseAttributes, databaseName } from "./database-attributes.ts";
import type { Hide } from "./hide.ts";
import { httpAttributes, httpName } from "./http-attributes.ts";
import type { ResourceOf } from "./resource.ts";

const SCOPE = { name: "cove" };
const SAMPLED = 1;

/**
 * An exchange as a span. HTTP is the service's own, of kind server; a query, a command, a connection are their consumer's,
 * of kind client, as instrumented programs have it: databases send none.
 */
export function spanOf(exchange: Exchange, resourceOf: ResourceOf, hide: Hide): ReadableSpan {
  const { edge, trace, seq, at, error } = exchange;
  const traceId = traceIdOf(exchange);
  const server = exchange.protocol === "http";
  const context = { traceId, spanId: spanIdOf(seq), traceFlags: SAMPLED };
  const ended = exchange.ended ?? 0;
  const own = attributesOf(exchange, hide);
  const status: SpanStatus =
    error !== null || (server && (exchange.status ?? 0) >= 500)
      ? { code: SpanStatusCode.ERROR, ...(error !== null && { message: error.message }) }
      : { code: SpanStatusCode.UNSET };
  return {
    name: nameOf(exchange),
    kind: server ? SpanKind.SERVER : SpanKind.CLIENT,
    spanContext: () => context,
    ...(trace.parentId !== null && {
      parentSpanContext: { traceId, spanId: trace.parentId, traceFlags: SAMPLED, isRemote: true },
    }),
    startTime: timeOf(at),
    endTime: timeOf(at + ended),
    duration: timeOf(ended),
    status,
    // Made when the batch is encoded. It holds on to texts alone: bodies that wait here would be beyond the ring's bound.
    get attributes() {
      return own();
    },
    links: linksOf(trace),
    ...{ events: [], ended: true, instrumentationScope: SCOPE },
    resource: resourceOf(edge.stack, server || edge.origin === null ? edge.to : edge.from),
    ...{ droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
  };
}

/** What it may be under: a guess is no parent. */
function linksOf({ guess }: TraceLink): Link[] {
  if (guess === null) return [];
  return guess.candidates.map(({ seq, traceId }) => ({
    context: {
      traceId: traceIdOf({ seq, trace: { traceId } }),
      spanId: spanIdOf(seq),
      traceFlags: SAMPLED,
      isRemote: true,
    },
    attributes: { "cove.link": "perhaps" },
  }));
}

function nameOf(exchange: Exchange): string {
  switch (exchange.protocol) {
    case "http":
      return httpName(exchange.method, exchange.target);
    case "tcp":
      return exchange.what === "tls" ? "TLS connection" : "connection";
    default:
      return databaseName(exchange);
  }
}

function attributesOf(exchange: Exchange, hide: Hide): () => Attributes {
  const { edge, trace, queued, connected, firstByte } = exchange;
  const own = protocolAttributes(exchange, hide);
  const peer = exchange.protocol === "http" ? {} : { "peer.service": edge.to, "service.peer.name": edge.to };
  return () => ({
    ...own(),
    ...peer,
    ...{ "cove.edge": edge.id, "cove.from": edge.from, "cove.to": edge.to, "cove.trace.how": trace.how },
    ...(trace.afterEnd === true && { "cove.trace.after_end": true }),
    ...(trace.guess !== null && { "cove.trace.candidates": trace.guess.count }),
    ...(queued !== null && { "cove.queued_ms": micros(queued) }),
    ...(connected !== null && { "cove.connected_ms": micros(connected) }),
    ...(firstByte !== null && { "cove.first_byte_ms": micros(firstByte) }),
  });
}

function protocolAttributes(exchange: Exchange, hide: Hide): () => Attributes {
  switch (exchange.protocol) {
    case "http":
      return httpAttributes(exchange, hide);
    case "tcp": {
      const { edge, error, bytesUp, bytesDown } = exchange;
      return () => ({
        ...{ "network.transport": "tcp", "server.address": edge.to },
        ...{ "cove.bytes_up": bytesUp, "cove.bytes_down": bytesDown },
        ...(error !== null && { "error.type": error.code }),
      });
    }
    default:
      return databaseAttributes(exchange, hide);
  }
}

/** Seconds and nanoseconds of ms, whose fraction is kept to the microsecond. */
function timeOf(ms: number): HrTime {
  const whole = Math.round(ms * 1_000);
  const seconds = Math.floor(whole / 1_000_000);
  return [seconds, (whole - seconds * 1_000_000) * 1_000];
}
