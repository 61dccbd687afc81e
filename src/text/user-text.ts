/**
 * Files that people write: configs, env files, SQL, scenarios, archives. Editors and shells save them as UTF-8 or UTF-16, with
 * a byte order mark or without; everything of the user's goes through here, so that all of it is read alike.
 */
import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/** Why a file, or its bytes, can't be read as text. */
export interface Unreadable {
  /** `is a folder`, `isn't UTF-8 text in line 3`. */
  readonly unreadable: string;
  /** From 1, where it is about a line. */
  readonly line?: number;
  /** Whether there is no such file at all. */
  readonly isMissing?: true;
}

/** The largest text that is read, bytes. */
const MOST = 256 * 1024 * 1024;
/** How long a pipe that nobody writes to is waited for, ms. */
const PIPE_TIME = 2_000;
const PIPE_PAUSE = 10;

/**
 * The text of a file, without its byte order mark. UTF-8, UTF-16 with a mark, and UTF-16 that begins with ASCII. A pipe is
 * waited for at most 2 s. `most` is in bytes.
 */
export function readUserText(file: string, most: number = MOST): string | Unreadable {
  const bytes = readBytes(file, most);
  return Buffer.isBuffer(bytes) ? decodeUserText(bytes) : bytes;
}

/** The text that bytes of a user's file hold, without a byte order mark. */
export function decodeUserText(bytes: Uint8Array): string | Unreadable {
  const encoding = encodingOf(bytes);
  if (encoding === "utf-32") return { unreadable: "is UTF-32 text; save it as UTF-8" };
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    if (encoding !== "utf-8") return { unreadable: "is broken UTF-16 text; save it as UTF-8" };
    const line = brokenLine(bytes);
    return { unreadable: `isn't UTF-8 text in line ${line}; save it as UTF-8`, line };
  }
}

/** What a JSON file holds; undefined where it can't be read or holds something else. */
export function readUserJson(file: string): unknown {
  const text = readUserText(file);
  try {
    return isUnreadable(text) ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isUnreadable(result: unknown): result is Unreadable {
  return typeof result === "object" && result !== null && "unreadable" in result;
}

/** By its mark, else by the zero byte of a first ASCII letter (YAML 1.2 §5.2). */
function encodingOf([a, b, c, d]: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" | "utf-32" {
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0)) return "utf-32";
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  if (a === undefined || b === undefined) return "utf-8";
  if (a !== 0 && b === 0) return "utf-16le";
  return a === 0 ? "utf-16be" : "utf-8";
}

/** From 1. No byte of a longer letter is a line feed. */
function brokenLine(bytes: Uint8Array): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const feed = bytes.indexOf(10, start);
    const end = feed === -1 ? bytes.length : feed;
    if (!isUtf8(bytes.subarray(start, end))) break;
    start = end + 1;
  }
  return line;
}

function readBytes(file: string, most: number): Buffer | Unreadable {
  let handle: number;
  try {
    // A pipe without a writer would hold up the open itself.
    handle = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    return whyNot(error);
  }
  try {
    return readAll(handle, most);
  } catch (error) {
    return whyNot(error);
  } finally {
    closeSync(handle);
  }
}

function readAll(handle: number, most: number): Buffer | Unreadable {
  const pipe = fstatSync(handle).isFIFO();
  const chunks: Buffer[] = [];
  let size = 0;
  for (const until = Date.now() + PIPE_TIME; ; ) {
    const chunk = Buffer.allocUnsafe(64 * 1024);
    const length = readSome(handle, chunk);
    if (length > 0) {
      chunks.push(chunk.subarray(0, length));
      size += length;
      if (size > most) return { unreadable: `is larger than ${most / 1024 / 1024} MiB` };
    } else if (length === 0 && (!pipe || size > 0)) {
      return Buffer.concat(chunks);
    } else {
      if (Date.now() > until) return { unreadable: `is a pipe that nobody wrote to for ${PIPE_TIME / 1000} s` };
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PIPE_PAUSE);
    }
  }
}

/** -1: nothing yet. */
function readSome(handle: number, into: Buffer): number {
  try {
    return readSync(handle, into, 0, into.length, null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return -1;
    throw error;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "isn't there",
  ENOTDIR: "isn't there",
  EISDIR: "is a folder",
  EACCES: "may not be read by this user",
  EPERM: "may not be read by this user",
  ELOOP: "is a link that leads back to itself",
  ENXIO: "is a socket",
};

function whyNot(error: unknown): Unreadable {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const unreadable = REASONS[code] ?? `can't be read: ${message}`;
  return { unreadable, ...((code === "ENOENT" || code === "ENOTDIR") && { isMissing: true }) };
}
