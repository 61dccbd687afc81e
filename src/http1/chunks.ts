import { isForbiddenTrailer } from "./fields.ts";

/** Longest line of a chunk's size with its extensions, bytes. */
const MAX_SIZE_LINE = 256;
/** Longest trailer section, bytes. */
const MAX_TRAILERS = 8 * 1024;

/** Where in the coding the next byte stands; RFC 9112 §7.1 gives the grammar that these spell out. */
type Step =
  | "size"
  | "extension"
  | "extension-name"
  | "extension-equals"
  | "extension-value"
  | "extension-quoted"
  | "extension-end"
  | "size-lf"
  | "data"
  | "data-cr"
  | "data-lf"
  | "trailer"
  | "trailer-name"
  | "trailer-value"
  | "trailer-lf"
  | "end-lf";

/**
 * Follows the chunked coding through bytes as they come, in pieces of any size. The bytes themselves are passed on as they
 * are; this only finds the end and refuses what parsers could read in two ways: a bare LF, a size that is no plain hex
 * number, a missing CRLF after a chunk, blanks around extensions, trailers that would change the message.
 */
export interface ChunkScanner {
  /**
   * Goes through `bytes[from, to)`. Returns where the body ends within it (the index after its last byte), GOES_ON, or
   * BROKEN. `data` is told each run of chunk data.
   */
  scan(bytes: Buffer, from: number, to: number, data?: (from: number, to: number) => void): number;
}

export const GOES_ON = -1;
export const BROKEN = -2;

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export function chunkScanner(): ChunkScanner {
  let step: Step = "size";
  /** Of the chunk, as far as its digits are read; then what is left of its data. */
  let size = 0;
  let digits = 0;
  /** Bytes of the size line beyond its digits, or of the trailers. */
  let length = 0;
  let name = "";

  function scan(bytes: Buffer, from: number, to: number, data?: (from: number, to: number) => void): number {
    for (let at = from; at < to; ) {
      if (step === "data") {
        const run = Math.min(size, to - at);
        data?.(at, at + run);
        at += run;
        size -= run;
        if (size > 0) return GOES_ON;
        step = "data-cr";
        continue;
      }
      const byte = bytes[at++] ?? 0;
      if (step === "end-lf") return byte === LF ? at : BROKEN;
      const next = take(byte);
      if (next === null) return BROKEN;
      step = next;
    }
    return GOES_ON;
  }

  /** The step after this byte; null: it has no business here. */
  function take(byte: number): Step | null {
    switch (step) {
      case "size": {
        const digit = hexDigit(byte);
        if (digit >= 0) {
          size = size * 16 + digit;
          // 13 hex digits stay below 2^53, where numbers are exact.
          return ++digits > 13 ? null : "size";
        }
        return digits === 0 ? null : afterSize(byte);
      }
      case "extension":
        return isToken(byte) ? bounded("extension-name", MAX_SIZE_LINE) : null;
      case "extension-name":
        if (isToken(byte)) return bounded("extension-name", MAX_SIZE_LINE);
        return byte === EQUALS ? bounded("extension-equals", MAX_SIZE_LINE) : afterSize(byte);
      case "extension-equals":
        if (byte === QUOTE) return bounded("extension-quoted", MAX_SIZE_LINE);
        return isToken(byte) ? bounded("extension-value", MAX_SIZE_LINE) : null;
      case "extension-value":
        return isToken(byte) ? bounded("extension-value", MAX_SIZE_LINE) : afterSize(byte);
      case "extension-quoted":
        if (byte === QUOTE) return "extension-end";
        return isText(byte) && byte !== BACKSLASH ? bounded("extension-quoted", MAX_SIZE_LINE) : null;
      case "extension-end":
        return afterSize(byte);
      case "size-lf":
        if (byte !== LF) return null;
        digits = 0;
        length = 0;
        return size === 0 ? "trailer" : "data";
      case "data-cr":
        return byte === CR ? "data-lf" : null;
      case "data-lf":
        return byte === LF ? "size" : null;
      case "trailer":
        if (byte === CR) return "end-lf";
        name = String.fromCharCode(byte);
        return isToken(byte) ? bounded("trailer-name", MAX_TRAILERS) : null;
      case "trailer-name":
        if (byte === COLON) return isForbiddenTrailer(name) ? null : bounded("trailer-value", MAX_TRAILERS);
        name += String.fromCharCode(byte);
        return isToken(byte) ? bounded("trailer-name", MAX_TRAILERS) : null;
      case "trailer-value":
        if (byte === CR) return "trailer-lf";
        return isText(byte) ? bounded("trailer-value", MAX_TRAILERS) : null;
      case "trailer-lf":
        return byte === LF ? "trailer" : null;
      default:
        return null;
    }
  }

  function afterSize(byte: number): Step | null {
    if (byte === CR) return "size-lf";
    return byte === SEMICOLON ? bounded("extension", MAX_SIZE_LINE) : null;
  }

  function bounded(next: Step, most: number): Step | null {
    return ++length > most ? null : next;
  }

  return { scan };
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** RFC 9110 §5.6.2: what names are made of. */
const TOKEN_BYTES = new Set(
  Buffer.from("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
);

function isToken(byte: number): boolean {
  return TOKEN_BYTES.has(byte);
}

/** RFC 9110 §5.5: what values are made of. */
function isText(byte: number): boolean {
  return byte === 0x09 || (byte >= 0x20 && byte !== 0x7f);
}
