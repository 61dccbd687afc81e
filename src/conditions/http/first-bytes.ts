/** The longest method that there is has 17 letters. */
const METHOD_MOST = 24;
const BEGINNING = new RegExp(`^[A-Z-]{1,${METHOD_MOST}}(?: [\\x21-\\x7e]*(?: H?T?T?P?/?1?\\.?[01]?\\r?)?)?$`);
const LINE = new RegExp(`^[A-Z-]{1,${METHOD_MOST}} [\\x21-\\x7e]+ HTTP/1\\.[01]$`);

/** Whether bytes begin a request of HTTP/1: surely, maybe (the first line isn't whole yet), or not. */
export function beginsRequest(bytes: Buffer): "yes" | "maybe" | "no" {
  const end = bytes.indexOf("\r\n");
  if (end < 0) return BEGINNING.test(bytes.toString("latin1")) ? "maybe" : "no";
  return LINE.test(bytes.toString("latin1", 0, end)) ? "yes" : "no";
}

const RESPONSE = Buffer.from("HTTP/1.");

export function beginsResponse(bytes: Buffer): boolean {
  const there = Math.min(bytes.length, RESPONSE.length);
  return bytes.compare(RESPONSE, 0, there, 0, there) === 0;
}

/** A handshake record of TLS, which hides what is in it. */
export function beginsTls(bytes: Buffer): boolean {
  return bytes[0] === 0x16 && (bytes.length < 2 || bytes[1] === 0x03);
}
