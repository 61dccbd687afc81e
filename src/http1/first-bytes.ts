import { TOKEN } from "./fields.ts";

/** Ahead of a message at most two empty lines are passed over, as `messages.ts` does. */
const EMPTY_LINES = "^(?:\\r\\n){0,2}";
const FIRST_LINE = new RegExp(`${EMPTY_LINES}${TOKEN} [\\x21-\\x7e]+ HTTP/1\\.[01]\\r\\n`);
/** Any part of that line that ends within it. */
const PART = new RegExp(`${EMPTY_LINES}(?:\\r|${TOKEN}(?: [\\x21-\\x7e]*(?: H?T?T?P?/?1?\\.?[01]?\\r?)?)?)?$`);

/**
 * Whether bytes that begin a connection, or that come in the middle of one, begin a request of HTTP/1: `yes`, `maybe` (the
 * request line isn't whole yet) or `no`. Whether the whole head is one is for the reader in `messages.ts` to say.
 */
export function beginsRequest(bytes: Buffer): "yes" | "maybe" | "no" {
  const text = bytes.toString("latin1");
  if (FIRST_LINE.test(text)) return "yes";
  return PART.test(text) ? "maybe" : "no";
}

/** A handshake record of TLS (RFC 8446 §5.1), which hides what is in it. */
export function beginsTls(bytes: Buffer): boolean {
  return bytes[0] === 0x16 && (bytes.length < 2 || bytes[1] === 0x03);
}
