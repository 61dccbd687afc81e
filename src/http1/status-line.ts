const STATUS_LINE = /^HTTP\/1\.([01]) (([1-9][0-9][0-9])(?: [^\0\r\n]*)?)\r\n$/;
const LF = 0x0a;

/** A status line: `HTTP/1.1 200 OK`. */
export interface StatusLine {
  /** With its CRLF. */
  text: string;
  minor: 0 | 1;
  status: number;
  /** Code and reason phrase: `200 OK`. */
  statusText: string;
  /** The line as it is passed on, with its CRLF: of HTTP/1.1. */
  passed: string;
}

export function newStatusLine(): StatusLine {
  return { text: "HTTP/1.1 200 OK\r\n", minor: 1, status: 200, statusText: "200 OK", passed: "HTTP/1.1 200 OK\r\n" };
}

/**
 * Reads the status line at `start` into `line`, unless it is the one that stands there: services mostly say the same. Gives the
 * index behind it, or -1: before `to` there is none that is whole and in the form that RFC 9112 asks for.
 */
export function readStatusLine(bytes: Buffer, start: number, to: number, line: StatusLine): number {
  if (begins(bytes, start, to, line.text)) return start + line.text.length;
  const lf = bytes.indexOf(LF, start);
  if (lf === -1 || lf >= to) return -1;
  const match = STATUS_LINE.exec(bytes.toString("latin1", start, lf + 1));
  if (match === null) return -1;
  const [text, version, statusText = "", code = ""] = match;
  line.text = text;
  line.minor = version === "1" ? 1 : 0;
  line.status = Number(code);
  line.statusText = statusText;
  line.passed = `HTTP/1.1 ${statusText}\r\n`;
  return lf + 1;
}

function begins(bytes: Buffer, start: number, to: number, text: string): boolean {
  if (start + text.length > to) return false;
  for (let n = 0; n < text.length; n++) if (bytes[start + n] !== text.charCodeAt(n)) return false;
  return true;
}
