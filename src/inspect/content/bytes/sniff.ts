import { textOf } from "./plain.ts";

/** How files begin (the MIME Sniffing standard §6, and common types that servers omit). */
const BEGINNINGS: readonly (readonly [string, string])[] = [
  ["\x89PNG\r\n\x1a\n", "image/png"],
  ["GIF87a", "image/gif"],
  ["GIF89a", "image/gif"],
  ["\xff\xd8\xff", "image/jpeg"],
  ["BM", "image/bmp"],
  ["\0\0\x01\0", "image/x-icon"],
  ["%PDF-", "application/pdf"],
  ["\x1f\x8b\x08", "application/gzip"],
  ["PK\x03\x04", "application/zip"],
  ["\0asm", "application/wasm"],
];

/** What a body without a Content-Type is, by how it begins; empty where that says nothing. */
export function sniff(bytes: Buffer): string {
  const start = bytes.toString("latin1", 0, 512);
  if (start.startsWith("RIFF") && start.startsWith("WEBPVP", 8)) return "image/webp";
  if (/^....ftypavi[fs]/s.test(start)) return "image/avif";
  const text = textOf(bytes.subarray(0, 512));
  for (const [beginning, type] of BEGINNINGS) if (text === null && start.startsWith(beginning)) return type;
  // GIF's is the only head above that is text throughout.
  if (text === null || /^GIF8[79]a/.test(start)) return text === null ? "" : "image/gif";
  const said = text.replace(/^\ufeff/, "").trimStart();
  if (/^(?:\{\s*(?:["}]|$)|\[\s*(?:[[\]{"\d-]|true|false|null|$))/.test(said)) return "application/json";
  if (/^<(?:!doctype html|html|head|body)\b/i.test(said)) return "text/html";
  if (/^<svg\b/i.test(said)) return "image/svg+xml";
  if (/^<\?xml\b/.test(said)) return "application/xml";
  if (/^(?:event|data|id|retry):/.test(said) && /^data:/m.test(said)) return "text/event-stream";
  return "text/plain";
}
