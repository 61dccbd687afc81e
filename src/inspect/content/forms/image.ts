import type { BodyView } from "./body-view.ts";
import type { ContentForm } from "./form.ts";

/** Larger ones aren't carried within the detail: their bytes can be fetched. */
const MOST = 512 * 1024;

/** Images; SVG with its source. */
export const image: ContentForm = {
  fits: ({ media: { type } }) => type.startsWith("image/"),
  view: ({ bytes, media: { type }, text, whole, redactor }) => {
    const svg = type === "image/svg+xml" ? text() : null;
    const source = svg === null ? null : redactor.markup(svg);
    // A drawing in which something is hidden is shown as source only.
    const shown = whole && bytes.length <= MOST && source === svg;
    return {
      form: "image",
      ...{ text: source, raw: source, dimensions: dimensionsOf(bytes, type) },
      base64: shown ? bytes.toString("base64") : null,
      problem: shown || !whole ? null : "is too large to be shown here",
    };
  },
};

/** Width and height in pixels, from where the format's head has them. */
function dimensionsOf(bytes: Buffer, type: string): BodyView["dimensions"] {
  if (bytes.length < 30) return null;
  const tag = bytes.toString("latin1", 0, 16);
  if (tag.startsWith("\x89PNG")) return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  if (tag.startsWith("GIF8")) return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  if (tag.startsWith("BM")) return { width: bytes.readInt32LE(18), height: Math.abs(bytes.readInt32LE(22)) };
  if (tag.startsWith("RIFF") && tag.startsWith("WEBPVP8", 8)) return webp(bytes, tag[15] ?? "");
  return type === "image/jpeg" || tag.startsWith("\xff\xd8") ? jpeg(bytes) : null;
}

/** https://developers.google.com/speed/webp/docs/riff_container; lossy, lossless, extended. */
function webp(bytes: Buffer, variant: string): BodyView["dimensions"] {
  if (variant === "X") return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
  if (variant === "L") {
    const bits = bytes.readUInt32LE(21);
    return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  }
  return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
}

/** The first frame header among the segments (ITU T.81 §B.2.2). */
function jpeg(bytes: Buffer): BodyView["dimensions"] {
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    }
  }
  return null;
}
