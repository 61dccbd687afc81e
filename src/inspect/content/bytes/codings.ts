import type { Transform } from "node:stream";
import {
  brotliDecompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from "node:zlib";

/** A body whose Content-Encoding was undone as far as it went. */
export interface Decoded {
  readonly bytes: Buffer;
  /** What was undone, in the order in which it had been applied: `gzip, br`; null for none. */
  readonly coding: string | null;
  /** The bytes end early: the body was cut, or there would be more than the bound. */
  readonly cut: boolean;
  /** Why it went no further, in words. */
  readonly problem: string | null;
}

const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH, ZSTD_e_flush } = constants;
/** Flushed at the end instead of finished: an input that was cut gives what it holds, and no error. */
const ZLIB = { finishFlush: Z_SYNC_FLUSH };

const BROTLI = { finishFlush: BROTLI_OPERATION_FLUSH };
const ZSTD = { finishFlush: ZSTD_e_flush };

/** Each coding (RFC 9110 §8.4.1, RFC 7932, RFC 8878) and its decoder. */
const CODINGS: Readonly<Record<string, (bytes: Buffer) => Transform>> = {
  gzip: () => createGunzip(ZLIB),
  "x-gzip": () => createGunzip(ZLIB),
  // Some servers leave out zlib's two bytes in front: RFC 9110 §8.4.1.2 notes it.
  deflate: (bytes) => (hasZlibHead(bytes) ? createInflate(ZLIB) : createInflateRaw(ZLIB)),
  br: () => createBrotliDecompress(BROTLI),
  zstd: () => createZstdDecompress(ZSTD),
};

function hasZlibHead(bytes: Buffer): boolean {
  return ((bytes[0] ?? 0) & 0x0f) === 8;
}

const AT_ONCE: Readonly<Record<string, (bytes: Buffer, maxOutputLength: number) => Buffer>> = {
  gzip: (bytes, maxOutputLength) => gunzipSync(bytes, { ...ZLIB, maxOutputLength }),
  deflate: (bytes, maxOutputLength) =>
    (hasZlibHead(bytes) ? inflateSync : inflateRawSync)(bytes, { ...ZLIB, maxOutputLength }),
  br: (bytes, maxOutputLength) => brotliDecompressSync(bytes, { ...BROTLI, maxOutputLength }),
  zstd: (bytes, maxOutputLength) => zstdDecompressSync(bytes, { ...ZSTD, maxOutputLength }),
};

/** Undoes one coding at once, for what can't wait; null where it is another, broken, stacked, or more than `most` comes out. */
export function undoAtOnce(bytes: Buffer, field: string | null, most: number): Decoded | null {
  const coding = (field ?? "").trim().toLowerCase();
  if (coding === "" || coding === "identity") return { bytes, coding: null, cut: false, problem: null };
  try {
    const out = AT_ONCE[coding]?.(bytes, most);
    return out === undefined ? null : { bytes: out, coding, cut: false, problem: null };
  } catch {
    return null;
  }
}

/** The most codings of one body: each costs a pass. */
const MOST_CODINGS = 4;

/** Undoes the codings of a field such as `gzip, br`, in threads of the pool; `most`: bytes that come out at the most. */
export async function undoCodings(bytes: Buffer, field: string | null, most: number): Promise<Decoded> {
  const names = (field ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity");
  if (names.length === 0 || bytes.length === 0) return { bytes, coding: null, cut: false, problem: null };
  if (names.length > MOST_CODINGS) {
    return { bytes, coding: null, cut: false, problem: `${names.length} codings on top of each other are not undone` };
  }
  const undone: string[] = [];
  let content = bytes;
  let cut = false;
  let problem: string | null = null;
  for (const name of names.reverse()) {
    const decoder = Object.hasOwn(CODINGS, name) ? CODINGS[name] : undefined;
    if (decoder === undefined) {
      problem = `there is no decoder for the coding ${name}`;
      break;
    }
    const out = await run(decoder(content), content, most);
    // Nothing could be decoded: it is shown as it came.
    if (out.problem !== null && out.bytes.length === 0) {
      problem = `is not ${name}: ${out.problem}`;
      break;
    }
    undone.unshift(name);
    content = out.bytes;
    cut ||= out.cut;
    if (out.problem !== null) problem = `the ${name} breaks off: ${out.problem}`;
  }
  return { bytes: content, coding: undone.length === 0 ? null : undone.join(", "), cut, problem };
}

async function run(
  decoder: Transform,
  bytes: Buffer,
  most: number,
): Promise<{ bytes: Buffer; cut: boolean; problem: string | null }> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    decoder.end(bytes);
    for await (const chunk of decoder as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      // A decompression bomb: the rest isn't decoded, since leaving the loop destroys the stream.
      if (size > most) break;
    }
  } catch (error) {
    return { bytes: Buffer.concat(chunks, Math.min(size, most)), cut: true, problem: (error as Error).message };
  }
  return { bytes: Buffer.concat(chunks, Math.min(size, most)), cut: size > most, problem: null };
}
