import { StringDecoder } from "node:string_decoder";

/** A line longer than this is cut into several, UTF-16 code units. */
const LONGEST = 64 * 1024;

export interface LineSplitter {
  readonly write: (chunk: Buffer) => void;
  /** The stream has ended: what is left is a line too. */
  readonly end: () => void;
}

/** Cuts a stream of bytes into lines: UTF-8 across chunks, CRLF, and of a progress bar's redraws (`\r`) only the last. */
export function lineSplitter(onLine: (text: string) => void): LineSplitter {
  const decoder = new StringDecoder("utf8");
  let rest = "";

  function take(text: string): void {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) emit(part);
    // What a progress bar has drawn over is gone; a `\r` at the very end may still be half a CRLF.
    rest = rest.slice(rest.lastIndexOf("\r", rest.length - 2) + 1);
    rest = cut(rest);
  }

  function emit(line: string): void {
    const drawn = line.replace(/\r+$/, "");
    onLine(cut(drawn.slice(drawn.lastIndexOf("\r") + 1)));
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
      take(decoder.end());
      if (rest !== "") emit(rest);
      rest = "";
    },
  };
}
