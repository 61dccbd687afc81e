import type { TraceContext } from "../capture/claim.ts";

/**
 * What the preloads in services report (`node/`, `python/`): lines of ASCII on a FIFO, each ended by a newline. A write has
 * whole lines, at most {@link WRITE_MOST} bytes of them, so that writes of several processes never mix (pipe(7), PIPE_BUF).
 *
 * ```
 * h <pid> <runtime> <version>                 a preload runs in this process: `h 4711 node 24.1.0`
 * l <pid> <library>                           it follows this library there: `l 4711 pg`
 * o <local> <remote>                          a connection to 127.0.0.1:<remote> was opened from the port <local>, by the
 *                                             system's account: a connection that is led elsewhere is to there
 * b <local> <remote> <offset> <length> <ctx>  these bytes of what it sends on that connection are of this context
 * t <local> <remote> <from> <to> <ctx>        all that it sent on it between these two times is
 * x <local> <remote>                          it was closed
 * ```
 *
 * - `<ctx>` is `<traceId>-<spanId>`, 32 and 16 hex digits, of the `traceparent` with which the request came that sends this;
 *   `-` where it is sent for no request.
 * - Offsets count what the process has sent on the connection, from 0 at its `o`. Times are microseconds of CLOCK_MONOTONIC:
 *   `from` is taken before the first byte is sent, `to` after the answer was read.
 * - Every record is a statement of its own: a statement on the wire belongs to a context only if a record covers it. What
 *   no record covers, because it was lost or a library isn't followed, stays a guess.
 */
export type TraceRecord =
  | { readonly kind: "hello"; readonly pid: number; readonly runtime: string; readonly version: string }
  | { readonly kind: "library"; readonly pid: number; readonly library: string }
  | ({ readonly kind: "opened" | "closed" } & Ports)
  | ({ readonly kind: "bytes" | "time"; readonly span: Span } & Ports);

/** A connection, by its two ends' ports. */
export interface Ports {
  readonly local: number;
  readonly remote: number;
}

/** Bytes `[from, to)`, or times from `from` to `to` (microseconds), that belong to one context. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly context: TraceContext | null;
}

/** Bytes of one write (PIPE_BUF on Linux). No line is longer. */
export const WRITE_MOST = 4_096;

/**
 * Reads records out of the bytes of a FIFO, which come in any pieces. Lines that make no sense are passed over: what they
 * said stays unknown.
 */
export function recordReader(take: (record: TraceRecord) => void): (bytes: Uint8Array) => void {
  let begun = "";
  return (bytes) => {
    const text = begun + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
    let at = 0;
    for (let end = text.indexOf("\n", at); end !== -1; end = text.indexOf("\n", at)) {
      const record = parseRecord(text.slice(at, end));
      if (record !== null) take(record);
      at = end + 1;
    }
    begun = text.length - at > WRITE_MOST ? "" : text.slice(at);
  };
}

/** A line without its end; null where it is none of the above. */
export function parseRecord(line: string): TraceRecord | null {
  const [type, ...words] = line.split(" ");
  switch (type) {
    case "h":
      return helloOf(words);
    case "l":
      return libraryOf(words);
    case "o":
    case "x": {
      const ports = words.length === 2 ? portsOf(words) : null;
      return ports && { kind: type === "o" ? "opened" : "closed", ...ports };
    }
    case "b":
    case "t":
      return words.length === 5 ? spanOf(type, words) : null;
    default:
      return null;
  }
}

/** Names and versions of programs. */
const WORD = /^[\w.@/+-]{1,64}$/;

function helloOf([pid = "", runtime = "", version = "", ...more]: readonly string[]): TraceRecord | null {
  const number = numberOf(pid);
  if (number === null || more.length > 0 || !WORD.test(runtime) || !WORD.test(version)) return null;
  return { kind: "hello", pid: number, runtime, version };
}

function libraryOf([pid = "", library = "", ...more]: readonly string[]): TraceRecord | null {
  const number = numberOf(pid);
  return number === null || more.length > 0 || !WORD.test(library) ? null : { kind: "library", pid: number, library };
}

function portsOf([first = "", second = ""]: readonly string[]): Ports | null {
  const local = numberOf(first);
  const remote = numberOf(second);
  return local === null || remote === null || local > 65_535 || remote > 65_535 ? null : { local, remote };
}

function spanOf(type: "b" | "t", words: readonly string[]): TraceRecord | null {
  const ports = portsOf(words);
  const [, , first = "", second = "", ctx = ""] = words;
  const from = numberOf(first);
  const last = numberOf(second);
  const context = contextOf(ctx);
  if (ports === null || from === null || last === null || context === undefined) return null;
  const to = type === "b" ? from + last : last;
  if (to < from || to > Number.MAX_SAFE_INTEGER) return null;
  return { kind: type === "b" ? "bytes" : "time", ...ports, span: { from, to, context } };
}

const CONTEXT = /^([0-9a-f]{32})-([0-9a-f]{16})$/;

/** Undefined: it is none. */
function contextOf(word: string): TraceContext | null | undefined {
  if (word === "-") return null;
  const [, traceId, spanId] = CONTEXT.exec(word) ?? [];
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
}

function numberOf(word: string): number | null {
  return /^\d{1,16}$/.test(word) && Number(word) <= Number.MAX_SAFE_INTEGER ? Number(word) : null;
}
