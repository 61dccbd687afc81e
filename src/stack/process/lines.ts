import { StringDecoder } from "node:string_decoder";

/** A line longer than this is cut into several, UTF-16 code units. */
const LONGEST = 64 * 1024;

export interface LineSplitter {
  readonly write: (chunk: Buffer) => void;
  /** The stream has ended: what is left is a line too. */
  readonly end: () => void;
}

/** Text that is no line (yet): `drawnOver` by a `\r` for good, or the beginning of a line whose end hasn't come. */
export type OnPiece = (text: string, drawnOver: boolean) => void;

/**
 * Cuts a stream of bytes into lines: UTF-8 across chunks, CRLF, and of a progress bar's redraws (`\r`) only the last.
 * `onPiece` sees the others, and what stands there without a line end.
 */
export function lineSplitter(onLine: (text: string) => void, onPiece?: OnPiece): LineSplitter {
  const decoder = new StringDecoder("utf8");
  let rest = "";

  function take(text: string): void {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) emit(part);
    // What a progress bar has drawn over is gone; a `\r` at the very end may still be half a CRLF.
    rest = lastDrawing(rest, rest.length - 2);
    rest = cut(rest);
    if (rest !== "" && onPiece !== undefined) onPiece(rest.replace(/\r$/, ""), false);
  }

  function emit(line: string): void {
    const drawn = line.replace(/\r+$/, "");
    onLine(cut(lastDrawing(drawn, drawn.length - 1)));
  }

  /** What follows the last `\r` up to `end`. */
  function lastDrawing(line: string, end: number): string {
    const last = line.lastIndexOf("\r", end);
    if (last === -1) return line;
    if (onPiece !== undefined) for (const drawn of line.slice(0, last).split("\r")) onPiece(drawn, true);
    return line.slice(last + 1);
  }

  /** Emits whole pieces of a line that is too long; returns what is left of it. */
  function cut(line: string): string {
    let left = line;
    while (left.length > LONGEST) {
      // Not through the middle of a character.
      const end = /[\uD800-\uDBFF]/.test(left.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
      onLine(left.slice(0, end));
      left = left.slice(end);
    }
    return left;
  }

  return {
    write: (chunk) => take(decoder.write(chunk)),
    end: () => {
      const last = decoder.end();
      if (last !== "") take(last);
      if (rest !== "") emit(rest);
      rest = "";
    },
  };
}
