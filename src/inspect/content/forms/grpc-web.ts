import { gunzipSync } from "node:zlib";
import { textOf } from "../bytes/plain.ts";
import type { Frame } from "./body-view.ts";
import type { ContentForm } from "./form.ts";
import { protobufText } from "./protobuf.ts";

const MOST_FRAMES = 200;
/** A frame's message is looked at up to here, bytes. */
const MOST_MESSAGE = 256 * 1024;

/** gRPC-web, with its base64 variant, and gRPC itself: a flag, a length, a message, again and again (gRPC's PROTOCOL-WEB.md). */
export const grpcWeb: ContentForm = {
  fits: ({ media: { type } }) => /^application\/grpc(?:-web(?:-text)?)?(?:\+[\w.-]+)?$/.test(type),
  view: ({ bytes, media: { type }, whole, redactor }) => {
    const content = type.includes("-text") ? fromBase64(bytes) : bytes;
    const asJson = type.endsWith("+json");
    const frames: Frame[] = [];
    let at = 0;
    while (at + 5 <= content.length && frames.length < MOST_FRAMES) {
      const flags = content[at] ?? 0;
      const size = content.readUInt32BE(at + 1);
      const payload = content.subarray(at + 5, Math.min(at + 5 + size, at + 5 + MOST_MESSAGE));
      const kind = (flags & 0x80) === 0 ? "message" : "trailers";
      const compressed = (flags & 1) === 1;
      frames.push({ kind, compressed, size, text: textOfFrame(kind, compressed ? unzipped(payload) : payload) });
      at += 5 + size;
    }
    const text = frames.map((frame) => `${titleOf(frame)}\n${frame.text}`.trimEnd()).join("\n\n");
    const problem =
      whole && at !== content.length && frames.length < MOST_FRAMES ? "its last frame is not whole" : null;
    return { form: "grpc-web", text, raw: null, frames, problem };

    function textOfFrame(kind: Frame["kind"], payload: Buffer | null): string {
      if (payload === null) return "compressed in a way that isn't gzip";
      if (kind === "trailers") {
        const lines = payload.toString("latin1").split(/\r?\n/);
        return lines
          .map((line) => redactor.head(`\r\n${line}`).slice(2))
          .join("\n")
          .trim();
      }
      const said = asJson ? textOf(payload) : null;
      return said === null ? protobufText(payload, (value) => redactor.value("", value, "field")) : redactor.json(said);
    }
  },
};

/** Each flush of the sender is base64 of its own, padded: they stand one behind the other. */
function fromBase64(bytes: Buffer): Buffer {
  const pieces = bytes.toString("latin1").match(/[^=]+=*/g) ?? [];
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece, "base64")));
}

/** A frame is small: it is done at once. Null: another coding, or broken. */
function unzipped(payload: Buffer): Buffer | null {
  try {
    return gunzipSync(payload, { maxOutputLength: 4 * MOST_MESSAGE });
  } catch {
    return null;
  }
}

function titleOf({ kind, compressed, size }: Frame): string {
  return `${kind}, ${size} bytes${compressed ? ", compressed" : ""}`;
}
