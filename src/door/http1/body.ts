import { validTrailers } from "./head.ts";

/** Longest line of a chunk's size with its extensions, bytes. */
const MAX_SIZE_LINE = 256;
/** Longest trailer section, bytes. */
const MAX_TRAILERS = 8 * 1024;

type Step = "size" | "extension" | "size-lf" | "data" | "data-cr" | "data-lf" | "trailers";

/**
 * Follows the chunked coding (RFC 9112 §7.1) through bytes as they come, in pieces of any size. The bytes themselves are
 * passed on as they are; this only finds the end and refuses what parsers could read in two ways: a bare LF, a size that
 * is no plain hex number, a missing CRLF after a chunk.
 */
export interface ChunkScanner {
  /**
   * Goes through `bytes[from, to)`. Returns where the body ends within it (the index after its last byte), -1 if it
   * goes on, or -2 if it breaks the rules. `data` is told each run of chunk data.
   */
  scan(bytes: Buffer, from: number, to: number, data?: (from: number, to: number) => void): number;
}

export const GOES_ON = -1;
export const BROKEN = -2;

export function chunkScanner(): ChunkScanner {
  let step: Step = "size";
  let size = 0;
  let digits = 0;
  let lineLength = 0;
  let trailers = "";

  function scan(bytes: Buffer, from: number, to: number, data?: (from: number, to: number) => void): number {
    let at = from;
    while (at < to) {
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
      switch (step) {
        case "size": {
          const digit = hexDigit(byte);
          if (digit >= 0) {
            // 13 hex digits stay below 2^53, where numbers are exact.
            if (++digits > 13) return BROKEN;
            size = size * 16 + digit;
          } else if (digits === 0) return BROKEN;
          else if (byte === 0x0d) step = "size-lf";
          else if (byte === 0x3b) {
            lineLength = digits;
            step = "extension";
          } else return BROKEN;
          break;
        }
        case "extension":
          if (byte === 0x0d) step = "size-lf";
          else if (++lineLength > MAX_SIZE_LINE || (byte < 0x20 && byte !== 0x09) || byte === 0x7f) return BROKEN;
          break;
        case "size-lf":
          if (byte !== 0x0a) return BROKEN;
          step = size === 0 ? "trailers" : "data";
          digits = 0;
          break;
        case "data-cr":
          if (byte !== 0x0d) return BROKEN;
          step = "data-lf";
          break;
        case "data-lf":
          if (byte !== 0x0a) return BROKEN;
          step = "size";
          break;
        case "trailers":
          trailers += String.fromCharCode(byte);
          if (byte === 0x0a && (trailers === "\r\n" || trailers.endsWith("\r\n\r\n"))) {
            return validTrailers(trailers.slice(0, -2)) ? at : BROKEN;
          }
          if (trailers.length > MAX_TRAILERS) return BROKEN;
          break;
      }
    }
    return GOES_ON;
  }

  return { scan };
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
