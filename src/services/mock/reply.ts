import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, zstdDecompress } from "node:zlib";
import { keptBytes } from "../../capture/body.ts";
import type { HttpExchange } from "../../capture/exchange.ts";
import { fieldsOf } from "../../capture/heads.ts";

/** A recorded response that can be sent again. */
export interface Reply {
  readonly status: number;
  readonly statusText: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Undefined where there is none. */
  readonly body: Buffer | undefined;
}

/**
 * What belonged to the connection that was recorded (RFC 9110 §7.6.1), or is set anew: the length, since a redacted body has
 * another one; the date, since caches compute ages with it.
 */
const LEFT_OUT = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "content-length",
  "date",
]);

/** A decompressed body has no more bytes than this. */
const MOST = { maxOutputLength: 256 * 1024 * 1024 };
const DECODERS: Readonly<Record<string, (bytes: Buffer) => Promise<Buffer>>> = {
  gzip: (bytes) => promisify(gunzip)(bytes, MOST),
  "x-gzip": (bytes) => promisify(gunzip)(bytes, MOST),
  deflate: (bytes) => promisify(inflate)(bytes, MOST),
  br: (bytes) => promisify(brotliDecompress)(bytes, MOST),
  zstd: (bytes) => promisify(zstdDecompress)(bytes, MOST),
};

/** An exchange's response, for a request of `method` from a client that takes the codings of `accepted`. */
export async function replyOf(exchange: HttpExchange, method: string, accepted: string | undefined): Promise<Reply> {
  const head = exchange.responseHead ?? "";
  const status = exchange.status ?? 200;
  const all = fieldsOf(head);
  const named = new Set(
    all
      .filter(([name]) => name.toLowerCase() === "connection")
      .flatMap(([, value]) =>
        value
          .toLowerCase()
          .split(",")
          .map((option) => option.trim()),
      ),
  );
  let fields = all.filter(([name]) => !LEFT_OUT.has(name.toLowerCase()) && !named.has(name.toLowerCase()));
  const statusText = /^HTTP\/\S+ \S+ ?([^\r\n]*)/.exec(head)?.[1] ?? "";
  if (status < 200 || status === 204 || status === 304) return { status, statusText, fields, body: undefined };

  let body = keptBytes(exchange.responseBody);
  const coding = fields.find(([name]) => name.toLowerCase() === "content-encoding")?.[1].toLowerCase();
  const decode = coding === undefined ? undefined : DECODERS[coding];
  if (coding !== undefined && decode !== undefined && body.length > 0 && !takes(accepted, coding)) {
    body = await decode(body);
    fields = fields.filter(([name]) => name.toLowerCase() !== "content-encoding");
  }
  // What HEAD was answered with when it was recorded is the length of a body that isn't here.
  const length =
    exchange.method === "HEAD" ? all.find(([name]) => name.toLowerCase() === "content-length")?.[1] : body.length;
  if (length !== undefined) fields.push(["Content-Length", String(length)]);
  return { status, statusText, fields, body: method === "HEAD" ? undefined : body };
}

/** Whether a client takes a content coding (RFC 9110 §12.5.3). A client without Accept-Encoding, such as curl, gets none. */
function takes(accepted: string | undefined, coding: string): boolean {
  if (accepted === undefined) return false;
  for (const part of accepted.toLowerCase().split(",")) {
    const [name = "", ...params] = part.split(";").map((text) => text.trim());
    if (name !== coding && name !== "*") continue;
    return !params.some((param) => /^q=0(\.0*)?$/.test(param));
  }
  return false;
}
