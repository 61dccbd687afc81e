import { StringDecoder } from "node:string_decoder";

/** A line longer than this is cut into several, characters. */
const LONGEST = 64 * 1024;

/** Cuts a stream of bytes into lines: UTF-8 across chunks, CRLF, and of a progress bar's redraws (`\r`) only the last. */
export function lineSplitter(onLine: (text: string) => void): { write: (chunk: Buffer) => void; end: () => void } {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const emit = (line: string) => onLine(line.slice(line.replace(/\r+$/, "").lastIndexOf("\r") + 1).replace(/\r+$/, ""));
  const take = (text: string) => {
    rest += text;
    let from = 0;
    for (let end = rest.indexOf("\n"); end !== -1; end = rest.indexOf("\n", from)) {
      emit(rest.slice(from, end));
      from = end + 1;
    }
    rest = rest.slice(from);
    while (rest.length > LONGEST) {
      emit(rest.slice(0, LONGEST));
      rest = rest.slice(LONGEST);
    }
  };
  return {
    write: (chunk) => take(decoder.write(chunk)),
    end: () => {
      take(decoder.end());
      if (rest !== "") emit(rest);
      rest = "";
    },
  };
}
