import type { IncomingMessage, ServerResponse } from "node:http";
import { type WorkerCalls, workerCalls } from "../../async/worker-call.ts";
import { fault, isFault } from "../../fault/fault.ts";
import { ownProgram } from "../../own-files/own-files.ts";
import type { DecodeMethods, DecodeOrder } from "../../telemetry/otlp/decode-thread.ts";
import type { Sender, Signal } from "../../telemetry/records.ts";
import type { Telemetry } from "../../telemetry/store.ts";
import type { Forward } from "./forward.ts";

/** Takes OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp) from the stacks' services. */
export interface Receiver {
  /** For requests below `/otlp/`. */
  readonly receive: (request: IncomingMessage, response: ServerResponse) => void;
  readonly close: () => Promise<void>;
}

export interface ReceiverOptions {
  readonly telemetry: Telemetry;
  /** Null: no service has this key. */
  readonly sender: (key: string, service: string) => Sender | null;
  /** Null: nowhere. */
  readonly forward: Forward | null;
}

/** Bytes of one request, as sent; more gets 413. */
const BODY_MOST = 8 * 1024 * 1024;
/** Bytes of all requests under way; beyond, senders are asked to come again (429). */
const UNDER_WAY_MOST = 32 * 1024 * 1024;
/** When such a sender may come again, s. */
const RETRY_AFTER = 1;
/** Reading one request, at the most, ms. */
const DEADLINE = 10_000;
/** The thread ends after this long without requests, ms. */
const IDLE = 60_000;

const PATH = /^\/otlp\/([\w-]{24})\/([^/?]{1,200})\/v1\/(traces|logs|metrics)(?:\?|$)/;

interface State extends ReceiverOptions {
  readonly thread: WorkerCalls<DecodeMethods>;
  underWay: number;
}

export function openReceiver(options: ReceiverOptions): Receiver {
  const thread = workerCalls<DecodeMethods>({
    module: ownProgram("telemetry-thread"),
    name: "cove telemetry",
    limits: { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 8 },
    ...{ idle: IDLE, deadline: DEADLINE },
    failed: (_, why, thrown) => {
      console.error("telemetry can't be read:", thrown ?? why);
      return fault("INTERNAL", "telemetry can't be read", "home.log in Cove's state folder says why");
    },
  });
  const state: State = { ...options, thread, underWay: 0 };
  return {
    receive: (request, response) => {
      take(state, request, response).catch((error: unknown) => {
        console.error("telemetry:", error);
        response.destroy();
      });
    },
    close: thread.close,
  };
}

async function take(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, key = "", service = "", signal] = PATH.exec(request.url ?? "") ?? [];
  if (signal === undefined) return refuse(response, 404, "OTLP is taken at the address in OTEL_EXPORTER_OTLP_ENDPOINT");
  // A page can't know the key; should it, it still can't send.
  if (request.headers.origin !== undefined) return refuse(response, 403, "telemetry isn't taken from web pages");
  if (request.method !== "POST") return refuse(response, 405, "OTLP is sent by POST");
  const sender = state.sender(key, decoded(service));
  if (sender === null) return refuse(response, 404, "no running service has this address");
  const form = formOf(request.headers["content-type"]);
  if (form === null) return refuse(response, 415, "OTLP is sent as application/x-protobuf or application/json");
  const body = await bodyOf(state, request);
  if (typeof body === "number") return refuseBody(response, body);
  try {
    const encoding = (request.headers["content-encoding"] ?? "").trim().toLowerCase();
    await answer(state, response, sender, { signal: signal as Signal, form, encoding, body });
  } finally {
    state.underWay -= body.length;
  }
}

async function answer(state: State, response: ServerResponse, sender: Sender, order: DecodeOrder): Promise<void> {
  const { form } = order;
  const decoded = await state.thread.call("decode", [order]);
  if (isFault(decoded)) return refuse(response, 503, decoded.message);
  const status = "refused" in decoded ? decoded.refused : 200;
  if (!("refused" in decoded)) {
    state.telemetry.add(sender, decoded.batch);
    state.forward?.(order);
  }
  response.writeHead(status, {
    "content-type": form === "json" ? "application/json" : "application/x-protobuf",
    "content-length": decoded.answer.byteLength,
  });
  response.end(decoded.answer);
}

/** The whole body, which then counts as under way; a status where it can't be taken. */
async function bodyOf(state: State, request: IncomingMessage): Promise<Buffer | 413 | 429> {
  const told = Number(request.headers["content-length"] ?? 0);
  if (told > BODY_MOST) return 413;
  if (state.underWay + told > UNDER_WAY_MOST) return 429;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      state.underWay += chunk.length;
      if (size > BODY_MOST || state.underWay > UNDER_WAY_MOST) {
        state.underWay -= size;
        return size > BODY_MOST ? 413 : 429;
      }
      chunks.push(chunk);
    }
  } catch (error) {
    state.underWay -= size;
    throw error;
  }
  return Buffer.concat(chunks);
}

function refuseBody(response: ServerResponse, status: 413 | 429): void {
  if (status === 429) response.setHeader("retry-after", RETRY_AFTER);
  // What is left of the body isn't read.
  response.setHeader("connection", "close");
  const why = `a request may have ${BODY_MOST / 1024 / 1024} MiB: export smaller batches`;
  refuse(response, status, status === 413 ? why : "too much telemetry at once");
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  response.end(`${why}\n`);
}

function formOf(type = ""): "protobuf" | "json" | null {
  const [media] = type.split(";", 1);
  if (media?.trim().toLowerCase() === "application/x-protobuf") return "protobuf";
  return media?.trim().toLowerCase() === "application/json" ? "json" : null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
