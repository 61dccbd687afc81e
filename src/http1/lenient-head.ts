import { type HeadFault, headFault, TOKEN } from "./fields.ts";

const STATUS_LINE = /^(?:HTTP\/([0-9]+)\.([0-9]+)|(ICY))[ \t]+([1-9][0-9]{2})(?![0-9])[ \t:]*(.*)$/i;
const NAME = new RegExp(`^${TOKEN}$`);
/** What would say where the body ends, whatever stands around it. */
const FRAMING = /^(?:contentlength|transferencoding)$/;

/**
 * A response's head in the form that RFC 9112 asks for, made of what services really send: lines that end in LF, folded
 * fields, blanks before a colon or within the status line, lines that are no fields. Each is read as browsers, curl and nginx
 * agree on; where they would not agree on where the head or the body ends, it is refused.
 */
export function canonicalHead(text: string): string | HeadFault {
  if (text.includes("\0")) return headFault(502, "a NUL in the response's head");
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  // Some readers end a line at a CR by itself: to them a value would go on as a field, or as the body.
  if (lines.some((line) => line.includes("\r"))) {
    return headFault(502, "a carriage return without line feed in the response's head");
  }
  const first = lines.findIndex((line) => line !== "");
  const status = statusLine(lines[first] ?? "");
  if (typeof status !== "string") return status;
  const fields = unfolded(lines.slice(first + 1).filter((line) => line !== ""));
  if (!Array.isArray(fields)) return fields;
  let head = `${status}\r\n`;
  for (const line of fields) {
    const field = fieldLine(line);
    if (typeof field !== "string") return field;
    head += field;
  }
  return `${head}\r\n`;
}

function statusLine(line: string): string | HeadFault {
  const match = STATUS_LINE.exec(line);
  if (match === null) return headFault(502, `a status line that is none: ${JSON.stringify(line.slice(0, 80))}`);
  const [, major, minor = "0", icy, code = "", reason = ""] = match;
  // Streams of music call HTTP/1.0 `ICY`. A minor version over 1 is read as 1 (RFC 9110 §2.5).
  if (icy === undefined && major !== "1") return headFault(502, `HTTP/${major}.${minor} in answer to HTTP/1.1`);
  const version = icy !== undefined || Number(minor) === 0 ? 0 : 1;
  return `HTTP/1.${version} ${code}${reason === "" ? "" : ` ${reason}`}`;
}

/**
 * RFC 9112 §5.2: a line that begins with a blank continues the one before; at the beginning it continues nothing. Not every
 * reader knows that, so what says where the body ends can't be folded.
 */
function unfolded(lines: readonly string[]): string[] | HeadFault {
  const whole: string[] = [];
  for (const line of lines) {
    if (!/^[ \t]/.test(line)) {
      whole.push(line);
      continue;
    }
    const before = whole.pop();
    if (before === undefined) continue;
    if (/^(?:content-length|transfer-encoding)[ \t]*:/i.test(before)) {
      return headFault(502, `a folded field that says where the body ends: ${JSON.stringify(before.slice(0, 80))}`);
    }
    whole.push(`${before} ${line.replace(/^[ \t]+/, "")}`);
  }
  return whole;
}

/** The line as it is passed on; empty where readers pass over it: no colon, no name, a name with what no name has. */
function fieldLine(line: string): string | HeadFault {
  const colon = line.indexOf(":");
  if (colon === -1) return "";
  const name = line.slice(0, colon).replace(/[ \t]+$/, "");
  if (NAME.test(name)) return `${name}:${line.slice(colon + 1)}\r\n`;
  const plain = name.toLowerCase().replace(/[^a-z]/g, "");
  return FRAMING.test(plain) ? headFault(502, `a field that some read as ${plain}: ${JSON.stringify(name)}`) : "";
}
