import { STRICT_VALUE, TOKEN_BYTES } from "./byte-classes.ts";
import { isForbiddenTrailer } from "./fields.ts";

/** Longest line of a chunk's size with its extensions, bytes. */
const MAX_SIZE_LINE = 256;
/** Longest trailer section, bytes. */
const MAX_TRAILERS = 8 * 1024;
/** 13 hex digits stay below 2^53, where numbers are exact. */
const MAX_DIGITS = 13;

/** Where in the coding the next byte stands; RFC 9112 §7.1 gives the grammar that these spell out. */
type Step =
  | "size"
  | "size-blank"
  | "extension"
  | "extension-name"
  | "extension-equals"
  | "extension-value"
  | "extension-quoted"
  | "extension-pair"
  | "extension-end"
  | "extension-any"
  | "size-lf"
  | "data"
  | "data-cr"
  | "data-lf"
  | "trailer"
  | "trailer-name"
  | "trailer-value"
  | "trailer-lf"
  | "end-lf";

/** Told of a run of chunk data: where it begins and ends in the bytes that are scanned. */
export type OnData = (from: number, to: number) => void;

/**
 * Follows the chunked coding through bytes as they come, in pieces of any size. The bytes themselves are passed on as they
 * are; this only finds the end and refuses what parsers could read in two ways: a size that is no plain hex number, a missing
 * line end after a chunk, trailers that would change the message.
 */
export interface ChunkScanner {
  /** Begins a new body. */
  reset(): void;
  /**
   * Goes through `bytes[from, to)`. Returns where the body ends within it (the index after its last byte), GOES_ON, or
   * BROKEN. `data` is told each run of chunk data.
   */
  scan(bytes: Buffer, from: number, to: number, data?: OnData): number;
  /** The lines of the trailer section, each with its CRLF, once the body has ended; mostly empty. */
  trailers(): string;
}

export const GOES_ON = -1;
export const BROKEN = -2;

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;

interface ChunkState {
  step: Step;
  /** Of the chunk, as far as its digits are read; then what is left of its data. */
  size: number;
  digits: number;
  /** Bytes of the size line beyond its digits, or of the trailers. */
  length: number;
  /** Of a trailer. */
  name: string;
  /** All lines of the trailer section so far. */
  trailers: string;
}

/**
 * `lenient` is for responses: as browsers and nginx do, it takes blanks behind a size, any text as an extension and lines that
 * end in LF. Requests are read by the letter of the grammar.
 */
export function chunkScanner(lenient = false): ChunkScanner {
  const state: ChunkState = { step: "size", size: 0, digits: 0, length: 0, name: "", trailers: "" };
  const take = lenient ? takeLenient : takeStrict;
  return {
    reset: () => {
      state.step = "size";
      state.size = 0;
      state.digits = 0;
      state.length = 0;
      state.trailers = "";
    },
    trailers: () => state.trailers,
    scan: (bytes, from, to, data) => {
      for (let at = from; at < to; ) {
        if (state.step === "data") {
          const run = Math.min(state.size, to - at);
          data?.(at, at + run);
          at += run;
          state.size -= run;
          if (state.size > 0) return GOES_ON;
          state.step = "data-cr";
          continue;
        }
        const byte = bytes[at++] ?? 0;
        if (state.step === "end-lf") return byte === LF ? at : BROKEN;
        if (lenient && byte === LF && state.step === "trailer") return at;
        const next = take(state, byte);
        if (next === null) return BROKEN;
        state.step = next;
      }
      return GOES_ON;
    },
  };
}

/** What a response may have beyond the grammar; all else is read strictly. */
function takeLenient(state: ChunkState, byte: number): Step | null {
  switch (state.step) {
    case "size":
      // Leading zeros don't make a number large.
      if (byte === 0x30 && state.size === 0 && state.digits > 0) return bounded(state, "size", MAX_SIZE_LINE);
      if (state.digits > 0 && hexDigit(byte) < 0) return afterSizeLenient(state, byte);
      break;
    case "size-blank":
      return afterSizeLenient(state, byte);
    case "extension-any":
      if (byte === LF || byte === CR) return afterSizeLenient(state, byte);
      return isText(byte) ? bounded(state, "extension-any", MAX_SIZE_LINE) : null;
    case "data-cr":
      if (byte === LF) return "size";
      break;
    case "trailer-value":
      if (byte === LF) return trailerEnds(state);
      break;
    default:
  }
  return takeStrict(state, byte);
}

function afterSizeLenient(state: ChunkState, byte: number): Step | null {
  if (byte === LF) return sizeEnds(state);
  if (byte === CR) return "size-lf";
  if (byte === SPACE || byte === TAB) return bounded(state, "size-blank", MAX_SIZE_LINE);
  return byte === SEMICOLON ? bounded(state, "extension-any", MAX_SIZE_LINE) : null;
}

/** The step after this byte; null: it has no business here. */
function takeStrict(state: ChunkState, byte: number): Step | null {
  switch (state.step) {
    case "size": {
      const digit = hexDigit(byte);
      if (digit >= 0) {
        state.size = state.size * 16 + digit;
        return ++state.digits > MAX_DIGITS ? null : "size";
      }
      return state.digits === 0 ? null : afterSize(state, byte);
    }
    case "size-lf":
      return byte === LF ? sizeEnds(state) : null;
    case "data-cr":
      return byte === CR ? "data-lf" : null;
    case "data-lf":
      return byte === LF ? "size" : null;
    case "trailer":
      if (byte === CR) return "end-lf";
      state.name = String.fromCharCode(byte);
      return isToken(byte) ? bounded(state, "trailer-name", MAX_TRAILERS) : null;
    case "trailer-name":
      if (byte === COLON) {
        state.trailers += `${state.name}:`;
        return isForbiddenTrailer(state.name) ? null : bounded(state, "trailer-value", MAX_TRAILERS);
      }
      state.name += String.fromCharCode(byte);
      return isToken(byte) ? bounded(state, "trailer-name", MAX_TRAILERS) : null;
    case "trailer-value":
      if (byte === CR) return "trailer-lf";
      state.trailers += String.fromCharCode(byte);
      return isText(byte) ? bounded(state, "trailer-value", MAX_TRAILERS) : null;
    case "trailer-lf":
      return byte === LF ? trailerEnds(state) : null;
    default:
      return takeExtension(state, byte);
  }
}

function takeExtension(state: ChunkState, byte: number): Step | null {
  switch (state.step) {
    case "extension":
      return isToken(byte) ? bounded(state, "extension-name", MAX_SIZE_LINE) : null;
    case "extension-name":
      if (isToken(byte)) return bounded(state, "extension-name", MAX_SIZE_LINE);
      return byte === EQUALS ? bounded(state, "extension-equals", MAX_SIZE_LINE) : afterSize(state, byte);
    case "extension-equals":
      if (byte === QUOTE) return bounded(state, "extension-quoted", MAX_SIZE_LINE);
      return isToken(byte) ? bounded(state, "extension-value", MAX_SIZE_LINE) : null;
    case "extension-value":
      return isToken(byte) ? bounded(state, "extension-value", MAX_SIZE_LINE) : afterSize(state, byte);
    case "extension-quoted":
      if (byte === QUOTE) return "extension-end";
      if (byte === BACKSLASH) return bounded(state, "extension-pair", MAX_SIZE_LINE);
      return isText(byte) ? bounded(state, "extension-quoted", MAX_SIZE_LINE) : null;
    // RFC 9110 §5.6.4: the byte after a backslash stands for itself, a quote too.
    case "extension-pair":
      return isText(byte) ? bounded(state, "extension-quoted", MAX_SIZE_LINE) : null;
    case "extension-end":
      return afterSize(state, byte);
    default:
      return null;
  }
}

function afterSize(state: ChunkState, byte: number): Step | null {
  if (byte === CR) return "size-lf";
  return byte === SEMICOLON ? bounded(state, "extension", MAX_SIZE_LINE) : null;
}

function sizeEnds(state: ChunkState): Step {
  state.digits = 0;
  state.length = 0;
  return state.size === 0 ? "trailer" : "data";
}

function trailerEnds(state: ChunkState): Step {
  state.trailers += "\r\n";
  return "trailer";
}

function bounded(state: ChunkState, next: Step, most: number): Step | null {
  return ++state.length > most ? null : next;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function isToken(byte: number): boolean {
  return TOKEN_BYTES[byte] === 1;
}

function isText(byte: number): boolean {
  return STRICT_VALUE[byte] === 1;
}
