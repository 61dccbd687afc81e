import { type HeadFault, headFault, TOKEN } from "./fields.ts";

/** What no request begins with: it begins with a letter. */
export function beginsWrong(first: number): HeadFault | null {
  if (first === 0x16) return headFault(400, "TLS on a plain connection");
  return first !== 0x0d && (first < 0x21 || first > 0x7e) ? headFault(400, "bytes that are no HTTP") : null;
}

/** Says what's wrong with a head that isn't one. Slow, and only for those. */
export function diagnose(text: string): HeadFault {
  const begins = beginsWrong(text.charCodeAt(0));
  if (begins !== null) return begins;
  const firstEnd = text.indexOf("\r\n");
  const first = text.slice(0, firstEnd === -1 ? text.length : firstEnd);
  if (/^PRI \* HTTP\/2/.test(first)) return headFault(505, "HTTP/2, which only begins a connection");
  const version = / HTTP\/([0-9]+)(?:\.([0-9]+))?$/.exec(first);
  if (version !== null && !(version[1] === "1" && (version[2] === "0" || version[2] === "1"))) {
    return headFault(505, "an HTTP version other than 1.0 and 1.1");
  }
  if (text.includes("\0")) return headFault(400, "a NUL in the head");
  if (/[^\r]\n|^\n/.test(text)) return headFault(400, "a line feed without carriage return");
  if (/\r[^\n]/.test(text)) return headFault(400, "a carriage return without line feed");
  if (!WHOLE_LINE.test(first)) return headFault(400, "a request line that is none");
  if (/\r\n[ \t]/.test(text)) return headFault(400, "a folded header field");
  if (/\r\n[^:\r\n]*[ \t]:/.test(text)) return headFault(400, "a space before the colon of a header field");
  return headFault(400, "a header field that is none");
}

const WHOLE_LINE = new RegExp(`^${TOKEN} [\\x21-\\x7e]+ HTTP/1\\.[01]$`);
