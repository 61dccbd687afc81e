import type { HttpExchange } from "../capture/exchange.ts";
import { fieldsOf, readable, urlOf } from "../capture/heads.ts";
import { isPrintable, printableJson } from "../text/printable.ts";
import { textOf } from "./content/bytes/plain.ts";
import { exportedBody } from "./content/exported.ts";
import { REVEALED, type Redactor, redactorOf } from "./redact/redactor.ts";

/** A request in a form that can be sent again from elsewhere. */
interface Said {
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
  readonly note: string | null;
}

/** Fields that the sending program sets itself: they are about one connection, or the body's length. */
const SENDERS = /^(?:host|connection|content-length|transfer-encoding|keep-alive|proxy-connection|expect|te|trailer)$/i;

async function saidIn(exchange: HttpExchange, redactor: Redactor): Promise<Said> {
  const { bytes, coded, note } = await exportedBody(exchange.requestBody, exchange.requestHead, redactor);
  const headers = fieldsOf(exchange.requestHead)
    .filter(([name]) => !SENDERS.test(name) && (coded || name.toLowerCase() !== "content-encoding"))
    .map(([name, value]) => [name, redactor.header(name, readable(value))] as const);
  return {
    url: redactor.target(urlOf(exchange)),
    headers,
    body: bytes,
    note: note === null ? null : `the body: ${note}`,
  };
}

/** A request as a command for any POSIX shell. `reveal`: with credentials. */
export async function curlOf(exchange: HttpExchange, reveal: boolean): Promise<string> {
  const redactor = reveal ? REVEALED : redactorOf(exchange.edge.policy);
  const { url, headers, body, note } = await saidIn(exchange, redactor);
  const { method, target } = exchange;
  const has = (name: string) => headers.some(([field]) => field.toLowerCase() === name);
  const parts = [quoted(url)];
  // Brackets and dots mean something to curl itself.
  if (/[[\]{}]/.test(url)) parts.push("--globoff");
  if (/\/\.{1,2}(?:\/|\?|$)/.test(url)) parts.push("--path-as-is");
  if (target === "*") parts.push("--request-target '*'");
  if (method === "HEAD") parts.push("--head");
  else if (method !== (body.length > 0 ? "POST" : "GET")) parts.push(`-X ${quoted(method)}`);
  for (const [name, value] of headers) parts.push(`-H ${quoted(value === "" ? `${name};` : `${name}: ${value}`)}`);
  // What curl would add by itself.
  for (const name of ["User-Agent", "Accept"]) if (!has(name.toLowerCase())) parts.push(`-H '${name}:'`);
  if (body.length > 0 && !has("content-type")) parts.push("-H 'Content-Type:'");
  if (has("accept-encoding")) parts.push("--compressed");

  let before = "";
  if (body.length > 0) {
    const text = textOf(body);
    const exact = text !== null && Buffer.byteLength(text) === body.length && isPrintable(text);
    if (exact && body.length < MOST_ARGUMENT) parts.push(`--data-raw ${quoted(text)}`);
    else if (body.length < MOST_ARGUMENT / 4) {
      before = `printf '${octal(body)}' | `;
      parts.push("--data-binary @-");
    } else parts.push("--data-binary @body");
    if (body.length >= 1024 * 1024) parts.push("-H 'Expect:'");
  }
  const file = parts.includes("--data-binary @body")
    ? `# its body has ${body.length} bytes: save them to a file named body first\n`
    : "";
  return `${note === null ? "" : `# ${note}\n`}${file}${before}curl ${parts.join(" \\\n  ")}`;
}

/** Linux takes 128 KiB in one argument. */
const MOST_ARGUMENT = 120 * 1024;

/**
 * One word for a POSIX shell (IEEE 1003.1 §2.2.2): nothing means anything within single quotes, but the quote itself. What a
 * terminal would obey is written by printf.
 */
function quoted(text: string): string {
  if (!isPrintable(text)) return `"$(printf '${octal(Buffer.from(text))}')"`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** For printf, whose octal escapes every shell knows; letters stay readable. */
function octal(bytes: Buffer): string {
  let text = "";
  for (const byte of bytes) {
    const sign = String.fromCharCode(byte);
    text += /[A-Za-z0-9 .,:;=_/-]/.test(sign) ? sign : `\\${byte.toString(8).padStart(3, "0")}`;
  }
  return text;
}

/** A request as JavaScript for fetch. Cookies and other fields that pages may not set work in Node only. */
export async function fetchOf(exchange: HttpExchange, reveal: boolean): Promise<string> {
  const redactor = reveal ? REVEALED : redactorOf(exchange.edge.policy);
  const { url, headers, body, note } = await saidIn(exchange, redactor);
  const options: string[] = [`method: ${literal(exchange.method)}`];
  if (headers.length > 0) {
    const lines = headers.map(([name, value]) => `    [${literal(name)}, ${literal(value)}],`);
    options.push(`headers: [\n${lines.join("\n")}\n  ]`);
  }
  if (body.length > 0) {
    const text = textOf(body);
    const exact = text !== null && Buffer.byteLength(text) === body.length;
    const bytes = `Uint8Array.from(atob(${literal(body.toString("base64"))}), (sign) => sign.charCodeAt(0))`;
    options.push(`body: ${exact ? literal(text) : bytes}`);
  }
  const lines = options.map((option) => `  ${option},\n`).join("");
  return `${note === null ? "" : `// ${note}\n`}await fetch(${literal(url)}, {\n${lines}});`;
}

/** A string of JavaScript, fit for a script in a page and for a terminal too. */
function literal(text: string): string {
  return printableJson(JSON.stringify(text)).replaceAll("<", "\\u003c");
}
