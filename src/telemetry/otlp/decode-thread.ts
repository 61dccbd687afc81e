// The thread that reads what services send: unpacking and decoding a large batch takes tens of ms, and the door's bytes must not
// wait for that.
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { answerCalls } from "../../async/worker-call.ts";
import type { Batch, Signal } from "../records.ts";
import { answerBytes, decodeRequest, type Form, refusalBytes } from "./decode.ts";

export interface DecodeOrder {
  readonly signal: Signal;
  readonly form: Form;
  /** Content-Encoding; empty: none. */
  readonly encoding: string;
  readonly body: Uint8Array;
}

/** `answer`: the body of the response. */
type Decoded =
  | { readonly batch: Batch; readonly answer: Uint8Array }
  | { readonly refused: 400 | 413 | 415; readonly answer: Uint8Array };

export interface DecodeMethods {
  readonly decode: (order: DecodeOrder) => Decoded;
}

/** Unpacked bytes of a request, at the most. */
const UNPACKED_MOST = 32 * 1024 * 1024;
const LIMIT = { maxOutputLength: UNPACKED_MOST };

answerCalls<DecodeMethods>({ decode });

function decode({ signal, form, encoding, body }: DecodeOrder): Decoded {
  const unpacked = unpack(Buffer.from(body.buffer, body.byteOffset, body.byteLength), encoding);
  if ("refused" in unpacked) return { refused: unpacked.refused, answer: refusalBytes(form, unpacked.why) };
  const batch = decodeRequest(signal, form, unpacked.bytes);
  if (batch !== null) return { batch, answer: answerBytes(signal, form, batch.rejected) };
  return { refused: 400, answer: refusalBytes(form, `the body is no ${signal} request of OTLP as ${form}`) };
}

type Unpacked = { readonly bytes: Buffer } | { readonly refused: 400 | 413 | 415; readonly why: string };

function unpack(body: Buffer, encoding: string): Unpacked {
  try {
    switch (encoding) {
      case "":
      case "identity":
        return { bytes: body };
      case "gzip":
        return { bytes: gunzipSync(body, LIMIT) };
      case "deflate":
        return { bytes: inflateSync(body, LIMIT) };
      case "br":
        return { bytes: brotliDecompressSync(body, LIMIT) };
      case "zstd":
        return { bytes: zstdDecompressSync(body, LIMIT) };
      default:
        return { refused: 415, why: `content-encoding ${encoding} isn't read here: use gzip` };
    }
  } catch (error) {
    const tooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    if (tooLarge) return { refused: 413, why: `unpacked, the body has more than ${UNPACKED_MOST / 1024 / 1024} MiB` };
    return { refused: 400, why: `the body isn't ${encoding}` };
  }
}
